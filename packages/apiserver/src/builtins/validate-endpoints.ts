import { labelKeyProblems, labelValueProblems } from '@bowline/apimachinery';
import { duplicate, internalFieldError, invalid, notSupported, required, tooMany } from '../field-error.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../meta/formats.ts';
import { labelErrors } from '../meta/validation.ts';
import { type JsonObject, listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { isLinkLocalMulticast, isLinkLocalUnicast, isLoopback, isUnspecified, parseIp } from './ip-address.ts';
import type { Validator } from './registry.ts';
import {
  each,
  eachText,
  gather,
  immutable,
  objectAt,
  oneOf,
  optionalFormat,
  type Report,
  same,
  says,
  textMapAt,
  textsAt,
} from './validate-fields.ts';
import { ipErrors, portNumberErrors, strictIpErrors } from './validate-formats.ts';
import { checkMetadataAgain } from './validate-metadata.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];
const addressTypes = ['FQDN', 'IPv4', 'IPv6'];
const zoneLabel = 'topology.kubernetes.io/zone';

/** Addresses that traffic can be sent to. @see k8s.io/kubernetes pkg/apis/core/validation `ValidateEndpointIP` */
export function checkEndpointIp(address: string, field: string, report: Report): void {
  const ip = parseIp(address);
  if (ip === undefined) {
    report(invalid(field, address, 'must be a valid IP address'));
    return;
  }
  const not = (why: string): void => report(invalid(field, address, why));
  if (isUnspecified(ip)) not(`may not be unspecified (${address})`);
  if (isLoopback(ip)) not('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (isLinkLocalUnicast(ip)) not('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  if (isLinkLocalMulticast(ip)) not('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
}

function checkSubsets(endpoints: ServerObject, report: Report): void {
  each(endpoints, 'subsets', '', (subset, at) => {
    const path = at.slice(1);
    const lists = ['addresses', 'notReadyAddresses'];
    if (lists.every((list) => listAt(subset, list).length === 0)) {
      report(required(path, 'must specify `addresses` or `notReadyAddresses`'));
    }
    for (const list of lists) {
      each(subset, list, path, (address, where) => {
        const ip = stringAt(address, 'ip');
        says(ipErrors(ip), `${where}.ip`, ip, report);
        optionalFormat(address, 'hostname', where, dns1123LabelErrors, report);
        const node = address.nodeName;
        if (typeof node === 'string') says(dns1123SubdomainErrors(node), `${where}.nodeName`, node, report);
        checkEndpointIp(ip, `${where}.ip`, report);
      });
    }
    const needsNames = listAt(subset, 'ports').length > 1;
    each(subset, 'ports', path, (port, where) => {
      const name = stringAt(port, 'name');
      if (name === '' && needsNames) report(required(`${where}.name`));
      else if (name !== '') says(dns1123LabelErrors(name), `${where}.name`, name, report);
      const number = numberAt(port, 'port') ?? 0;
      says(portNumberErrors(number), `${where}.port`, number, report);
      oneOf(port, 'protocol', where, protocols, report);
      checkAppProtocol(port, where, report);
    });
  });
}

function checkAppProtocol(port: JsonObject, field: string, report: Report): void {
  const name = port.appProtocol;
  if (typeof name === 'string') says(labelKeyProblems(name), `${field}.appProtocol`, name, report);
}

export const validateEndpoints: Validator = (endpoints, old) =>
  gather((report) => {
    if (old !== undefined) checkMetadataAgain(endpoints, report);
    // What was stored before there was this rule may stay.
    if (old === undefined || !same(endpoints.subsets, old.subsets)) checkSubsets(endpoints, report);
  });

function checkSlicePorts(slice: ServerObject, report: Report): void {
  const ports = listAt(slice, 'ports');
  if (ports.length > 20_000) {
    report(tooMany('ports', ports.length, 20_000));
    return;
  }
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const path = `ports[${index}]`;
    const name = stringAt(port, 'name');
    if (name !== '') says(dns1123LabelErrors(name), `${path}.name`, name, report);
    if (names.has(name)) report(duplicate(`${path}.name`, name));
    names.add(name);
    oneOf(port, 'protocol', path, protocols, report);
    checkAppProtocol(port as JsonObject, path, report);
  });
}

/** @see k8s.io/apimachinery util/validation `IsFullyQualifiedDomainName` */
function checkDomainName(text: string, field: string, report: Report): void {
  if (text === '') {
    report(required(field));
    return;
  }
  const name = text.replace(/\.$/, '');
  const problems = dns1123SubdomainErrors(name);
  if (problems.length > 0) report(invalid(field, name, problems.join(',')));
  else if (!name.includes('.')) {
    report(invalid(field, name, 'should be a domain with at least two segments separated by dots'));
  } else {
    const wrong = name.split('.').find((label) => dns1123LabelErrors(label).length > 0);
    if (wrong !== undefined) report(invalid(field, wrong, dns1123LabelErrors(wrong).join(',')));
  }
}

function checkSliceAddress(address: string, type: string, list: string, field: string, report: Report): void {
  if (type === 'FQDN') {
    checkDomainName(address, field, report);
    return;
  }
  if (type !== 'IPv4' && type !== 'IPv6') return;
  const problems = type === 'IPv4' ? ipErrors(address) : strictIpErrors(address);
  if (problems.length > 0) {
    says(problems, field, address, report);
    return;
  }
  if (parseIp(address)?.family !== type) report(invalid(list, address, `must be an ${type} address`));
  checkEndpointIp(address, field, report);
}

function checkHints(endpoint: JsonObject, field: string, report: Report): void {
  const hints = objectAt(endpoint, 'hints');
  for (const [list, problemsOf] of [
    ['forZones', labelValueProblems],
    ['forNodes', dns1123SubdomainErrors],
  ] as const) {
    const count = listAt(hints, list).length;
    if (count > 8) {
      report(tooMany(`${field}.hints.${list}`, count, 8));
      return;
    }
    const names = new Set<string>();
    each(hints, list, `${field}.hints`, (hint, path) => {
      const name = stringAt(hint, 'name');
      if (names.has(name)) report(duplicate(`${path}.name`, name));
      names.add(name);
      says(problemsOf(name), `${path}.name`, name, report);
    });
  }
}

function checkSliceEndpoints(slice: ServerObject, report: Report): void {
  const endpoints = listAt(slice, 'endpoints');
  if (endpoints.length > 1_000) {
    report(tooMany('endpoints', endpoints.length, 1_000));
    return;
  }
  const type = stringAt(slice, 'addressType');
  each(slice, 'endpoints', '', (endpoint, at) => {
    const path = at.slice(1);
    const list = `${path}.addresses`;
    const count = textsAt(endpoint, 'addresses').length;
    if (count === 0) report(required(list, 'must contain at least 1 address'));
    else if (count > 100) report(tooMany(list, count, 100));
    eachText(endpoint, 'addresses', path, (address, field) => checkSliceAddress(address, type, list, field, report));
    const node = endpoint.nodeName;
    if (typeof node === 'string') says(dns1123SubdomainErrors(node), `${path}.nodeName`, node, report);
    const topology = textMapAt(endpoint, 'deprecatedTopology');
    const labels = Object.keys(topology).length;
    if (labels > 16) report(tooMany(`${path}.deprecatedTopology`, labels, 16));
    labelErrors(topology, `${path}.deprecatedTopology`).forEach(report);
    if (topology[zoneLabel] !== undefined) {
      report(
        internalFieldError(`${path}.deprecatedTopology[${zoneLabel}]`, 'reserved key was not removed in conversion'),
      );
    }
    const hostname = endpoint.hostname;
    if (typeof hostname === 'string') says(dns1123LabelErrors(hostname), `${path}.hostname`, hostname, report);
    checkHints(endpoint, path, report);
  });
}

/** @see k8s.io/kubernetes pkg/apis/discovery/validation `ValidateEndpointSlice` */
export const validateEndpointSlice: Validator = (slice, old) =>
  gather((report) => {
    const type = stringAt(slice, 'addressType');
    if (type === '') report(required('addressType'));
    else if (!addressTypes.includes(type)) report(notSupported('addressType', type, addressTypes));
    checkSlicePorts(slice, report);
    if (old === undefined || !same(slice.endpoints, old.endpoints)) checkSliceEndpoints(slice, report);
    if (old !== undefined) immutable(type, valueAt(old, 'addressType'), 'addressType', report);
  });
