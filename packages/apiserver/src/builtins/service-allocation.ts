import { internalError, invalidObject } from '../errors.ts';
import { type FieldError, invalid } from '../field-error.ts';
import { isObject, type JsonObject, listAt, numberAt, type ServerObject, stringAt } from '../object.ts';
import type { ClusterView } from './admission-plugin.ts';
import { part } from './fill.ts';
import { formatIp, type IpAddress, networkHolds, parseCidr, parseIp } from './ip-address.ts';
import { gather, has, textsAt } from './validate-fields.ts';
import { checkClusterIps } from './validate-service-addresses.ts';

/** Where the addresses of services come from: the range that test control planes have. */
const serviceRange = '10.0.0.0/24';
/** How many addresses at the start of the range are given out last, because people choose from them. @see KEP-3070 */
const staticAddresses = 16;
const nodePorts = { first: 30_000, last: 32_767, static: 86 } as const;

/** A service is refused before it is validated. */
function refuse(service: ServerObject, errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  throw invalidObject({ group: '', kind: 'Service' }, service.metadata.name ?? '', errors);
}

function specOf(service: ServerObject): JsonObject {
  return part(service, 'spec');
}

function needsAddress(spec: JsonObject): boolean {
  return stringAt(spec, 'type') !== 'ExternalName';
}

function needsNodePorts(spec: JsonObject): boolean {
  return ['NodePort', 'LoadBalancer'].includes(stringAt(spec, 'type'));
}

/** Whether load balancers ask each node if it has endpoints. */
export function needsHealthCheck(spec: unknown): boolean {
  return stringAt(spec, 'type') === 'LoadBalancer' && stringAt(spec, 'externalTrafficPolicy') === 'Local';
}

export function isHeadless(spec: unknown): boolean {
  const addresses = textsAt(spec, 'clusterIPs');
  return addresses.length === 1 && addresses[0] === 'None';
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

/** Keeps the first of `clusterIPs` and `clusterIP` one. @see k8s.io/kubernetes pkg/registry/core/service/storage `normalizeClusterIPs` */
function alignAddresses(spec: JsonObject, old: JsonObject | undefined): void {
  const [one, all] = [stringAt(spec, 'clusterIP'), textsAt(spec, 'clusterIPs')];
  if (old === undefined) {
    if (one !== '' && all.length === 0) spec.clusterIPs = [one];
    return;
  }
  const [oldOne, oldAll] = [stringAt(old, 'clusterIP'), textsAt(old, 'clusterIPs')];
  if (oldAll.length > 0 && all.length === 0 && oldOne === one) spec.clusterIPs = [...oldAll];
  if (oldOne === one || !sameTexts(textsAt(spec, 'clusterIPs'), oldAll)) return;
  if (oldOne !== '' && one === '') delete spec.clusterIPs;
  else spec.clusterIPs = [one];
}

/** Gives a client that leaves out what was allocated the same again. */
function keepAllocated(spec: JsonObject, old: JsonObject): void {
  if (needsAddress(old) && needsAddress(spec)) {
    if (stringAt(spec, 'clusterIP') === '' && has(old, 'clusterIP')) spec.clusterIP = old.clusterIP;
    if (textsAt(spec, 'clusterIPs').length === 0 && textsAt(old, 'clusterIPs').length > 0) {
      spec.clusterIPs = [...textsAt(old, 'clusterIPs')];
    }
  }
  if (needsNodePorts(old) && needsNodePorts(spec)) {
    const now = portsUsed(spec);
    const used = new Set(portsUsed(old).filter((port) => now.includes(port)));
    const byName = new Map(
      listAt(old, 'ports').map((port) => [stringAt(port, 'name'), numberAt(port, 'nodePort') ?? 0]),
    );
    for (const port of listAt(spec, 'ports')) {
      const before = byName.get(stringAt(port, 'name')) ?? 0;
      if (isObject(port) && !port.nodePort && before !== 0 && !used.has(before)) port.nodePort = before;
    }
  }
  if (needsHealthCheck(old) && needsHealthCheck(spec) && !spec.healthCheckNodePort) {
    spec.healthCheckNodePort = old.healthCheckNodePort;
  }
}

function portsUsed(spec: unknown): number[] {
  return listAt(spec, 'ports').flatMap((port) => numberAt(port, 'nodePort') || []);
}

/** Which families a service is of, on a cluster that knows IPv4 alone. @see k8s.io/kubernetes pkg/registry/core/service/storage `initIPFamilyFields` */
function fillFamilies(service: ServerObject, old: JsonObject | undefined): void {
  const spec = specOf(service);
  if (!needsAddress(spec)) return;
  const headlessWithoutSelector =
    stringAt(spec, 'clusterIP') === 'None' && Object.keys((spec.selector as JsonObject | null) ?? {}).length === 0;
  if (!has(spec, 'ipFamilyPolicy')) {
    spec.ipFamilyPolicy =
      old !== undefined && has(old, 'ipFamilyPolicy')
        ? old.ipFamilyPolicy
        : headlessWithoutSelector
          ? 'RequireDualStack'
          : 'SingleStack';
  }
  refuse(
    service,
    gather((report) => checkClusterIps(spec, report)),
  );
  const policy = stringAt(spec, 'ipFamilyPolicy');
  const path = 'spec.ipFamilyPolicy';
  const errors: FieldError[] = [];
  for (const [field, what, which] of [
    ['clusterIPs', 'cluster IP', 'cluster IPs'],
    ['ipFamilies', 'IP family', 'IP families'],
  ] as const) {
    const [now, before] = [textsAt(spec, field), textsAt(old, field)];
    if (policy !== 'SingleStack') {
      if (old !== undefined && now.length > 0 && now.length < before.length) {
        errors.push(invalid(path, policy, `must be 'SingleStack' to release the secondary ${what}`));
      }
    } else if (old !== undefined && sameTexts(now, before) && now.length > 1) spec[field] = now.slice(0, 1);
    else if (now.length === 2) {
      const why = `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${which} are specified`;
      errors.push(invalid(path, policy, why));
    }
  }
  const families = [...textsAt(spec, 'ipFamilies')];
  textsAt(spec, 'clusterIPs').forEach((address, index, all) => {
    const family = parseIp(address)?.family;
    if (family === undefined || index < families.length) return;
    if (family === 'IPv4') families.push(family);
    else errors.push(invalid(`spec.clusterIPs[${index}]`, all, `${family} is not configured on this cluster`));
  });
  refuse(service, errors);
  if (headlessWithoutSelector) {
    if (families.length === 0) families.push('IPv4');
    if (families.length < 2 && policy !== 'SingleStack') families.push(families[0] === 'IPv4' ? 'IPv6' : 'IPv4');
  } else {
    if (policy === 'RequireDualStack') {
      errors.push(invalid(path, policy, 'this cluster is not configured for dual-stack services'));
    }
    families.forEach((family, index) => {
      if (family !== 'IPv4')
        errors.push(invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
    });
    refuse(service, errors);
    if (families.length === 0) families.push('IPv4');
  }
  spec.ipFamilies = families;
}

/** Addresses that other services have, and those that clients keep for themselves with an IPAddress. */
function addressesTaken(service: ServerObject, cluster: ClusterView): ReadonlySet<string> {
  const others = cluster.objects('services').filter(({ metadata }) => metadata.uid !== service.metadata.uid);
  return new Set([
    ...others.flatMap((other) => textsAt(other, 'spec', 'clusterIPs')),
    ...cluster.objects('ipaddresses.networking.k8s.io').map(({ metadata }) => metadata.name ?? ''),
  ]);
}

function portsTaken(service: ServerObject, cluster: ClusterView): Set<number> {
  const others = cluster.objects('services').filter(({ metadata }) => metadata.uid !== service.metadata.uid);
  return new Set(
    others.flatMap(({ spec }) => [
      ...portsUsed(spec),
      ...(numberAt(spec, 'healthCheckNodePort') ? [numberAt(spec, 'healthCheckNodePort') ?? 0] : []),
    ]),
  );
}

function addressAt(index: number): string {
  const start: IpAddress = parseCidr(serviceRange)?.address ?? { family: 'IPv4', bytes: [10, 0, 0, 0] };
  const [a = 0, b = 0, c = 0, d = 0] = start.bytes;
  return formatIp({ family: 'IPv4', bytes: [a, b, c, d + index] });
}

function allocateAddress(service: ServerObject, cluster: ClusterView): void {
  const spec = specOf(service);
  if (!needsAddress(spec) || textsAt(spec, 'clusterIPs')[0] === 'None') return;
  const taken = addressesTaken(service, cluster);
  const wanted = textsAt(spec, 'clusterIPs')[0] ?? '';
  if (wanted === '') {
    // From the end of the range that people do not choose from, in order: the same requests get the same addresses.
    for (let step = 0; step < 254; step++) {
      const address = addressAt(1 + ((step + staticAddresses) % 254));
      if (taken.has(address)) continue;
      spec.clusterIP = address;
      spec.clusterIPs = [address];
      return;
    }
    throw internalError('failed to allocate a serviceIP: range is full');
  }
  const parsed = parseIp(wanted);
  const range = parseCidr(serviceRange);
  const last = parsed?.bytes[3];
  const within =
    parsed !== undefined && range !== undefined && networkHolds(range, parsed) && last !== 0 && last !== 255;
  const why = !within
    ? 'the provided network does not match the current range'
    : taken.has(wanted)
      ? 'provided IP is already allocated'
      : undefined;
  if (why === undefined) spec.clusterIP = wanted;
  else {
    const all = textsAt(spec, 'clusterIPs');
    refuse(service, [invalid('spec.clusterIPs', all, `failed to allocate IP ${wanted}: ${why}`)]);
  }
}

/** @returns why a port cannot be had; undefined when it can. */
function portProblem(port: number, taken: ReadonlySet<number>): string | undefined {
  const { first, last } = nodePorts;
  if (port < first || port > last) {
    return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
  }
  return taken.has(port) ? 'provided port is already allocated' : undefined;
}

function nextPort(taken: Set<number>, what: string): number {
  const size = nodePorts.last - nodePorts.first + 1;
  for (let step = 0; step < size; step++) {
    const port = nodePorts.first + ((step + nodePorts.static) % size);
    if (taken.has(port)) continue;
    taken.add(port);
    return port;
  }
  throw internalError(`failed to allocate a ${what}: range is full`);
}

function allocatePorts(service: ServerObject, old: JsonObject | undefined, cluster: ClusterView): void {
  const spec = specOf(service);
  const taken = portsTaken(service, cluster);
  const own = new Set(portsUsed(old));
  const allocates = stringAt(spec, 'type') === 'NodePort' || spec.allocateLoadBalancerNodePorts === true;
  if (needsNodePorts(spec)) {
    // One number for all protocols of a port, where the service is new.
    const byPort = new Map<number, number>();
    const ports = listAt(spec, 'ports');
    ports.forEach((port, index) => {
      if (!isObject(port)) return;
      const [number, given] = [numberAt(port, 'port') ?? 0, numberAt(port, 'nodePort') ?? 0];
      if (given === 0 && !allocates) return;
      const known = old === undefined ? byPort.get(number) : undefined;
      const asked =
        given !== 0 || old !== undefined
          ? given
          : (ports.flatMap((other) =>
              numberAt(other, 'port') === number ? numberAt(other, 'nodePort') || [] : [],
            )[0] ?? 0);
      const wanted = known !== undefined && given === 0 ? known : asked;
      if (wanted === 0) {
        const next = nextPort(taken, 'nodePort');
        port.nodePort = next;
        byPort.set(number, next);
        return;
      }
      if (wanted !== known && !own.has(wanted)) {
        const problem = portProblem(wanted, taken);
        if (problem !== undefined) refuse(service, [invalid(`spec.ports[${index}].nodePort`, wanted, problem)]);
        taken.add(wanted);
        if (old !== undefined) own.add(wanted);
      }
      port.nodePort = wanted;
      if (known === undefined) byPort.set(number, wanted);
    });
  }
  if (!needsHealthCheck(spec) || needsHealthCheck(old)) return;
  const given = numberAt(spec, 'healthCheckNodePort') ?? 0;
  if (given === 0) spec.healthCheckNodePort = nextPort(taken, 'HealthCheck NodePort');
  else {
    const problem = portProblem(given, taken);
    if (problem === undefined) return;
    throw internalError(`failed to allocate requested HealthCheck NodePort ${given}: ${problem}`);
  }
}

/** Gives a new service its addresses and ports. @throws {Refusal} when what it asks for cannot be had. */
export function allocateForCreate(service: ServerObject, cluster: ClusterView): void {
  alignAddresses(specOf(service), undefined);
  fillFamilies(service, undefined);
  allocateAddress(service, cluster);
  allocatePorts(service, undefined, cluster);
}

/** Gives a changed service what it now needs. @throws {Refusal} when what it asks for cannot be had. */
export function allocateForUpdate(service: ServerObject, stored: ServerObject, cluster: ClusterView): void {
  const [spec, old] = [specOf(service), (stored.spec ?? {}) as JsonObject];
  keepAllocated(spec, old);
  alignAddresses(spec, old);
  fillFamilies(service, old);
  if (!needsAddress(old) && needsAddress(spec)) allocateAddress(service, cluster);
  allocatePorts(service, old, cluster);
  dropWhatTypeForbids(spec, old);
  if (!needsAddress(spec)) delete spec.internalTrafficPolicy;
}

/** What a service of another type does not have goes, when the client did not touch it. @see k8s.io/kubernetes pkg/registry/core/service `dropTypeDependentFields` */
function dropWhatTypeForbids(spec: JsonObject, old: JsonObject): void {
  const unchanged = (field: string): boolean =>
    JSON.stringify(spec[field] ?? null) === JSON.stringify(old[field] ?? null);
  if (needsAddress(old) && !needsAddress(spec)) {
    if (unchanged('clusterIP') && unchanged('clusterIPs')) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    for (const field of ['ipFamilies', 'ipFamilyPolicy']) if (unchanged(field)) delete spec[field];
  }
  if (needsNodePorts(old) && !needsNodePorts(spec)) {
    const before = portsUsed(old);
    if (portsUsed(spec).every((port) => before.includes(port))) {
      for (const port of listAt(spec, 'ports')) if (isObject(port)) delete port.nodePort;
    }
  }
  if (needsHealthCheck(old) && !needsHealthCheck(spec) && unchanged('healthCheckNodePort'))
    delete spec.healthCheckNodePort;
  if (stringAt(old, 'type') === 'LoadBalancer' && stringAt(spec, 'type') !== 'LoadBalancer') {
    for (const field of ['allocateLoadBalancerNodePorts', 'loadBalancerClass'])
      if (unchanged(field)) delete spec[field];
  }
  if (isReachedFromOutside(old) && !isReachedFromOutside(spec) && unchanged('externalTrafficPolicy')) {
    delete spec.externalTrafficPolicy;
  }
}

/** @see k8s.io/kubernetes pkg/api/service `ExternallyAccessible` */
export function isReachedFromOutside(spec: unknown): boolean {
  const type = stringAt(spec, 'type');
  return (
    ['NodePort', 'LoadBalancer'].includes(type) || (type === 'ClusterIP' && listAt(spec, 'externalIPs').length > 0)
  );
}
