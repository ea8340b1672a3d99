import { checkValue } from './check-options.ts';
import { formatTime } from './time.ts';
import { oneOf, rules, valueRule } from './value-rules.ts';

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

const memberRules = {
  type: rules.nonEmptyString,
  status: oneOf('True', 'False', 'Unknown'),
  reason: rules.string,
  message: rules.string,
};
const moment = valueRule(
  'milliseconds since 1970',
  (value): value is number => typeof value === 'number',
  (value) => Number.isFinite(value),
);

/**
 * A new array in which `condition` stands in its type's place, or last. `lastTransitionTime` changes only when `status` does:
 * then it is the one given, or else `nowMs`.
 *
 * @param nowMs Milliseconds since the Unix epoch: `clock.now()`.
 * @throws {TypeError | RangeError} when an argument, or a member of the condition, is missing or wrong.
 * @see k8s.io/apimachinery api/meta `SetStatusCondition`
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  condition: Omit<Condition, 'lastTransitionTime'> & { readonly lastTransitionTime?: string | undefined },
  nowMs: number,
): Condition[] {
  const action = 'set condition';
  if (conditions !== undefined) checkValue(action, 'conditions', conditions, rules.array);
  checkValue(action, 'condition', condition, rules.object);
  for (const [name, rule] of Object.entries(memberRules)) {
    checkValue(action, `condition.${name}`, Reflect.get(condition, name), rule);
  }
  checkValue(action, 'nowMs', nowMs, moment);
  const present = findCondition(conditions, condition.type);
  const lastTransitionTime =
    present && present.status === condition.status
      ? present.lastTransitionTime
      : (condition.lastTransitionTime ?? formatTime(nowMs));
  const next: Condition = { ...condition, lastTransitionTime };
  if (!present) return [...(conditions ?? []), next];
  return (conditions ?? []).map((existing) => (existing === present ? next : existing));
}
