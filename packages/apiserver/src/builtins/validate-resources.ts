import { labelKeyProblems } from '@bowline/apimachinery';
import { duplicate, forbidden, invalid, notFoundValue, notSupported, required } from '../field-error.ts';
import { dns1123LabelErrors } from '../meta/formats.ts';
import { type JsonObject, listAt, stringAt, valueAt } from '../object.ts';
import { canonicalQuantity } from '../schema/quantity.ts';
import { amountOf, wholeOf } from './amount.ts';
import { each, has, negativeMessage, type Report, says, textMapAt } from './validate-fields.ts';

const hugePages = 'hugepages-';
const containerResources = ['cpu', 'memory', 'ephemeral-storage'];
const countedResources = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const quotaResources = [
  ...['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
  'requests.storage',
  ...countedResources,
];
const standardResources = [...quotaResources, 'storage'];

function isHugePages(name: string): boolean {
  return name.startsWith(hugePages);
}

function isQuotaHugePages(name: string): boolean {
  return isHugePages(name) || name.startsWith(`requests.${hugePages}`);
}

/** Resources without a domain, and those of Kubernetes' own. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

function isExtendedResource(name: string): boolean {
  return !isNativeResource(name) && !name.startsWith('requests.') && labelKeyProblems(`requests.${name}`).length === 0;
}

/** Whether requests may be below limits. */
export function mayOvercommit(name: string): boolean {
  return isNativeResource(name) && !isHugePages(name);
}

/** @returns whether the name is good. */
export function checkResourceName(name: string, field: string, report: Report): boolean {
  const problems = labelKeyProblems(name);
  says(problems, field, name, report);
  if (problems.length > 0) return false;
  if (name.includes('/') || standardResources.includes(name) || isQuotaHugePages(name)) return true;
  report(invalid(field, name, 'must be a standard resource type or fully qualified'));
  return false;
}

export function checkContainerResourceName(name: string, field: string, report: Report): void {
  checkResourceName(name, field, report);
  if (!name.includes('/')) {
    if (!containerResources.includes(name) && !isHugePages(name)) {
      report(invalid(field, name, 'must be a standard resource for containers'));
    }
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    report(invalid(field, name, "doesn't follow extended resource name standard"));
  }
}

/** Resources that quotas know by name. */
export function isStandardQuotaResource(name: string): boolean {
  return quotaResources.includes(name) || isQuotaHugePages(name);
}

export function checkQuotaResourceName(name: string, field: string, report: Report): void {
  checkResourceName(name, field, report);
  if (name.includes('/') || isStandardQuotaResource(name)) return;
  report(invalid(field, name, 'must be a standard resource for quota'));
}

function checkPodResourceName(name: string, field: string, report: Report): void {
  if (!checkResourceName(name, field, report)) return;
  if (['cpu', 'memory'].includes(name) || isHugePages(name)) return;
  report(notSupported(field, name, ['cpu', hugePages, 'memory']));
}

/** Amounts are not below 0; what is counted is whole. */
export function checkResourceAmount(name: string, amount: unknown, field: string, report: Report): void {
  if (amountOf(amount) < 0n) report(invalid(field, amount, negativeMessage));
  if (!countedResources.includes(name) && !isExtendedResource(name)) return;
  if (amountOf(amount) % 10n ** 9n !== 0n) report(invalid(field, amount, 'must be an integer'));
}

/** What resources are asked of: a container, or a pod as a whole. */
export interface ResourceRules {
  readonly level: 'container' | 'pod';
  /** Names of the pod's resource claims. */
  readonly claims: ReadonlySet<string>;
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateContainerResourceRequirements` */
export function checkResources(
  resources: unknown,
  field: string,
  { level, claims }: ResourceRules,
  report: Report,
): void {
  const checkName = level === 'container' ? checkContainerResourceName : checkPodResourceName;
  const [limits, requests] = [textMapAt(resources, 'limits'), textMapAt(resources, 'requests')];
  for (const [name, amount] of Object.entries(limits)) {
    const path = `${field}.limits[${name}]`;
    checkName(name, path, report);
    checkResourceAmount(name, amount, path, report);
    checkHugePages(name, amount, path, report);
  }
  for (const [name, amount] of Object.entries(requests)) {
    const path = `${field}.requests[${name}]`;
    checkName(name, path, report);
    checkResourceAmount(name, amount, path, report);
    const limit = limits[name];
    if (limit === undefined) {
      if (!mayOvercommit(name))
        report(required(`${field}.limits`, 'Limit must be set for non overcommitable resources'));
    } else if (amountOf(amount) !== amountOf(limit) && !mayOvercommit(name)) {
      report(invalid(`${field}.requests`, amount, `must be equal to ${name} limit of ${limit}`));
    } else if (amountOf(amount) > amountOf(limit)) {
      report(invalid(`${field}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`));
    }
    checkHugePages(name, amount, path, report);
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    report(forbidden(field, 'HugePages require cpu or memory'));
  }
  checkClaims(resources, field, claims, report);
}

function checkHugePages(name: string, amount: unknown, field: string, report: Report): void {
  if (!isHugePages(name)) return;
  const size = pageSize(name.slice(hugePages.length));
  if (size !== undefined && wholeOf(amount) % size === 0n) return;
  report(invalid(field, amount, `${amount} is not positive integer multiple of ${name}`));
}

function pageSize(text: string): bigint | undefined {
  let size: bigint;
  try {
    size = amountOf(canonicalQuantity(text));
  } catch {
    // A name that gives no size gives none that anything is a multiple of.
    return undefined;
  }
  return size > 0n && size % 10n ** 9n === 0n ? size / 10n ** 9n : undefined;
}

function checkClaims(resources: unknown, field: string, known: ReadonlySet<string>, report: Report): void {
  const taken = new Set<string>();
  each(resources, 'claims', field, (claim, path) => {
    const [name, request] = [stringAt(claim, 'name'), stringAt(claim, 'request')];
    if (name === '') {
      report(required(path));
      return;
    }
    if (taken.has(name)) report(duplicate(path, name));
    else {
      if (request !== '') says(dns1123LabelErrors(request), `${path}.request`, request, report);
      const key = request === '' ? name : `${name}/${request}`;
      if (taken.has(key)) report(duplicate(path, key));
      else if (request === '') {
        for (const other of taken) if (other.startsWith(`${name}/`)) report(duplicate(path, name));
      }
      taken.add(key);
    }
    if (known.has(name)) return;
    const which = known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`;
    const { message } = notFoundValue(path, name);
    const why = `must be one of the names in pod.spec.resourceClaims${which}`;
    report({ type: 'FieldValueNotFound', field: path, message: `${message}: ${why}` });
  });
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `validatePodResources` */
export function checkPodResources(spec: JsonObject, field: string, claims: ReadonlySet<string>, report: Report): void {
  const resources = valueAt(spec, 'resources');
  if (resources === undefined || resources === null) return;
  const path = `${field}.resources`;
  if (stringAt(spec, 'os', 'name') === 'windows') {
    report(forbidden(path, 'may not be set for a windows pod'));
    return;
  }
  if (has(resources, 'claims')) report(forbidden(`${path}.claims`, 'claims may not be set for Resources at pod-level'));
  checkResources(resources, path, { level: 'pod', claims }, report);
  const [limits, requests] = [textMapAt(resources, 'limits'), textMapAt(resources, 'requests')];
  for (const [name, wanted] of aggregated(spec, 'requests')) {
    const own = requests[name];
    if (own === undefined || amountOf(wanted) <= amountOf(own)) continue;
    const why = `must be greater than or equal to aggregate container requests of ${wanted}`;
    report(invalid(`${path}.requests[${name}]`, own, why));
  }
  for (const [name, wanted] of aggregated(spec, 'limits')) {
    const own = limits[name];
    if (!isHugePages(name) || own === undefined || amountOf(wanted) <= amountOf(own)) continue;
    const why = `must be greater than or equal to aggregate container limits of ${wanted}`;
    report(invalid(`${path}.limits[${name}]`, own, why));
  }
  each(spec, 'containers', path, (container, at) => {
    for (const [name, limit] of Object.entries(textMapAt(container, 'resources', 'limits'))) {
      const own = limits[name];
      if (own === undefined || amountOf(limit) <= amountOf(own)) continue;
      report(invalid(`${at}[${name}].limits`, limit, `must be less than or equal to pod limits of ${own}`));
    }
  });
}

/**
 * What the containers of a pod ask for together: all that run at the same time, or any init container and what runs beside it,
 * whichever is more.
 *
 * @see k8s.io/component-helpers resource `AggregateContainerRequests`
 */
export function aggregated(spec: unknown, kind: 'requests' | 'limits'): ReadonlyMap<string, string> {
  const together: Totals = new Map();
  for (const container of listAt(spec, 'containers')) add(together, valueAt(container, 'resources', kind));
  const sidecars: Totals = new Map();
  const initial: Totals = new Map();
  for (const container of listAt(spec, 'initContainers')) {
    const own = valueAt(container, 'resources', kind);
    const now: Totals = new Map(sidecars);
    if (stringAt(container, 'restartPolicy') === 'Always') {
      add(together, own);
      add(sidecars, own);
    }
    add(now, own);
    raise(initial, now);
  }
  raise(together, initial);
  return new Map([...together].map(([name, { amount, like }]) => [name, written(amount, like)]));
}

type Totals = Map<string, { readonly amount: bigint; readonly like: string }>;

function add(totals: Totals, amounts: unknown): void {
  for (const [name, quantity] of Object.entries(textMapAt({ amounts }, 'amounts'))) {
    const before = totals.get(name);
    totals.set(name, { amount: (before?.amount ?? 0n) + amountOf(quantity), like: before?.like ?? quantity });
  }
}

function raise(totals: Totals, to: Totals): void {
  for (const [name, total] of to) if (total.amount > (totals.get(name)?.amount ?? -1n)) totals.set(name, total);
}

/** An amount in the form of another quantity: in binary or in decimal multiples. */
function written(amount: bigint, like: string): string {
  const unit = 10n ** 9n;
  const kibi = unit * 1024n;
  if (like.endsWith('i') && amount % kibi === 0n) return canonicalQuantity(`${amount / kibi}Ki`);
  return canonicalQuantity(amount % unit === 0n ? `${amount / unit}` : `${amount}n`);
}
