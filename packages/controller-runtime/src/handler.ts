import type { Awaitable, Kind, KubernetesObject } from '@bowline/apimachinery';
import { groupVersion, isPromiseLike } from '@bowline/apimachinery';
import { checkOptions, checkValue, rules } from '@bowline/apimachinery/arguments';
import type { CreateEvent, DeleteEvent, ObjectEvent, UpdateEvent } from './event.ts';
import type { Enqueue } from './ports.ts';
import { mappedRequests, type RequestKey } from './request.ts';

/**
 * Turns events into keys to reconcile. A missing function ignores events of its type.
 *
 * Its calls come one at a time. When one throws or rejects, the error is logged and the event comes again later, with growing delays:
 * no event is lost because a lookup failed.
 */
export interface EventHandler<T extends KubernetesObject = KubernetesObject> {
  create?(event: CreateEvent<T>, queue: Enqueue): Awaitable<void>;
  update?(event: UpdateEvent<T>, queue: Enqueue): Awaitable<void>;
  delete?(event: DeleteEvent<T>, queue: Enqueue): Awaitable<void>;
}

/** The priority of what can wait: what existed at the start, and updates that changed nothing. @see controller-runtime pkg/handler `LowPriority` */
export const lowPriority = -100;

/** What a key is queued with because of `event`, unless the handler says otherwise. @see controller-runtime pkg/handler `WithLowPriorityWhenUnchanged` */
export function priorityOf(event: ObjectEvent): number {
  switch (event.type) {
    case 'create':
      return event.initial ? lowPriority : 0;
    case 'update':
      return event.oldResourceVersion === event.newResourceVersion ? lowPriority : 0;
    case 'delete':
      return 0;
  }
}

/** Calls the function of `handler` that fits `event`. */
export function handle<T extends KubernetesObject>(
  handler: EventHandler<T>,
  event: ObjectEvent<T>,
  queue: Enqueue,
): Awaitable<void> {
  switch (event.type) {
    case 'create':
      return handler.create?.(event, queue);
    case 'update':
      return handler.update?.(event, queue);
    case 'delete':
      return handler.delete?.(event, queue);
  }
}

/** Queues the object that changed. Needs its key only, so nothing is decoded. */
export const enqueueRequestForObject: EventHandler = everyEvent((event, queue) => queue.add(event.key));

/** Which owners are queued. */
export interface OwnerHandlerOptions {
  /** Only the owner that manages the object (`controller: true`), not every one. @default false */
  readonly onlyController?: boolean | undefined;
}

/**
 * Queues the owners of the object that changed which are of the kind `owner`; after an update also those it had before.
 * Group and kind are compared, the version is not: an owner has the same name in all of them.
 */
export function enqueueRequestForOwner(owner: Kind, options: OwnerHandlerOptions = {}): EventHandler {
  checkValue('enqueue owners', 'owner', owner, rules.kind);
  checkOptions<OwnerHandlerOptions>('enqueue owners', options, { onlyController: rules.boolean });
  const { onlyController = false } = options;
  const ownersOf = function* (object: KubernetesObject): Iterable<RequestKey> {
    for (const reference of object.metadata.ownerReferences ?? []) {
      if (onlyController && reference.controller !== true) continue;
      if (reference.kind !== owner.kind || groupOf(reference.apiVersion) !== owner.group) continue;
      yield owner.scope === 'Namespaced'
        ? { namespace: object.metadata.namespace, name: reference.name }
        : { name: reference.name };
    }
  };
  return enqueueRequestsFromMapFunc(ownersOf);
}

/** Names the requests that an object is of interest to. */
export type MapFunc<T extends KubernetesObject = KubernetesObject> = (object: T) => Awaitable<Iterable<RequestKey>>;

/**
 * Queues what `map` returns for the object that changed; after an update what it returns for the old and for the new one, each key once.
 *
 * @example
 * ```ts
 * import { Node } from '@bowline/api/core/v1';
 * import { enqueueRequestsFromMapFunc } from '@bowline/controller-runtime';
 *
 * const byLabel = enqueueRequestsFromMapFunc<Node>((node) => [{ name: node.metadata.labels?.['pool'] ?? 'default' }]);
 * ```
 */
export function enqueueRequestsFromMapFunc<T extends KubernetesObject>(map: MapFunc<T>): EventHandler<T> {
  checkValue('enqueue requests', 'map', map, rules.function);
  const enqueue = (objects: readonly T[], queue: Enqueue): Awaitable<void> => {
    const mapped = objects.map(map);
    return mapped.some(isPromiseLike)
      ? Promise.all(mapped).then((lists) => addOnce(lists, queue))
      : addOnce(mapped as Iterable<RequestKey>[], queue);
  };
  return {
    create: ({ object }, queue) => enqueue([object], queue),
    update: ({ old, object }, queue) => enqueue([old, object], queue),
    delete: ({ object }, queue) => enqueue([object], queue),
  };
}

function addOnce(lists: readonly Iterable<RequestKey>[], queue: Enqueue): void {
  const keys = new Set<string>();
  for (const list of lists) for (const key of mappedRequests(list)) keys.add(key);
  for (const key of keys) queue.add(key);
}

function everyEvent(enqueue: (event: ObjectEvent, queue: Enqueue) => void): EventHandler {
  return Object.freeze({ create: enqueue, update: enqueue, delete: enqueue });
}

/** Undefined when a reference, which anybody can write, has a malformed `apiVersion`: it then owns nothing of ours. */
function groupOf(apiVersion: string): string | undefined {
  try {
    return groupVersion(apiVersion).group;
  } catch {
    return undefined;
  }
}
