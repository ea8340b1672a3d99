import type { KubernetesObject } from '@bowline/apimachinery';
import { checkValue, rules } from '@bowline/apimachinery/arguments';
import { checkHandler } from './handlers.ts';
import type { Handler } from './ports.ts';

/**
 * A handler that knows only the objects that pass: one that begins to pass by an update is added, one that ceases to is deleted.
 * Where `passes` throws, the call fails as a handler's would.
 *
 * @param passes Free of side effects, and of the same outcome for the same object.
 * @throws {TypeError} when an argument is none.
 * @example
 * ```ts
 * import { filterHandler } from '@bowline/informer';
 *
 * const handler = filterHandler(({ metadata }) => metadata.labels?.tier === 'web', {
 *   onAdd: ({ metadata }) => console.log('added', metadata.name),
 * });
 * ```
 * @see client-go tools/cache/controller.go `FilteringResourceEventHandler`
 */
export function filterHandler<T extends object = KubernetesObject>(
  passes: (object: T) => boolean,
  handler: Handler<T>,
): Handler<T> {
  checkValue('filter handler', 'passes', passes, rules.function);
  checkHandler('filter handler', handler);
  return {
    onAdd(object, info) {
      if (passes(object)) return handler.onAdd?.(object, info);
    },
    onUpdate(old, now) {
      const [passed, isPassing] = [passes(old), passes(now)];
      if (passed && isPassing) return handler.onUpdate?.(old, now);
      if (isPassing) return handler.onAdd?.(now, { initial: false });
      if (passed) return handler.onDelete?.(old, { finalStateUnknown: false });
    },
    onDelete(last, info) {
      if (passes(last)) return handler.onDelete?.(last, info);
    },
  };
}
