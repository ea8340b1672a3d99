import type { Clock, GroupVersionResource, ItemClient, KubernetesObject, Random, Sink } from '@bowline/apimachinery';
import { ListWatch, type ProblemKind, Reflector } from '@bowline/listwatch';
import type { DefinitionChanges } from './ports.ts';

/** Problems that waiting does not solve: then nobody is told of changes, and the resource itself is asked for from time to time. */
const hopeless: ReadonlySet<ProblemKind | undefined> = new Set<ProblemKind>([
  'forbidden',
  'unauthorized',
  'not-found',
  'rejected',
  'misconfigured',
]);

/**
 * Watches the CustomResourceDefinition of a resource, metadata only. Undefined when it can have none, as the built-in ones.
 * Needs "list" and "watch" on customresourcedefinitions; without them it ends at once.
 */
export function definitionWatch(
  client: ItemClient,
  { group, resource }: GroupVersionResource,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): DefinitionChanges | undefined {
  if (!group.includes('.')) return undefined;
  const source = new ListWatch<KubernetesObject>(client, {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    resource: 'customresourcedefinitions',
    fieldSelector: `metadata.name=${resource}.${group}`,
    metadataOnly: true,
  });
  return {
    async watch(onChange, signal) {
      const stop = new AbortController();
      const onAbort = (): void => stop.abort();
      if (signal.aborted) return;
      signal.addEventListener('abort', onAbort, { once: true });
      const reflector: Reflector<KubernetesObject> = new Reflector(
        { source, sink: changesOnly(onChange), clock, random, observer: { changed: () => endWhenHopeless() } },
        { name: 'definition' },
      );
      const endWhenHopeless = (): void => {
        const { failures, lastErrorKind } = reflector.status();
        if (failures > 0 && hopeless.has(lastErrorKind)) stop.abort();
      };
      await reflector.run(stop.signal);
      signal.removeEventListener('abort', onAbort);
    },
  };
}

/** Takes note that there was a change, and keeps nothing. */
function changesOnly<T>(onChange: () => void): Sink<T> {
  return {
    replace: () => ({ put: onChange, remove() {}, commit: () => Promise.resolve() }),
    apply: (changes) => {
      if (changes.length > 0) onChange();
    },
    drained: () => undefined,
  };
}
