import { listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { age, type Cells, count, firstOf, labels, name, none, selector } from './text.ts';

/** Addresses of a load balancer, sorted. */
function loadBalancer(object: ServerObject): string {
  const addresses = listAt(object, 'status', 'loadBalancer', 'ingress').map(
    (each) => stringAt(each, 'ip') || stringAt(each, 'hostname'),
  );
  return [...new Set(addresses.filter((address) => address !== ''))].sort().join(',');
}

function externalIp(service: ServerObject): string {
  const external = listAt(service, 'spec', 'externalIPs').join(',');
  switch (stringAt(service, 'spec', 'type')) {
    case 'ClusterIP':
    case 'NodePort':
      return external || none;
    case 'LoadBalancer':
      return [loadBalancer(service), external].filter((text) => text !== '').join(',') || '<pending>';
    case 'ExternalName':
      return stringAt(service, 'spec', 'externalName');
    default:
      return '<unknown>';
  }
}

function servicePort(port: unknown): string {
  const nodePort = count(port, 'nodePort');
  return `${count(port, 'port')}${nodePort > 0 ? `:${nodePort}` : ''}/${stringAt(port, 'protocol')}`;
}

/** Every address with every port of its subset; a subset without ports gives bare addresses. */
function endpointAddresses(subset: unknown): string[] {
  const addresses = listAt(subset, 'addresses').map((each) => stringAt(each, 'ip'));
  const ports = listAt(subset, 'ports').map((each) => count(each, 'port'));
  if (ports.length === 0) return addresses;
  return ports.flatMap((port) => addresses.map((ip) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)));
}

function ingressHosts(rules: readonly unknown[]): string {
  const hosts = rules.map((rule) => stringAt(rule, 'host')).filter((host) => host !== '');
  if (hosts.length === 0) return '*';
  const shown = hosts.slice(0, 3).join(',');
  return hosts.length >= 3 && rules.length > 3 ? `${shown} + ${rules.length - 3} more...` : shown;
}

/** Printers of services, their endpoints and what routes to them. */
export const networkCells: Readonly<Record<string, Cells>> = {
  '/services': (object, nowMs) => [
    name(object),
    stringAt(object, 'spec', 'type'),
    listAt(object, 'spec', 'clusterIPs')[0] ?? none,
    externalIp(object),
    listAt(object, 'spec', 'ports').map(servicePort).join(',') || none,
    age(object, nowMs),
    labels(valueAt(object, 'spec', 'selector')),
  ],
  '/endpoints': (object, nowMs) => {
    const subsets = listAt(object, 'subsets');
    return [
      name(object),
      subsets.length === 0 ? none : firstOf(subsets.flatMap(endpointAddresses), 3),
      age(object, nowMs),
    ];
  },
  'discovery.k8s.io/endpointslices': (object, nowMs) => [
    name(object),
    stringAt(object, 'addressType'),
    firstOf(
      listAt(object, 'ports').map((port) => String(numberAt(port, 'port') ?? valueAt(port, 'name') ?? '*')),
      3,
    ) || '<unset>',
    firstOf(
      listAt(object, 'endpoints').flatMap((endpoint) => listAt(endpoint, 'addresses').map(String)),
      3,
    ) || '<unset>',
    age(object, nowMs),
  ],
  'networking.k8s.io/ingresses': (object, nowMs) => [
    name(object),
    stringAt(object, 'spec', 'ingressClassName') || none,
    ingressHosts(listAt(object, 'spec', 'rules')),
    loadBalancer(object),
    listAt(object, 'spec', 'tls').length > 0 ? '80, 443' : '80',
    age(object, nowMs),
  ],
  'networking.k8s.io/ingressclasses': (object, nowMs) => {
    const parameters = valueAt(object, 'spec', 'parameters');
    const group = stringAt(parameters, 'apiGroup');
    const kind = `${stringAt(parameters, 'kind')}${group === '' ? '' : `.${group}`}`;
    return [
      name(object),
      stringAt(object, 'spec', 'controller'),
      parameters === undefined ? none : `${kind}/${stringAt(parameters, 'name')}`,
      age(object, nowMs),
    ];
  },
  'networking.k8s.io/networkpolicies': (object, nowMs) => [
    name(object),
    selector(valueAt(object, 'spec', 'podSelector')),
    age(object, nowMs),
  ],
  'networking.k8s.io/servicecidrs': (object, nowMs) => [
    name(object),
    listAt(object, 'spec', 'cidrs').join(','),
    age(object, nowMs),
  ],
  // The server sends a third cell, the age, for which it declares no column.
  'networking.k8s.io/ipaddresses': (object, nowMs) => {
    const parent = valueAt(object, 'spec', 'parentRef');
    const group = stringAt(parent, 'group');
    const resource = `${stringAt(parent, 'resource')}${group === '' ? '' : `.${group}`}`.toLowerCase();
    const path = [resource, stringAt(parent, 'namespace'), stringAt(parent, 'name')].filter((part) => part !== '');
    return [name(object), parent === undefined ? none : path.join('/'), age(object, nowMs)];
  },
};
