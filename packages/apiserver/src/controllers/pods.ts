import { listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';

/** The uid of the controller of an object; `''` when it has none. */
export function controllerUid(object: ServerObject): string {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid ?? '';
}

/** Neither finished nor being deleted. */
export function isActive(pod: ServerObject): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined && !['Succeeded', 'Failed'].includes(stringAt(pod, 'status', 'phase'))
  );
}

function readyCondition(pod: ServerObject): unknown {
  return listAt(pod, 'status', 'conditions').find((condition) => stringAt(condition, 'type') === 'Ready');
}

export function isReady(pod: ServerObject): boolean {
  return stringAt(readyCondition(pod), 'status') === 'True';
}

/** When a ready pod will have been ready for so long that it counts as available, in milliseconds since the epoch. */
export function availableAtMs(pod: ServerObject, minReadySeconds: number): number {
  if (!isReady(pod)) return Number.POSITIVE_INFINITY;
  return minReadySeconds === 0
    ? 0
    : Date.parse(stringAt(readyCondition(pod), 'lastTransitionTime')) + minReadySeconds * 1_000;
}

/** The count in a field, or `fallback`. */
export function replicasAt(object: unknown, fallback: number, ...path: readonly string[]): number {
  return numberAt(object, ...path) ?? fallback;
}

/** A count or a percentage of `total`. */
export function resolveCount(value: unknown, total: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(String(value ?? '0%'));
  return round((Number(percent?.[1] ?? 0) * total) / 100);
}

/** The labels of an object's pod template. */
export function templateLabels(object: ServerObject): Readonly<Record<string, string>> {
  return (valueAt(object, 'spec', 'template', 'metadata', 'labels') ?? {}) as Readonly<Record<string, string>>;
}
