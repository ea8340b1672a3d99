import { X509Certificate } from 'node:crypto';
import { duplicate, forbidden, invalid, notSupported, required, tooLong } from '../field-error.ts';
import { byteLength, quote } from '../go-format.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, nameIsPathSegment } from '../meta/formats.ts';
import { metadataUpdateErrors } from '../meta/validation.ts';
import { type JsonObject, listAt, numberAt, type ServerObject, stringAt } from '../object.ts';
import { type AdmissionPlugin, notAdmitted } from './admission-plugin.ts';
import { CertificateRequestError, readCertificateRequest } from './certificate-request.ts';
import { pemBlocks } from './pem.ts';
import type { Validator } from './registry.ts';
import { each, eachText, gather, objectAt, type Report, says, textsAt } from './validate-fields.ts';
import { checkMetadataAgain } from './validate-metadata.ts';

const usages =
  'any,cert sign,client auth,code signing,content commitment,crl sign,data encipherment,decipher only,digital signature,email protection,encipher only,ipsec end system,ipsec tunnel,ipsec user,key agreement,key encipherment,microsoft sgc,netscape sgc,ocsp signing,s/mime,server auth,signing,timestamping'.split(
    ',',
  );
const decisions = ['Approved', 'Denied'];
const final = [...decisions, 'Failed'];
const clientSigner = 'kubernetes.io/kube-apiserver-client';
const minSeconds = 600;

function bytesAt(owner: unknown, ...path: readonly string[]): Buffer {
  return Buffer.from(stringAt(owner, ...path), 'base64');
}

function checkRequest(spec: JsonObject, report: Report): void {
  const wrong = (why: string): void => report(invalid('spec.request', spec.request ?? null, why));
  try {
    const { signatureProblem } = readCertificateRequest(bytesAt(spec, 'request'));
    if (signatureProblem !== undefined) wrong(signatureProblem);
  } catch (error) {
    if (!(error instanceof CertificateRequestError)) throw error;
    wrong(error.message);
  }
}

function checkUsages(spec: JsonObject, report: Report): void {
  if (listAt(spec, 'usages').length === 0) report(required('spec.usages'));
  eachText(spec, 'usages', 'spec', (usage, path) => {
    if (!usages.includes(usage)) report(notSupported(path, usage, usages));
  });
  const given = textsAt(spec, 'usages');
  eachText(spec, 'usages', 'spec', (usage, path, index) => {
    if (given.indexOf(usage) < index) report(duplicate(path, usage));
  });
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateSignerName` */
function checkSigner(signer: string, path: string, report: Report): void {
  const [domain = '', name = '', ...more] = signer.split('/');
  if (signer === '') report(required(path));
  else if (more.length > 0 || !signer.includes('/')) {
    report(invalid(path, signer, "must be a fully qualified domain and path of the form 'example.com/signer-name'"));
  } else {
    if (byteLength(domain) > 253) report(tooLong(path, 253));
    checkLabels(domain, dns1123LabelErrors, path, report);
    if (!domain.includes('.')) {
      report(invalid(path, domain, 'should be a domain with at least two segments separated by dots'));
    }
    checkLabels(name, dns1123SubdomainErrors, path, report);
    if (byteLength(signer) > 571) report(tooLong(path, 571));
  }
}

/** Only the first label that is wrong is told. */
function checkLabels(text: string, rule: (label: string) => readonly string[], path: string, report: Report): void {
  const label = text.split('.').find((one) => rule(one).length > 0);
  if (label === undefined) return;
  const whys = rule(label).map((why) => `validating label ${quote(label)}: ${why}`);
  says(whys, path, text, report);
}

function checkConditions(request: ServerObject, old: ServerObject | undefined, report: Report): void {
  const types = new Set<string>();
  const tolerant = decisions.every((type) => count(old, type) > 0);
  each(request.status, 'conditions', 'status', (condition, path) => {
    const [type, status] = [stringAt(condition, 'type'), stringAt(condition, 'status')];
    if (type === '') report(required(`${path}.type`));
    const allowed = final.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    if (status === '') report(required(`${path}.status`));
    else if (!allowed.includes(status)) report(notSupported(`${path}.status`, status, allowed));
    const other = decisions.find((one) => decisions.includes(type) && one !== type);
    if (!tolerant && other !== undefined && types.has(other)) {
      report(invalid('status.conditions', type, 'Approved and Denied conditions are mutually exclusive'));
    }
    if (types.has(type)) report(duplicate(`${path}.type`, type));
    types.add(type);
  });
}

function count(request: ServerObject | undefined, type: string): number {
  return listAt(request, 'status', 'conditions').filter((one) => stringAt(one, 'type') === type).length;
}

function checkDecisions(request: ServerObject, old: ServerObject, subresource: string, report: Report): void {
  for (const type of final) {
    if (count(request, type) < count(old, type)) {
      report(forbidden('status.conditions', `updates may not remove a condition of type ${quote(type)}`));
    }
  }
  if (subresource === 'approval') return;
  for (const type of decisions) {
    if (count(request, type) > count(old, type)) {
      report(forbidden('status.conditions', `updates may not add a condition of type ${quote(type)}`));
    }
  }
}

function certificateProblem(pem: Buffer): string | undefined {
  if (pem.length === 0) return undefined;
  const blocks = pemBlocks(pem.toString('latin1'));
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${quote(type)}`;
    if (hasHeaders) return 'no PEM block headers are permitted';
    if (!isCertificate(bytes)) return 'x509: malformed certificate';
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined;
}

function isCertificate(bytes: Buffer): boolean {
  try {
    return new X509Certificate(bytes).raw.length === bytes.length;
  } catch {
    return false;
  }
}

function checkCertificate(request: ServerObject, old: ServerObject | undefined, report: Report): void {
  const [now, before] = [request, old].map((one) => bytesAt(one, 'status', 'certificate'));
  if (now === undefined || before === undefined || (old !== undefined && now.equals(before))) return;
  if (certificateProblem(before) !== undefined) return;
  const problem = certificateProblem(now);
  if (problem !== undefined) report(invalid('status.certificate', '<certificate data>', problem));
}

function checkCertificateChange(request: ServerObject, old: ServerObject, subresource: string, report: Report): void {
  const [now, before] = [stringAt(request, 'status', 'certificate'), stringAt(old, 'status', 'certificate')];
  if (now === before) return;
  if (subresource !== 'status') report(forbidden('status.certificate', 'updates may not set certificate content'));
  else if (before !== '') {
    report(forbidden('status.certificate', 'updates may not modify existing certificate content'));
  }
}

/** @see k8s.io/kubernetes pkg/apis/certificates/validation `validateCertificateSigningRequest` */
export const validateSigningRequest: Validator = (request, old, subresource) =>
  gather((report) => {
    checkMetadataAgain(request, report, nameIsPathSegment, false);
    const spec = objectAt(request, 'spec') ?? {};
    checkRequest(spec, report);
    checkUsages(spec, report);
    const signer = stringAt(spec, 'signerName');
    if (signer === 'kubernetes.io/legacy-unknown') {
      report(invalid('spec.signerName', signer, 'the legacy signerName is not allowed via this API version'));
    } else checkSigner(signer, 'spec.signerName', report);
    const seconds = numberAt(spec, 'expirationSeconds') ?? minSeconds;
    if (seconds < minSeconds) {
      const why = `may not specify a duration less than ${minSeconds} seconds (10 minutes)`;
      report(invalid('spec.expirationSeconds', seconds, why));
    }
    checkConditions(request, old, report);
    checkCertificate(request, old, report);
    if (old === undefined) return;
    checkDecisions(request, old, subresource, report);
    checkCertificateChange(request, old, subresource, report);
    metadataUpdateErrors(request.metadata, old.metadata).forEach(report);
  });

/** Nobody becomes a master of the system by a certificate. @see k8s.io/kubernetes plugin/pkg/admission/certificates/subjectrestriction */
export const certificateSubjects: AdmissionPlugin = {
  resources: ['certificatesigningrequests.certificates.k8s.io'],
  validate(request) {
    const { operation, object } = request;
    if (operation !== 'create' || stringAt(object, 'spec', 'signerName') !== clientSigner) return;
    const { organizations } = readCertificateRequest(bytesAt(object, 'spec', 'request'));
    if (!organizations.includes('system:masters')) return;
    throw notAdmitted(request, `use of ${clientSigner} signer with system:masters group is not allowed`);
  },
};
