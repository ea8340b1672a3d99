import { labelKeyProblems } from '@bowline/apimachinery';
import { duplicate, forbidden, invalid, notSupported, required } from '../field-error.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../meta/formats.ts';
import { labelErrors } from '../meta/validation.ts';
import { type JsonObject, listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { parseIp } from './ip-address.ts';
import type { Validator } from './registry.ts';
import { isHeadless, isReachedFromOutside, needsHealthCheck } from './service-allocation.ts';
import { checkEndpointIp } from './validate-endpoints.ts';
import {
  each,
  eachText,
  gather,
  has,
  objectAt,
  oneOf,
  optionalFormat,
  type Report,
  same,
  says,
  textMapAt,
  textsAt,
} from './validate-fields.ts';
import { cidrErrors, ipErrors, portErrors, portNumberErrors } from './validate-formats.ts';
import { checkClusterIpChanges, checkClusterIps } from './validate-service-addresses.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const protocols = ['SCTP', 'TCP', 'UDP'];
const affinities = ['ClientIP', 'None'];
const trafficPolicies = ['Cluster', 'Local'];
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const maxAffinitySeconds = 86_400;
const onlyBalancers = "may only be used when `type` is 'LoadBalancer'";
const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const hints = 'service.kubernetes.io/topology-aware-hints';
const mode = 'service.kubernetes.io/topology-mode';

function checkType(spec: JsonObject, type: string, report: Report): void {
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec)) {
    report(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  }
  if (type !== 'ExternalName') return;
  for (const field of ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) {
    const value = spec[field];
    if (Array.isArray(value) ? value.length === 0 : value === undefined || value === null) continue;
    report(forbidden(`spec.${field}`, 'may not be set for ExternalName services'));
  }
  const name = stringAt(spec, 'externalName').replace(/\.$/, '');
  if (name === '') report(required('spec.externalName'));
  else says(dns1123SubdomainErrors(name), 'spec.externalName', name, report);
}

function checkPorts(spec: JsonObject, report: Report): void {
  const names = new Set<string>();
  const needsNames = listAt(spec, 'ports').length > 1;
  each(spec, 'ports', 'spec', (port, path) => {
    const name = stringAt(port, 'name');
    if (name === '' && needsNames) report(required(`${path}.name`));
    else if (name !== '') {
      says(dns1123LabelErrors(name), `${path}.name`, name, report);
      if (names.has(name)) report(duplicate(`${path}.name`, name));
      names.add(name);
    }
    const number = numberAt(port, 'port') ?? 0;
    says(portNumberErrors(number), `${path}.port`, number, report);
    oneOf(port, 'protocol', path, protocols, report);
    says(portErrors(port.targetPort), `${path}.targetPort`, port.targetPort ?? 0, report);
    const appProtocol = port.appProtocol;
    if (typeof appProtocol === 'string') {
      says(labelKeyProblems(appProtocol), `${path}.appProtocol`, appProtocol, report);
    }
  });
}

function checkAffinity(spec: JsonObject, report: Report): void {
  oneOf(spec, 'sessionAffinity', 'spec', affinities, report);
  const path = 'spec.sessionAffinityConfig';
  const affinity = stringAt(spec, 'sessionAffinity');
  if (affinity === 'None' && has(spec, 'sessionAffinityConfig')) {
    report(forbidden(path, 'must not be set when session affinity is None'));
  }
  if (affinity !== 'ClientIP') return;
  const seconds = numberAt(spec, 'sessionAffinityConfig', 'clientIP', 'timeoutSeconds');
  const at = `${path}.clientIP.timeoutSeconds`;
  if (seconds === undefined) report(required(at, 'when session affinity type is ClientIP'));
  else if (seconds <= 0 || seconds > maxAffinitySeconds) {
    report(invalid(at, seconds, `must be greater than 0 and less than ${maxAffinitySeconds}`));
  }
}

/** Numbers of ports that must not be given twice. */
function checkRepeatedPorts(spec: JsonObject, type: string, report: Report): void {
  if (type === 'ClusterIP') {
    each(spec, 'ports', 'spec', (port, path) => {
      if (port.nodePort) report(forbidden(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
    });
  }
  const nodePorts = new Set<string>();
  each(spec, 'ports', 'spec', (port, path) => {
    const number = numberAt(port, 'nodePort') ?? 0;
    const key = `${number}/${stringAt(port, 'protocol')}`;
    if (number !== 0 && nodePorts.has(key)) report(duplicate(`${path}.nodePort`, number));
    nodePorts.add(key);
  });
  const ports = new Set<string>();
  each(spec, 'ports', 'spec', (port, path) => {
    const [number, protocol] = [numberAt(port, 'port') ?? 0, stringAt(port, 'protocol')];
    const key = `${number}/${protocol}`;
    if (ports.has(key)) {
      const shown = { Name: '', Protocol: protocol, AppProtocol: null, Port: number, TargetPort: 0, NodePort: 0 };
      const message = `Duplicate value: ${JSON.stringify(shown)}`;
      report({ type: 'FieldValueDuplicate', field: path, message });
    }
    ports.add(key);
  });
}

function checkSourceRanges(service: ServerObject, spec: JsonObject, type: string, report: Report): void {
  const ranges = textsAt(spec, 'loadBalancerSourceRanges');
  const path = 'spec.LoadBalancerSourceRanges';
  if (ranges.length > 0) {
    if (type !== 'LoadBalancer') report(forbidden(path, onlyBalancers));
    ranges.forEach((range, index) => {
      says(cidrErrors(range.trim()), `${path}[${index}]`, range.trim(), report);
    });
    return;
  }
  const annotated = service.metadata.annotations?.[rangesAnnotation];
  if (annotated === undefined) return;
  const at = `metadata.annotations[${rangesAnnotation}]`;
  if (type !== 'LoadBalancer') report(forbidden(at, onlyBalancers));
  for (const range of annotated.trim() === '' ? [] : annotated.split(',')) {
    says(cidrErrors(range.trim()), at, range.trim(), report);
  }
}

function checkBalancer(spec: JsonObject, type: string, report: Report): void {
  const allocates = has(spec, 'allocateLoadBalancerNodePorts');
  if (allocates && type !== 'LoadBalancer') report(forbidden('spec.allocateLoadBalancerNodePorts', onlyBalancers));
  if (!allocates && type === 'LoadBalancer') report(required('allocateLoadBalancerNodePorts'));
  checkBalancerClass(spec, undefined, report);
}

function checkBalancerClass(spec: JsonObject, old: JsonObject | undefined, report: Report): void {
  const path = 'spec.loadBalancerClass';
  const isBalancer = stringAt(spec, 'type') === 'LoadBalancer';
  const name = spec.loadBalancerClass;
  if (old !== undefined && isBalancer && stringAt(old, 'type') === 'LoadBalancer') {
    if (!same(name, old.loadBalancerClass)) report(invalid(path, name ?? null, 'may not change once set'));
  }
  if (typeof name !== 'string') return;
  if (isBalancer) says(labelKeyProblems(name), path, name, report);
  else report(forbidden(path, onlyBalancers));
}

function checkTraffic(spec: JsonObject, type: string, report: Report): void {
  const policy = stringAt(spec, 'externalTrafficPolicy');
  const path = 'spec.externalTrafficPolicy';
  if (isReachedFromOutside(spec)) oneOf(spec, 'externalTrafficPolicy', 'spec', trafficPolicies, report);
  else if (policy !== '') report(invalid(path, policy, 'may only be set for externally-accessible services'));
  const port = numberAt(spec, 'healthCheckNodePort') ?? 0;
  const at = 'spec.healthCheckNodePort';
  if (needsHealthCheck(spec)) {
    if (port === 0) report(required(at));
    else says(portNumberErrors(port), at, port, report);
  } else if (port !== 0) {
    const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    report(invalid(at, port, why));
  }
  if (has(spec, 'internalTrafficPolicy'))
    oneOf(spec, 'internalTrafficPolicy', 'spec', trafficPolicies, report, 'unsupported');
  else if (['NodePort', 'LoadBalancer', 'ClusterIP'].includes(type)) report(required('spec.internalTrafficPolicy'));
  if (has(spec, 'trafficDistribution'))
    oneOf(spec, 'trafficDistribution', 'spec', distributions, report, 'unsupported');
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateService` */
function checkService(service: ServerObject, report: Report): void {
  const spec = objectAt(service, 'spec') ?? {};
  const type = stringAt(spec, 'type');
  const { annotations = {} } = service.metadata;
  if (annotations[mode] !== undefined && annotations[hints] !== undefined && annotations[mode] !== annotations[hints]) {
    const why = `must match annotations[${hints}] when both are specified`;
    report(invalid(`metadata.annotations[${mode}]`, annotations[mode], why));
  }
  if (listAt(spec, 'ports').length === 0 && !isHeadless(spec) && type !== 'ExternalName')
    report(required('spec.ports'));
  checkType(spec, type, report);
  checkPorts(spec, report);
  labelErrors(textMapAt(spec, 'selector'), 'spec.selector').forEach(report);
  checkAffinity(spec, report);
  checkClusterIps(spec, report);
  eachText(spec, 'externalIPs', 'spec', (address, path) => {
    const problems = ipErrors(address);
    if (problems.length > 0) says(problems, path, address, report);
    else checkEndpointIp(address, path, report);
  });
  oneOf(spec, 'type', 'spec', types, report);
  checkRepeatedPorts(spec, type, report);
  checkSourceRanges(service, spec, type, report);
  checkBalancer(spec, type, report);
  checkTraffic(spec, type, report);
}

const ipModes = ['Proxy', 'VIP'];

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateLoadBalancerStatus` */
function checkBalancerStatus(service: ServerObject, report: Report): void {
  const ingress = listAt(service, 'status', 'loadBalancer', 'ingress');
  const path = 'status.loadBalancer';
  if (ingress.length > 0 && stringAt(service, 'spec', 'type') !== 'LoadBalancer') {
    report(forbidden(`${path}.ingress`, "may only be used when `spec.type` is 'LoadBalancer'"));
    return;
  }
  each(valueAt(service, 'status', 'loadBalancer'), 'ingress', path, (point, at) => {
    const [ip, ipMode] = [stringAt(point, 'ip'), stringAt(point, 'ipMode')];
    optionalFormat(point, 'ip', at, ipErrors, report);
    if (!has(point, 'ipMode')) {
      if (ip !== '') report(required(`${at}.ipMode`, 'must be specified when `ip` is set'));
    } else if (ip === '') report(forbidden(`${at}.ipMode`, 'may not be specified when `ip` is not set'));
    else if (!ipModes.includes(ipMode)) report(notSupported(`${at}.ipMode`, ipMode, ipModes));
    optionalFormat(point, 'hostname', at, dns1123SubdomainErrors, report);
    const name = stringAt(point, 'hostname');
    if (parseIp(name) !== undefined) report(invalid(`${at}.hostname`, name, 'must be a DNS name, not an IP address'));
  });
}

export const validateService: Validator = (service, old, subresource) =>
  gather((report) => {
    if (subresource === 'status') {
      checkBalancerStatus(service, report);
      return;
    }
    if (old !== undefined) {
      const [spec, before] = [objectAt(service, 'spec') ?? {}, objectAt(old, 'spec') ?? {}];
      checkClusterIpChanges(spec, before, report);
      checkBalancerClass(spec, before, report);
      const fixed = needsHealthCheck(before) && needsHealthCheck(spec);
      if (fixed && !same(spec.healthCheckNodePort, before.healthCheckNodePort)) {
        report(forbidden('spec.healthCheckNodePort', 'field is immutable'));
      }
    }
    checkService(service, report);
  });
