import { isObject, type JsonObject, listAt, type ServerObject, stringAt } from '../object.ts';
import { type AdmissionPlugin, type AdmissionRequest, type ClusterView, notAdmitted } from './admission-plugin.ts';
import { amountOf } from './amount.ts';
import { part } from './fill.ts';
import { textMapAt } from './validate-fields.ts';
import { aggregated } from './validate-resources.ts';

type Amounts = Readonly<Record<string, string>>;

/** What containers ask for and may take. */
interface Demand {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/**
 * Fills in what the limit ranges of a namespace say that containers ask for, and refuses what asks for too much or too little.
 *
 * @see k8s.io/kubernetes plugin/pkg/admission/limitranger
 */
export const limitRanger: AdmissionPlugin = {
  resources: ['pods', 'persistentvolumeclaims'],
  subresources: ['resize'],
  mutate(request, cluster) {
    if (request.resource !== 'pods') return;
    for (const range of rangesFor(request, cluster)) fillRequests(request.object, range);
  },
  validate(request, cluster) {
    for (const range of rangesFor(request, cluster)) {
      const faults = new Set(
        listAt(range, 'spec', 'limits').flatMap((limit) => faultsOf(limit, request.object, request.resource)),
      );
      if (faults.size === 0) continue;
      throw notAdmitted(request, faults.size === 1 ? [...faults].join() : `[${[...faults].join(', ')}]`);
    }
  },
};

function rangesFor(request: AdmissionRequest, cluster: ClusterView): readonly ServerObject[] {
  const { operation, resource, subresource, live, object } = request;
  if (resource === 'pods' && operation === 'update' && subresource !== 'resize') return [];
  if (live?.metadata.deletionTimestamp !== undefined) return [];
  return cluster.objects('limitranges', object.metadata.namespace ?? '');
}

function fillRequests(pod: ServerObject, range: ServerObject): void {
  const defaults: { requests: Record<string, string>; limits: Record<string, string> } = { requests: {}, limits: {} };
  for (const limit of listAt(range, 'spec', 'limits')) {
    if (stringAt(limit, 'type') !== 'Container') continue;
    Object.assign(defaults.requests, textMapAt(limit, 'defaultRequest'));
    Object.assign(defaults.limits, textMapAt(limit, 'default'));
  }
  const notes: string[] = [];
  for (const [list, what] of [
    ['containers', 'container'],
    ['initContainers', 'init container'],
  ] as const) {
    for (const container of listAt(pod, 'spec', list)) {
      if (isObject(container)) notes.push(...fillContainer(container, defaults, what));
    }
  }
  if (notes.length === 0) return;
  const note = `LimitRanger plugin set: ${notes.join('; ')}`;
  pod.metadata.annotations = { ...pod.metadata.annotations, 'kubernetes.io/limit-ranger': note };
}

function fillContainer(container: JsonObject, defaults: Demand, what: string): string[] {
  const resources = part(container, 'resources');
  const filled = (kind: 'requests' | 'limits'): string[] => {
    const own = textMapAt(resources, kind);
    const missing = Object.keys(defaults[kind]).filter((name) => own[name] === undefined);
    if (missing.length > 0) resources[kind] = { ...defaults[kind], ...own };
    return missing.sort();
  };
  const limits = filled('limits');
  const requests = filled('requests');
  const name = stringAt(container, 'name');
  return [
    ...(requests.length > 0 ? [`${requests.join(', ')} request for ${what} ${name}`] : []),
    ...(limits.length > 0 ? [`${limits.join(', ')} limit for ${what} ${name}`] : []),
  ];
}

function faultsOf(limit: unknown, object: ServerObject, resource: string): string[] {
  const type = stringAt(limit, 'type');
  const [min, max, ratio] = ['min', 'max', 'maxLimitRequestRatio'].map((name) => textMapAt(limit, name));
  const check = (demand: Demand): string[] => [
    ...faultsBy(min, (name, bound) => belowMinimum(type, name, bound, demand)),
    ...faultsBy(max, (name, bound) => aboveMaximum(type, name, bound, demand)),
    ...faultsBy(ratio, (name, bound) => aboveRatio(type, name, bound, demand)),
  ];
  if (resource === 'persistentvolumeclaims') {
    if (type !== 'PersistentVolumeClaim') return [];
    const demand = { requests: textMapAt(object, 'spec', 'resources', 'requests'), limits: {} };
    return [
      ...faultsBy(min, (name, bound) => belowMinimum(type, name, bound, demand)),
      ...faultsBy(max, (name, bound) => requestAbove(type, name, bound, demand)),
    ];
  }
  if (type === 'Container') {
    return ['containers', 'initContainers'].flatMap((list) =>
      listAt(object, 'spec', list).flatMap((container) =>
        check({
          requests: textMapAt(container, 'resources', 'requests'),
          limits: textMapAt(container, 'resources', 'limits'),
        }),
      ),
    );
  }
  if (type !== 'Pod') return [];
  const whole = (kind: 'requests' | 'limits'): Amounts => {
    const own = textMapAt(object, 'spec', 'resources', kind);
    const compute = Object.fromEntries(Object.entries(own).filter(([name]) => ['cpu', 'memory'].includes(name)));
    return { ...Object.fromEntries(aggregated(object.spec, kind)), ...compute };
  };
  return check({ requests: whole('requests'), limits: whole('limits') });
}

function faultsBy(bounds: Amounts | undefined, check: (name: string, bound: string) => string | undefined): string[] {
  return Object.entries(bounds ?? {}).flatMap(([name, bound]) => check(name, bound) ?? []);
}

function belowMinimum(type: string, name: string, bound: string, { requests, limits }: Demand): string | undefined {
  const rule = `minimum ${name} usage per ${type} is ${bound}`;
  const [request, limit] = [requests[name], limits[name]];
  if (request === undefined) return `${rule}.  No request is specified`;
  if (amountOf(request) < amountOf(bound)) return `${rule}, but request is ${request}`;
  return limit !== undefined && amountOf(limit) < amountOf(bound) ? `${rule}, but limit is ${limit}` : undefined;
}

function requestAbove(type: string, name: string, bound: string, { requests }: Demand): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${bound}`;
  const request = requests[name];
  if (request === undefined) return `${rule}.  No request is specified`;
  return amountOf(request) > amountOf(bound) ? `${rule}, but request is ${request}` : undefined;
}

function aboveMaximum(type: string, name: string, bound: string, demand: Demand): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${bound}`;
  const limit = demand.limits[name];
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (amountOf(limit) > amountOf(bound)) return `${rule}, but limit is ${limit}`;
  return demand.requests[name] === undefined ? undefined : requestAbove(type, name, bound, demand);
}

function aboveRatio(type: string, name: string, bound: string, { requests, limits }: Demand): string | undefined {
  const rule = `${name} max limit to request ratio per ${type} is ${bound}, but`;
  const [request, limit] = [amountOf(requests[name]), amountOf(limits[name])];
  if (request === 0n) return `${rule} no request is specified or request is 0`;
  if (limit === 0n) return `${rule} no limit is specified or limit is 0`;
  const ratio = Number(limit) / Number(request);
  return ratio > Number(amountOf(bound)) / 1e9 ? `${rule} provided ratio is ${ratio.toFixed(6)}` : undefined;
}
