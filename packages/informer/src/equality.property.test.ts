import {
  compareResourceVersions,
  type ResourceQuery,
  statusError,
  type WatchCall,
  type WatchFrame,
} from '@bowline/apimachinery';
import { FakeClock, seededRandom } from '@bowline/apimachinery/testing';
import { Indexer } from '@bowline/cache';
import { ListWatch, Reflector } from '@bowline/listwatch';
import { FakeItemServer } from '@bowline/listwatch/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Widget } from './informer.fixture.ts';
import type { Handler } from './ports.ts';
import { SharedInformer } from './shared-informer.ts';

/** A bad day, as data. */
type Step =
  | { readonly do: 'put' | 'delete' | 'recreate'; readonly name: string }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'bookmark' | 'compact' | 'end' | 'mute' }
  | { readonly do: 'break' | 'inject' | 'failList' | 'failWatch'; readonly error: keyof typeof errors };

const status = (code: number, reason: string): Error =>
  statusError({ status: 'Failure', code, reason, message: reason });
const errors = {
  expired: () => status(410, 'Expired'),
  throttled: () => status(429, 'TooManyRequests'),
  internal: () => status(500, 'InternalError'),
  forbidden: () => status(403, 'Forbidden'),
  reset: () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
  halfLine: () => new SyntaxError('Unexpected end of JSON input'),
};

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const node = (object: Widget): string => `n${(object.spec?.size ?? 0) % 2}`;
const error = fc.constantFrom(...(Object.keys(errors) as (keyof typeof errors)[]));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), name }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'recreate' as const), name }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 900, 5_000, 100_000, 400_000) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('bookmark' as const, 'compact' as const, 'end' as const, 'mute' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('break' as const, 'inject' as const, 'failList' as const, 'failWatch' as const),
      error,
    }),
  },
);

async function live(server: FakeItemServer, clock: FakeClock, action: Step): Promise<void> {
  count.steps++;
  switch (action.do) {
    case 'put':
      server.put(Widget, { metadata: { name: action.name }, spec: { size: Number(server.resourceVersion) } });
      break;
    case 'delete':
      server.delete(Widget, action.name);
      break;
    case 'recreate':
      server.delete(Widget, action.name);
      server.put(Widget, { metadata: { name: action.name } });
      break;
    case 'wait':
      await clock.advance(action.ms);
      break;
    case 'bookmark':
      server.sendBookmarks();
      break;
    case 'compact':
      server.compact();
      break;
    case 'end':
      server.endWatches();
      break;
    case 'mute':
      server.muteWatches();
      break;
    case 'break':
      server.breakWatches(errors[action.error]());
      break;
    case 'inject':
      server.inject({ type: 'error', error: errors[action.error]() });
      break;
    case 'failList':
    case 'failWatch':
      server.failNext(action.do === 'failList' ? 'list' : 'watch', errors[action.error]());
      break;
  }
}

const contents = (server: FakeItemServer): string[] =>
  server.objects(Widget).map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`);

const bad = {
  seed: fc.nat(),
  watchList: fc.boolean(),
  server: fc.record({ watchList: fc.boolean(), watchCache: fc.boolean() }),
  pageSize: fc.constantFrom(undefined, 1, 2),
  steps: fc.array(step, { minLength: 100, maxLength: 100, size: 'max' }),
};
const RUNS = 510;

/** A server whose deletions of "c" get lost on the way. */
class LosingServer extends FakeItemServer {
  override async *watchItems<T>(query: ResourceQuery, call: WatchCall): AsyncGenerator<readonly WatchFrame<T>[]> {
    for await (const frames of super.watchItems<T>(query, call))
      yield frames.filter((frame) => frame.type !== 'deleted' || frame.item.key !== 'c');
  }
}

const count = { steps: 0 };

/** Checks a property with a server that is in order, and that it finds out when it is not. */
async function check(
  name: string,
  property: (Server: typeof FakeItemServer) => fc.IAsyncProperty<never>,
): Promise<void> {
  count.steps = 0;
  await fc.assert(property(FakeItemServer), { numRuns: RUNS });
  console.log(`${name}: ${count.steps.toLocaleString('en-US')} random steps`);
  expect(count.steps).toBeGreaterThanOrEqual(50_000);
  expect((await fc.check(property(LosingServer), { numRuns: 50, seed: 1, endOnFailure: true })).failed).toBe(true);
}

test('Reflector and Indexer are Equal to the server in the end, indexes too, after any history', {
  timeout: 120_000,
}, async () => {
  await check(
    'Reflector and Indexer',
    (Server) =>
      fc.asyncProperty(fc.record(bad), async ({ seed, watchList, server: kind, pageSize, steps }) => {
        const clock = new FakeClock();
        const server = new Server(kind);
        const indexer = new Indexer<Widget>({ clock }, { indexes: { node } });
        const source = new ListWatch<Widget>(server, Widget);
        const stop = new AbortController();
        const ports = { source, sink: indexer, clock, random: seededRandom(seed) };
        const running = new Reflector<Widget>(ports, { watchList, pageSize }).run(stop.signal);
        for (const action of steps) await live(server, clock, action);
        await clock.advance(3_600_000); // the server behaves from now on
        const objects = server.objects(Widget);
        expect([...indexer.items()].map(({ key, resourceVersion }) => `${key}@${resourceVersion}`).sort()).toEqual(
          contents(server),
        );
        expect([...indexer.list()].map(({ metadata }) => metadata.uid).sort()).toEqual(
          objects.map(({ metadata }) => metadata.uid).sort(),
        );
        for (const value of ['n0', 'n1']) {
          const expected = objects.filter((object) => node(object) === value).map(({ metadata }) => metadata.name);
          expect(indexer.indexKeys('node', value)).toEqual(expected);
        }
        stop.abort();
        await running;
        expect(server.openWatches).toBe(0);
        expect(clock.pending).toBe(0);
      }) as never,
  );
});

/** What a handler knows from what it was told; fails when the story does not fit together. */
class View implements Handler<Widget> {
  readonly known: Map<string, Widget> = new Map();
  readonly #delay: () => Promise<void> | undefined;
  #isBusy = false;

  constructor(delay: () => Promise<void> | undefined) {
    this.#delay = delay;
  }

  get contents(): string[] {
    return [...this.known.values()].map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).sort();
  }

  onAdd(object: Widget): void | Promise<void> {
    this.#check(!this.known.has(object.metadata.name), `added twice: ${object.metadata.name}`);
    this.known.set(object.metadata.name, object);
    return this.#work();
  }

  onUpdate(old: Widget, now: Widget): void | Promise<void> {
    const known = this.known.get(old.metadata.name);
    this.#check(known?.metadata.uid === now.metadata.uid, `updated but unknown or another: ${now.metadata.name}`);
    const versions = [now.metadata.resourceVersion, known?.metadata.resourceVersion ?? ''] as const;
    this.#check(compareResourceVersions(...versions) >= 0, `went back: ${now.metadata.name}`);
    this.known.set(now.metadata.name, now);
    return this.#work();
  }

  onDelete(last: Widget): void | Promise<void> {
    this.#check(
      this.known.get(last.metadata.name)?.metadata.uid === last.metadata.uid,
      `deleted but unknown: ${last.metadata.name}`,
    );
    this.known.delete(last.metadata.name);
    return this.#work();
  }

  #work(): Promise<void> | undefined {
    this.#check(!this.#isBusy, 'called while it was busy');
    const delay = this.#delay();
    if (!delay) return undefined;
    this.#isBusy = true;
    return delay.then(() => {
      this.#isBusy = false;
    });
  }

  #check(ok: boolean, complaint: string): void {
    if (!ok) throw new Error(complaint);
  }
}

test('SharedInformer is Truthful: it tells every handler a story that fits together and ends at the state of the server', {
  timeout: 120_000,
}, async () => {
  const queue = fc.constantFrom('in-order' as const, 'compressing' as const);
  const joins = fc.array(fc.record({ at: fc.nat(99), slow: fc.boolean(), maxPending: fc.constantFrom(1, 3, 1_000) }), {
    maxLength: 4,
  });
  await check(
    'SharedInformer on bad days',
    (Server) =>
      fc.asyncProperty(
        fc.record({ ...bad, queue, joins }),
        async ({ seed, watchList, server: kind, pageSize, steps, queue, joins }) => {
          const clock = new FakeClock();
          const server = new Server(kind);
          const failures: unknown[] = [];
          const random = seededRandom(seed);
          const informer = new SharedInformer<Widget>(
            {
              source: new ListWatch(server, Widget),
              clock,
              random,
              onHandlerError: ({ error }) => failures.push(error),
            },
            { queue, resyncMs: 50_000, reflector: { watchList, pageSize } },
          );
          const views: View[] = [];
          const join = (slow: boolean, maxPending: number): void => {
            const view = new View(() => (slow ? clock.sleep(Math.floor(random.next() * 20_000)) : undefined));
            views.push(view);
            informer.addHandler(view, { maxPending });
          };
          join(false, 1_000);
          join(true, 2);
          const stop = new AbortController();
          const running = informer.run(stop.signal);
          for (const [index, action] of steps.entries()) {
            for (const { at, slow, maxPending } of joins) if (at === index) join(slow, maxPending);
            await live(server, clock, action);
          }
          await clock.advance(7_200_000);
          expect(failures).toEqual([]);
          for (const view of views) expect(view.contents).toEqual(contents(server));
          expect(
            [...informer.indexer.items()].map(({ key, resourceVersion }) => `${key}@${resourceVersion}`).sort(),
          ).toEqual(contents(server));
          expect(informer.status().handlers.every(({ synced }) => synced)).toBe(true);
          stop.abort();
          await clock.advance(20_000);
          await running;
          expect(server.openWatches).toBe(0);
          expect(clock.pending).toBe(0);
        },
      ) as never,
  );
});
