import { equal, isPromiseLike, type KubernetesObject, LabelSelector, type StringMap } from '@bowline/apimachinery';
import { checkValue, rules, selectorOf } from '@bowline/apimachinery/arguments';
import { argument } from './argument-rules.ts';
import { checkReturned } from './check-returned.ts';
import type { CreateEvent, DeleteEvent, ObjectEvent, UpdateEvent } from './event.ts';
import { checkPredicate, checkPredicates } from './event-functions.ts';

/**
 * Decides which events reach a handler. A missing function lets all events of its type pass.
 *
 * A predicate saves reconciles, not memory: the cache holds the objects all the same (give it a selector for that).
 * One that throws lets the event pass, because a needless run is harmless and a lost event is not. So does one that is asynchronous:
 * a promise is no verdict, and nobody waits for it.
 */
export interface Predicate<T extends KubernetesObject = KubernetesObject> {
  create?(event: CreateEvent<T>): boolean;
  update?(event: UpdateEvent<T>): boolean;
  delete?(event: DeleteEvent<T>): boolean;
}

/**
 * Whether `predicate` lets `event` pass.
 *
 * @throws what the predicate throws.
 * @throws {TypeError} when it returns a promise.
 */
export function passes<T extends KubernetesObject>(predicate: Predicate<T>, event: ObjectEvent<T>): boolean {
  const verdict: unknown = verdictOf(predicate, event) ?? true;
  if (isPromiseLike(verdict))
    checkReturned('judge event', `what ${event.type} of a predicate returns`, verdict, rules.boolean);
  return Boolean(verdict);
}

function verdictOf<T extends KubernetesObject>(predicate: Predicate<T>, event: ObjectEvent<T>): boolean | undefined {
  switch (event.type) {
    case 'create':
      return predicate.create?.(event);
    case 'update':
      return predicate.update?.(event);
    case 'delete':
      return predicate.delete?.(event);
  }
}

/** Drops updates that changed nothing, as a resync delivers them. Decodes nothing. */
export const resourceVersionChanged: Predicate = Object.freeze({
  update: (event: UpdateEvent) => event.oldResourceVersion !== event.newResourceVersion,
});

/**
 * Drops updates that leave `metadata.generation` as it was: changes of metadata and, for kinds with a status subresource, of status.
 * Kinds that have no generation (ConfigMap, Secret, Service, …) never pass.
 */
export const generationChanged: Predicate = Object.freeze({
  update: ({ old, object }: UpdateEvent) => old.metadata.generation !== object.metadata.generation,
});

/** Drops updates that leave the annotations as they were. */
export const annotationsChanged: Predicate = Object.freeze({
  update: ({ old, object }: UpdateEvent) => !sameMap(old.metadata.annotations, object.metadata.annotations),
});

/** Drops updates that leave the labels as they were. */
export const labelsChanged: Predicate = Object.freeze({
  update: ({ old, object }: UpdateEvent) => !sameMap(old.metadata.labels, object.metadata.labels),
});

/** Passes what all of them let pass. */
export function and<T extends KubernetesObject>(...predicates: readonly Predicate<T>[]): Predicate<T> {
  checkPredicates('make predicate', 'predicates', predicates);
  return combine((event) => predicates.every((predicate) => passes(predicate, event)));
}

/** Passes what at least one of them lets pass. */
export function or<T extends KubernetesObject>(...predicates: readonly Predicate<T>[]): Predicate<T> {
  checkPredicates('make predicate', 'predicates', predicates);
  return combine((event) => predicates.some((predicate) => passes(predicate, event)));
}

/** Passes what `predicate` drops. */
export function not<T extends KubernetesObject>(predicate: Predicate<T>): Predicate<T> {
  checkPredicate('make predicate', 'predicate', predicate);
  return combine((event) => !passes(predicate, event));
}

/** Passes events whose object, for updates the new one, satisfies `accepts`. An object that no longer does is not reported. */
export function filter<T extends KubernetesObject>(accepts: (object: T) => boolean): Predicate<T> {
  checkValue('make predicate', 'accepts', accepts, rules.function);
  return combine((event) => accepts(event.object));
}

/**
 * Passes events of objects that the selector matches (for updates: now).
 *
 * @throws {RangeError} when the selector cannot be parsed.
 * @example
 * ```ts
 * import { predicate } from '@bowline/controller-runtime';
 *
 * predicate.labelSelector('app=web,tier in (front,back)');
 * ```
 */
export function labelSelector(selector: string | LabelSelector): Predicate {
  checkValue('make predicate', 'selector', selector, argument.labelSelector);
  const parsed = selectorOf('make predicate', 'selector', selector, LabelSelector);
  return filter((object) => parsed.matches(object.metadata.labels));
}

function combine<T extends KubernetesObject>(accepts: (event: ObjectEvent<T>) => boolean): Predicate<T> {
  return { create: accepts, update: accepts, delete: accepts };
}

function sameMap(a: StringMap = {}, b: StringMap = {}): boolean {
  return equal(a, b);
}
