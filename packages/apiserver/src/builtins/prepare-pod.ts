import { isObject, type JsonObject, listAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { objectAt, textsAt } from './validate-fields.ts';

/** Adds what a pod's own labels are to the selectors that name their keys. @see k8s.io/kubernetes pkg/registry/core/pod `mutatePodAffinity` */
export function applyLabelKeys(pod: ServerObject): void {
  for (const name of ['podAffinity', 'podAntiAffinity']) {
    const affinity = valueAt(pod, 'spec', 'affinity', name);
    for (const term of listAt(affinity, 'preferredDuringSchedulingIgnoredDuringExecution')) {
      addKeys(objectAt(term, 'podAffinityTerm'), pod);
    }
    for (const term of listAt(affinity, 'requiredDuringSchedulingIgnoredDuringExecution')) addKeys(term, pod);
  }
  for (const constraint of listAt(pod, 'spec', 'topologySpreadConstraints')) addKeys(constraint, pod);
}

function addKeys(owner: unknown, pod: ServerObject): void {
  const selector = objectAt(owner, 'labelSelector');
  if (selector === undefined) return;
  const labels = pod.metadata.labels ?? {};
  const requirements = [
    ...textsAt(owner, 'matchLabelKeys').map((key) => ({ key, operator: 'In' })),
    ...textsAt(owner, 'mismatchLabelKeys').map((key) => ({ key, operator: 'NotIn' })),
  ].flatMap(({ key, operator }) => (labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }]));
  if (requirements.length > 0) {
    selector.matchExpressions = [...listAt(selector, 'matchExpressions'), ...requirements];
  }
}

/** Clients that know nothing of observed generations do not take them away. @see k8s.io/kubernetes pkg/registry/core/pod `preserveOldObservedGeneration` */
export function keepObservedGenerations(status: JsonObject, old: unknown): void {
  const known = valueAt(old, 'observedGeneration');
  if (!status.observedGeneration && known) status.observedGeneration = known;
  const before = new Map<string, unknown[]>();
  for (const condition of listAt(old, 'conditions')) {
    const type = stringAt(condition, 'type');
    before.set(type, [...(before.get(type) ?? []), valueAt(condition, 'observedGeneration')]);
  }
  for (const condition of listAt(status, 'conditions')) {
    const generation = before.get(stringAt(condition, 'type'))?.shift();
    if (isObject(condition) && !condition.observedGeneration && generation) {
      condition.observedGeneration = generation;
    }
  }
}
