import { forbidden, invalid, notSupported, required, tooLong } from '../field-error.ts';
import { byteLength } from '../go-format.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors, nameIsLabel, pathSegmentErrors } from '../meta/formats.ts';
import { type JsonObject, listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { networkHolds, parseCidr, parseIp } from './ip-address.ts';
import type { Validator } from './registry.ts';
import {
  type Check,
  each,
  eachText,
  gather,
  has,
  immutable,
  objectAt,
  oneOf,
  optionalFormat,
  type Report,
  requiredFormat,
  requiredText,
  says,
  textsAt,
} from './validate-fields.ts';
import {
  checkDomainPath,
  cidrErrors,
  ipErrors,
  portErrors,
  portNameErrors,
  portNumberErrors,
  wildcardSubdomainErrors,
} from './validate-formats.ts';
import { checkMetadataAgain } from './validate-metadata.ts';
import { checkLabelSelector } from './validate-selectors.ts';

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const classAnnotation = 'kubernetes.io/ingress.class';

function checkTypedReference(reference: JsonObject, field: string, report: Report): void {
  const group = reference.apiGroup;
  if (typeof group === 'string') says(dns1123SubdomainErrors(group), `${field}.apiGroup`, group, report);
  requiredFormat(reference, 'kind', field, pathSegmentErrors, report);
  requiredFormat(reference, 'name', field, pathSegmentErrors, report);
}

const checkBackend: Check = (backend, field, report) => {
  const [service, resource] = [objectAt(backend, 'service'), objectAt(backend, 'resource')];
  if (service !== undefined && resource !== undefined) {
    report(invalid(field, '', 'cannot set both resource and service backends'));
  } else if (resource !== undefined) checkTypedReference(resource, `${field}.resource`, report);
  else if (service === undefined) report(invalid(field, '', 'resource or service backend is required'));
  else {
    requiredFormat(service, 'name', `${field}.service`, dns1035LabelErrors, report);
    const [name, number] = [stringAt(service, 'port', 'name'), numberAt(service, 'port', 'number') ?? 0];
    const path = `${field}.service.port`;
    if (name !== '' && number !== 0) report(invalid(field, '', 'cannot set both port name & port number'));
    else if (name !== '') says(portNameErrors(name), `${path}.name`, name, report);
    else if (number !== 0) says(portNumberErrors(number), `${path}.number`, number, report);
    else report(required(field, 'port name or number is required'));
  }
};

function checkPath(path: JsonObject, field: string, report: Report): void {
  const [type, text] = [stringAt(path, 'pathType'), stringAt(path, 'path')];
  const not = (why: string): void => report(invalid(`${field}.path`, text, why));
  if (!has(path, 'pathType')) {
    report(required(`${field}.pathType`, 'pathType must be specified'));
    return;
  }
  if (!pathTypes.includes(type)) report(notSupported(`${field}.pathType`, type, pathTypes));
  else {
    const free = type === 'ImplementationSpecific';
    if (!text.startsWith('/') && !(free && text === '')) not('must be an absolute path');
    for (const part of free ? [] : ['//', '/./', '/../', '%2f', '%2F']) {
      if (text.includes(part)) not(`must not contain '${part}'`);
    }
    for (const end of free ? [] : ['/..', '/.']) if (text.endsWith(end)) not(`cannot end with '${end}'`);
  }
  checkBackend(objectAt(path, 'backend') ?? {}, `${field}.backend`, report);
}

function hostErrors(host: string): readonly string[] {
  return host.includes('*') ? wildcardSubdomainErrors(host) : dns1123SubdomainErrors(host);
}

/** @see k8s.io/kubernetes pkg/apis/networking/validation `ValidateIngressSpec` */
function checkIngressSpec(spec: JsonObject, report: Report): void {
  const backend = objectAt(spec, 'defaultBackend');
  if (listAt(spec, 'rules').length === 0 && backend === undefined) {
    report(invalid('spec', spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (backend !== undefined) checkBackend(backend, 'spec.defaultBackend', report);
  each(spec, 'rules', 'spec', (rule, path) => {
    const host = stringAt(rule, 'host');
    if (parseIp(host) !== undefined) report(invalid(`${path}.host`, host, 'must be a DNS name, not an IP address'));
    if (host !== '') says(hostErrors(host), `${path}.host`, host, report);
    const http = objectAt(rule, 'http');
    if (http === undefined) return;
    if (listAt(http, 'paths').length === 0) report(required(`${path}.http.paths`));
    each(http, 'paths', `${path}.http`, (one, at) => checkPath(one, at, report));
  });
  each(spec, 'tls', 'spec', (tls, path) => {
    eachText(tls, 'hosts', path, (host, at) => says(hostErrors(host), at, host, report));
    optionalFormat(tls, 'secretName', path, dns1123SubdomainErrors, report);
  });
  const name = spec.ingressClassName;
  if (typeof name === 'string') says(dns1123SubdomainErrors(name), 'spec.ingressClassName', name, report);
}

export const validateIngress: Validator = (ingress, old, subresource) =>
  gather((report) => {
    if (subresource === 'status') {
      const path = 'status.loadBalancer';
      each(valueAt(ingress, 'status', 'loadBalancer'), 'ingress', path, (point, at) => {
        optionalFormat(point, 'ip', at, ipErrors, report);
        optionalFormat(point, 'hostname', at, dns1123SubdomainErrors, report);
        const name = stringAt(point, 'hostname');
        if (parseIp(name) !== undefined) {
          report(invalid(`${at}.hostname`, name, 'must be a DNS name, not an IP address'));
        }
      });
      return;
    }
    if (old !== undefined) checkMetadataAgain(ingress, report);
    const spec = objectAt(ingress, 'spec') ?? {};
    checkIngressSpec(spec, report);
    const annotated = ingress.metadata.annotations?.[classAnnotation];
    if (old !== undefined || annotated === undefined || !has(spec, 'ingressClassName')) return;
    if (annotated === spec.ingressClassName) return;
    const why = 'must match `ingressClassName` when both are specified';
    report(invalid(`annotations.${classAnnotation}`, annotated, why));
  });

/** @see k8s.io/kubernetes pkg/apis/networking/validation `validateIngressClassSpec` */
export const validateIngressClass: Validator = (ingressClass, old) =>
  gather((report) => {
    const controller = stringAt(ingressClass, 'spec', 'controller');
    if (old !== undefined) {
      immutable(controller, stringAt(old, 'spec', 'controller'), 'spec.controller', report);
      checkMetadataAgain(ingressClass, report, undefined, false);
    }
    if (byteLength(controller) > 250) report(tooLong('spec.controller', 250));
    checkDomainPath(controller, 'spec.controller', report);
    const parameters = objectAt(ingressClass, 'spec', 'parameters');
    if (parameters === undefined) return;
    const path = 'spec.parameters';
    checkTypedReference(parameters, path, report);
    const [scope, namespace] = [stringAt(parameters, 'scope'), parameters.namespace];
    const set = namespace !== undefined && namespace !== null;
    if (scope !== 'Namespace' && scope !== 'Cluster') {
      report(notSupported(`${path}.scope`, scope, ['Cluster', 'Namespace']));
    } else if (scope === 'Cluster') {
      if (set) report(forbidden(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'"));
    } else if (!set) report(required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'"));
    else says(nameIsLabel(String(namespace), false), `${path}.namespace`, namespace, report);
  });

function checkPolicyPort(port: JsonObject, field: string, report: Report): void {
  if (has(port, 'protocol')) oneOf(port, 'protocol', field, ['TCP', 'UDP', 'SCTP'], report, 'unsupported');
  const [first, last] = [port.port, numberAt(port, 'endPort')];
  const path = `${field}.endPort`;
  if (first === undefined || first === null) {
    if (last !== undefined) report(invalid(path, last, 'may not be specified when `port` is not specified'));
  } else if (typeof first === 'number') {
    says(portNumberErrors(first), `${field}.port`, first, report);
    if (last === undefined) return;
    // The real server shows the port here, not its end.
    if (last < first) report(invalid(path, first, 'must be greater than or equal to `port`'));
    says(portNumberErrors(last), path, last, report);
  } else {
    if (last !== undefined) report(invalid(path, last, 'may not be specified when `port` is non-numeric'));
    says(portErrors(first), `${field}.port`, first, report);
  }
}

function checkPeer(peer: JsonObject, field: string, report: Report): void {
  const kinds = ['podSelector', 'namespaceSelector', 'ipBlock'].filter((kind) => has(peer, kind));
  for (const kind of ['podSelector', 'namespaceSelector']) checkLabelSelector(peer[kind], `${field}.${kind}`, report);
  const block = objectAt(peer, 'ipBlock');
  if (block !== undefined) checkIpBlock(block, `${field}.ipBlock`, report);
  if (kinds.length === 0) report(required(field, 'must specify a peer'));
  else if (kinds.length > 1 && block !== undefined) {
    report(forbidden(field, 'may not specify both ipBlock and another peer'));
  }
}

function checkIpBlock(block: JsonObject, field: string, report: Report): void {
  const cidr = requiredText(block, 'cidr', field, report);
  if (cidr === '') return;
  says(cidrErrors(cidr), `${field}.cidr`, cidr, report);
  const whole = parseCidr(cidr);
  if (whole === undefined) return;
  eachText(block, 'except', field, (text, path) => {
    says(cidrErrors(text), path, text, report);
    const part = parseCidr(text);
    if (part === undefined) return;
    if (networkHolds(whole, part.address) && whole.prefixLength < part.prefixLength) return;
    report(invalid(path, text, 'must be a strict subset of `cidr`'));
  });
}

/** @see k8s.io/kubernetes pkg/apis/networking/validation `ValidateNetworkPolicySpec` */
function checkPolicySpec(policy: ServerObject, report: Report): void {
  const spec = objectAt(policy, 'spec') ?? {};
  checkLabelSelector(spec.podSelector, 'spec.podSelector', report);
  for (const [direction, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    each(spec, direction, 'spec', (rule, path) => {
      each(rule, 'ports', path, (port, at) => checkPolicyPort(port, at, report));
      each(rule, peers, path, (peer, at) => checkPeer(peer, at, report));
    });
  }
  const types = textsAt(spec, 'policyTypes');
  if (types.length > 2) report(invalid('spec.policyTypes', types, 'may not specify more than two policyTypes'));
  else {
    eachText(spec, 'policyTypes', 'spec', (type, path) => {
      if (!['Ingress', 'Egress'].includes(type)) report(notSupported(path, type, ['Ingress', 'Egress']));
    });
  }
}

/** An update is checked as a new object first, then as an update. */
export const validateNetworkPolicy: Validator = (policy, old) =>
  gather((report) => {
    checkPolicySpec(policy, report);
    if (old === undefined) return;
    checkMetadataAgain(policy, report);
    checkPolicySpec(policy, report);
  });
