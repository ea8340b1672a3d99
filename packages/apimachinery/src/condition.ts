import { formatTime } from './time.ts';

/** What is the case, what is not, and what nobody knows yet. */
export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** One observed aspect of an object's state. @see k8s.io/apimachinery meta/v1 `Condition` */
export interface Condition {
  readonly type: string;
  readonly status: ConditionStatus;
  /** The `metadata.generation` that was observed. */
  readonly observedGeneration?: number | undefined;
  /** RFC 3339: when `status` last changed. */
  readonly lastTransitionTime: string;
  /** Machine-readable, CamelCase. */
  readonly reason: string;
  /** For people. May be empty. */
  readonly message: string;
}

/** The condition of that type, if there is one. Works for the conditions of every kind. */
export function findCondition<C extends { readonly type: string }>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether there is a condition of that type with status `True`. */
export function isConditionTrue(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
  type: string,
): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * A new array in which `condition` stands in its type's place, or last. `lastTransitionTime` changes only when `status` does:
 * then it is the one given, or else `nowMs`.
 *
 * @param nowMs Milliseconds since the Unix epoch: `clock.now()`.
 * @see k8s.io/apimachinery api/meta `SetStatusCondition`
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  condition: Omit<Condition, 'lastTransitionTime'> & { readonly lastTransitionTime?: string | undefined },
  nowMs: number,
): Condition[] {
  const present = findCondition(conditions, condition.type);
  const lastTransitionTime =
    present && present.status === condition.status
      ? present.lastTransitionTime
      : (condition.lastTransitionTime ?? formatTime(nowMs));
  const next: Condition = { ...condition, lastTransitionTime };
  if (!present) return [...(conditions ?? []), next];
  return (conditions ?? []).map((existing) => (existing === present ? next : existing));
}
