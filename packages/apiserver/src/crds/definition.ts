import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionVersion,
} from '@bowline/api/apiextensions/v1';
import { formatTime } from '@bowline/apimachinery';
import type { JsonObject, ServerObject } from '../object.ts';

/** A stored definition: the server has filled in its status. */
export type Definition = CustomResourceDefinition & {
  readonly status: NonNullable<CustomResourceDefinition['status']>;
};

/** What keeps a definition until its objects are gone. @see k8s.io/apiextensions-apiserver apis/apiextensions/v1 `CustomResourceCleanupFinalizer` */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

/** A stored object as what it is. */
export function asDefinition(object: ServerObject): Definition {
  return object as unknown as Definition;
}

export function conditionOf(crd: Definition, type: string): CustomResourceDefinitionCondition | undefined {
  return crd.status.conditions?.find((one) => one.type === type);
}

export function isTrue(crd: Definition, type: string): boolean {
  return conditionOf(crd, type)?.status === 'True';
}

/** What the controllers of the server say about a definition. */
export interface NewCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/**
 * Conditions with one of them set. Its time moves only when its status changes.
 *
 * @see k8s.io/apiextensions-apiserver pkg/apihelpers `SetCRDCondition`
 */
function withCondition(
  conditions: readonly CustomResourceDefinitionCondition[] | null | undefined,
  condition: NewCondition,
  nowMs: number,
): CustomResourceDefinitionCondition[] {
  const { type, status, reason, message } = condition;
  const before = conditions?.find((one) => one.type === type);
  const same = before?.status === status ? before.lastTransitionTime : undefined;
  const next = { type, status, lastTransitionTime: same ?? formatTime(nowMs), reason, message };
  const others = conditions ?? [];
  return before === undefined ? [...others, next] : others.map((one) => (one === before ? next : one));
}

/** Sets a condition in a draft of a definition. */
export function setCondition(draft: ServerObject, condition: NewCondition, nowMs: number): void {
  const { status } = asDefinition(draft);
  draft.status = {
    ...status,
    conditions: withCondition(status.conditions, condition, nowMs),
  } satisfies JsonObject;
}

/** The version in which objects are stored. */
export function storageVersionOf({ spec }: CustomResourceDefinition): CustomResourceDefinitionVersion | undefined {
  return (spec.versions ?? []).find(({ storage }) => storage);
}
