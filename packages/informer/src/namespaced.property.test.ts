import { compareResourceVersions, defineKind, type KubernetesObject, keyOf, silentLogger } from '@bowline/apimachinery';
import { FakeClock, seededRandom } from '@bowline/apimachinery/testing';
import { FakeItemServer } from '@bowline/listwatch/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SharedInformerFactory } from './factory.ts';
import type { Handler } from './ports.ts';
import type { HandlerRegistration } from './registration.ts';

const Gadget = defineKind({
  group: 'example.com',
  version: 'v1',
  kind: 'Gadget',
  resource: 'gadgets',
  scope: 'Namespaced',
});

/** What one handler knows; notes what cannot be. */
class View implements Handler<KubernetesObject> {
  readonly known: Map<string, string> = new Map();
  readonly complaints: string[] = [];
  registration: HandlerRegistration | undefined;
  readonly #forgetsWhatIsTakenAway: boolean;

  constructor(forgetsWhatIsTakenAway: boolean) {
    this.#forgetsWhatIsTakenAway = forgetsWhatIsTakenAway;
  }

  onAdd(object: KubernetesObject): void {
    if (this.known.has(keyOf(object))) this.complaints.push(`added twice: ${keyOf(object)}`);
    this.known.set(keyOf(object), object.metadata.resourceVersion);
  }

  onUpdate(_old: KubernetesObject, now: KubernetesObject): void {
    const before = this.known.get(keyOf(now));
    if (before === undefined || compareResourceVersions(now.metadata.resourceVersion, before) < 0)
      this.complaints.push(`updated but unknown, or went back: ${keyOf(now)}`);
    this.known.set(keyOf(now), now.metadata.resourceVersion);
  }

  onDelete(last: KubernetesObject, { finalStateUnknown }: { readonly finalStateUnknown: boolean }): void {
    if (finalStateUnknown && this.#forgetsWhatIsTakenAway) return;
    if (!this.known.delete(keyOf(last))) this.complaints.push(`deleted but unknown: ${keyOf(last)}`);
  }
}

const STEPS = 250;
const RUNS = 220;
const namespaces = ['a', 'b', 'c', 'd'];
const step = fc.record({
  do: fc.constantFrom(
    'put',
    'put',
    'put',
    'delete',
    'recreate',
    'move',
    'move',
    'add',
    'remove',
    'break',
    'compact',
    'settle',
  ),
  namespace: fc.constantFrom(...namespaces),
  which: fc.nat(15),
});
const count = { steps: 0 };

/** Namespaces, handlers and objects come and go. @returns what does not fit together */
async function live(
  seed: number,
  steps: readonly { do: string; namespace: string; which: number }[],
  planted: boolean,
): Promise<string[]> {
  const clock = new FakeClock();
  const server = new FakeItemServer();
  const factory = new SharedInformerFactory(server, { clock, random: seededRandom(seed), logger: silentLogger });
  factory.start();
  const gadgets = await factory.acquireNamespaces(Gadget, { indexes: { first: (object) => object.metadata.name[0] } });
  const views: View[] = [];
  const changes: Promise<void>[] = [];
  for (const { do: action, namespace, which } of steps) {
    count.steps++;
    const key = { namespace, name: `${'xyz'[which % 3]}${which % 5}` };
    if (action === 'put') server.put(Gadget, { metadata: key });
    else if (action === 'delete') server.delete(Gadget, key);
    else if (action === 'recreate') {
      server.delete(Gadget, key);
      server.put(Gadget, { metadata: key });
    } else if (action === 'move')
      changes.push(gadgets.setNamespaces(namespaces.filter((_, bit) => which & (1 << bit))));
    else if (action === 'break') server.breakWatches();
    else if (action === 'compact') server.compact();
    else if (action === 'settle') await clock.settle();
    else if (action === 'remove') views[which % Math.max(1, views.length)]?.registration?.remove();
    else if (views.filter(({ registration }) => !registration?.isRemoved).length < 8) {
      const view = new View(planted);
      view.registration = gadgets.addHandler(view, { maxPending: which === 0 ? 1 : 1_000 });
      views.push(view);
    }
  }
  await Promise.all(changes);
  await clock.advance(300_000);
  const contents = new Map(
    server
      .objects(Gadget)
      .filter(({ metadata }) => gadgets.namespaces.includes(metadata.namespace ?? ''))
      .map((object) => [keyOf(object), object.metadata.resourceVersion]),
  );
  const complaints = views.flatMap((view) => view.complaints);
  const isSame = (known: ReadonlyMap<string, string>): boolean =>
    known.size === contents.size && [...contents].every(([key, version]) => known.get(key) === version);
  for (const { registration, known } of views) {
    if (registration?.isRemoved) continue;
    if (!registration?.hasSynced) complaints.push('a handler has not synced');
    if (!isSame(known)) complaints.push('a handler ends at another state than the server');
  }
  const cached = new Map([...gadgets.cache.items()].map(({ key, resourceVersion }) => [key, resourceVersion]));
  if (!isSame(cached) || gadgets.cache.size !== contents.size) complaints.push('the cache differs from the server');
  const indexed = gadgets.cache.indexValues('first').flatMap((value) => gadgets.cache.indexKeys('first', value));
  if (indexed.sort().join() !== [...contents.keys()].sort().join())
    complaints.push('the index differs from the server');
  if (!gadgets.hasSynced || server.openWatches !== gadgets.namespaces.length)
    complaints.push('not one watch per namespace');
  await factory.shutdown();
  if (clock.pending > 0 || server.openWatches > 0) complaints.push('something is left');
  return complaints;
}

const histories = [fc.nat(), fc.array(step, { minLength: STEPS, maxLength: STEPS, size: 'max' })] as const;

test('NamespacedInformer is Truthful while namespaces, handlers and objects come and go at random', {
  timeout: 120_000,
}, async () => {
  count.steps = 0;
  await fc.assert(
    fc.asyncProperty(...histories, async (seed, steps) => {
      expect(await live(seed, steps, false)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
  console.log(`NamespacedInformer: ${count.steps.toLocaleString('en-US')} random steps`);
  expect(count.steps).toBeGreaterThanOrEqual(50_000);
});

test('NamespacedInformer: a handler that keeps what was taken away is found', { timeout: 120_000 }, async () => {
  const property = fc.asyncProperty(...histories, async (seed, steps) => (await live(seed, steps, true)).length === 0);
  expect((await fc.check(property, { numRuns: 20, seed: 1, endOnFailure: true })).failed).toBe(true);
});
