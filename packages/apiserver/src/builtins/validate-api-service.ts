import { invalid, notSupported, required } from '../field-error.ts';
import { quote } from '../go-format.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors, nameIsPathSegment, pathSegmentErrors } from '../meta/formats.ts';
import { type JsonObject, numberAt, type ServerObject, stringAt } from '../object.ts';
import type { Validator } from './registry.ts';
import { each, gather, objectAt, type Report, requiredText, says } from './validate-fields.ts';
import { portNumberErrors } from './validate-formats.ts';
import { checkMetadataAgain } from './validate-metadata.ts';

const statuses = ['True', 'False', 'Unknown'];

function checkPriority(spec: JsonObject, name: string, highest: number, report: Report): void {
  const value = numberAt(spec, name) ?? 0;
  if (value <= 0 || value > highest)
    report(invalid(`spec.${name}`, value, `must be positive and less than ${highest}`));
}

function checkIdentity({ metadata }: ServerObject, spec: JsonObject, report: Report): void {
  const { name = '' } = metadata;
  const [group, version] = [stringAt(spec, 'group'), stringAt(spec, 'version')];
  const wanted = `${version}.${group}`;
  if (name !== wanted && pathSegmentErrors(name).length === 0) {
    report(invalid('metadata.name', name, `must be \`spec.version+"."+spec.group\`: ${quote(wanted)}`));
  }
  if (group === '' && version !== 'v1') {
    report(required('spec.group', 'only v1 may have an empty group and it better be legacy kube'));
  }
  if (group !== '') says(dns1123SubdomainErrors(group), 'spec.group', group, report);
  says(dns1035LabelErrors(version), 'spec.version', version, report);
}

function checkServer(spec: JsonObject, report: Report): void {
  const bundle = Buffer.from(stringAt(spec, 'caBundle'), 'base64');
  const insecure = spec.insecureSkipTLSVerify === true;
  const service = objectAt(spec, 'service');
  if (service === undefined) {
    const local = (name: string, value: unknown): void =>
      report(
        invalid(`spec.${name}`, value, `local APIServices may not have ${name === 'caBundle' ? 'a ' : ''}${name}`),
      );
    if (bundle.length > 0) local('caBundle', `${bundle.length} bytes`);
    if (insecure) local('insecureSkipTLSVerify', true);
    return;
  }
  requiredText(service, 'namespace', 'spec.service', report);
  requiredText(service, 'name', 'spec.service', report);
  const port = numberAt(service, 'port') ?? 0;
  const problems = portNumberErrors(port);
  if (problems.length > 0) report(invalid('spec.service.port', port, `port is not valid: ${problems.join(', ')}`));
  if (insecure && bundle.length > 0) {
    report(invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'));
  }
}

/** @see k8s.io/kube-aggregator pkg/apis/apiregistration/validation `ValidateAPIService` */
export const validateApiService: Validator = (service, old, subresource) =>
  gather((report) => {
    if (subresource === 'status') {
      each(service.status, 'conditions', 'status', (condition, path) => {
        const status = stringAt(condition, 'status');
        if (!statuses.includes(status)) report(notSupported(`${path}.status`, status, statuses));
      });
      return;
    }
    if (old !== undefined) checkMetadataAgain(service, report, nameIsPathSegment, false);
    const spec = objectAt(service, 'spec') ?? {};
    checkIdentity(service, spec, report);
    checkPriority(spec, 'groupPriorityMinimum', 20_000, report);
    checkPriority(spec, 'versionPriority', 1_000, report);
    checkServer(spec, report);
  });
