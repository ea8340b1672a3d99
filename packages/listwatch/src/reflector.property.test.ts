import { getEventListeners } from 'node:events';
import {
  type Change,
  compareResourceVersions,
  defineKind,
  type Item,
  type KubernetesObject,
  statusError,
} from '@bowline/apimachinery';
import { FakeClock, seededRandom } from '@bowline/apimachinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ListWatch } from './list-watch.ts';
import type { ListerWatcher } from './ports.ts';
import { Reflector } from './reflector.ts';
import { FakeItemServer, MemorySink } from './testing.ts';

const Widget = defineKind({
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  resource: 'widgets',
  scope: 'Cluster',
});

/** Fails when an object goes back to an older state. */
class WatchfulSink extends MemorySink<KubernetesObject> {
  override apply(changes: readonly Change<KubernetesObject>[], resourceVersion: string): void {
    for (const { item } of changes) this.#check(item);
    super.apply(changes, resourceVersion);
  }

  #check({ key, resourceVersion }: Item<KubernetesObject>): void {
    const known = this.items.get(key);
    if (known && compareResourceVersions(resourceVersion, known.resourceVersion) < 0) {
      throw new Error(`${key} went back from ${known.resourceVersion} to ${resourceVersion}`);
    }
  }
}

const status = (code: number, reason: string): Error =>
  statusError({ status: 'Failure', code, reason, message: reason });
const errors: Record<string, () => Error> = {
  expired: () => status(410, 'Expired'),
  throttled: () => status(429, 'TooManyRequests'),
  internal: () => status(500, 'InternalError'),
  unavailable: () => status(503, 'ServiceUnavailable'),
  forbidden: () => status(403, 'Forbidden'),
  reset: () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
  garbage: () => new SyntaxError('Unexpected end of JSON input'),
};

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const error = fc.constantFrom(...Object.keys(errors));
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), name }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), name }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 1, 500, 1_000, 5_000, 100_000, 400_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('bookmark' as const, 'compact' as const, 'end' as const, 'mute' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('break' as const), error }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('inject' as const), error }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('failList' as const, 'failWatch' as const), error }) },
);

const history = fc.record({
  seed: fc.nat(),
  watchList: fc.boolean(),
  server: fc.record({
    watchList: fc.boolean(),
    watchCache: fc.boolean(),
    ping: fc.boolean(),
    resourceVersion: fc.constantFrom(0, 1, 99),
  }),
  pageSize: fc.constantFrom(undefined, 1, 2),
  steps: fc.array(step, { maxLength: 200, size: 'max' }),
});

type Source = ListerWatcher<KubernetesObject>;

/** Whatever happens, the sink ends equal to the server, and nothing is left. @param plant Puts a bug between server and reflector. */
function histories(
  count: { steps: number },
  plant: (source: Source, server: FakeItemServer) => Source = (source) => source,
) {
  return fc.asyncProperty(history, async ({ seed, watchList, server: kind, pageSize, steps }) => {
    const clock = new FakeClock();
    const server = new FakeItemServer(kind);
    const sink = new WatchfulSink();
    const source = plant(new ListWatch<KubernetesObject>(server, Widget), server);
    const stop = new AbortController();
    const reflector = new Reflector({ source, sink, clock, random: seededRandom(seed) }, { watchList, pageSize });
    const running = reflector.run(stop.signal);
    count.steps += steps.length;
    for (const action of steps) {
      switch (action.do) {
        case 'put':
          server.put(Widget, { metadata: { name: action.name } });
          break;
        case 'delete':
          server.delete(Widget, action.name);
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
          server.breakWatches(errors[action.error]?.());
          break;
        case 'inject':
          server.inject({ type: 'error', error: errors[action.error]?.() ?? new Error() });
          break;
        case 'failList':
          server.failNext('list', errors[action.error]?.());
          break;
        case 'failWatch':
          server.failNext('watch', errors[action.error]?.());
          break;
      }
    }
    await clock.advance(3_600_000); // the server behaves from now on
    expect(sink.contents).toEqual(
      server.objects(Widget).map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`),
    );
    expect(reflector.status().lastErrorKind).not.toBe('sink');
    expect(reflector.status()).toMatchObject({ state: 'watching', synced: true });
    stop.abort();
    await running;
    expect(server.openWatches).toBe(0);
    expect(clock.pending).toBe(0);
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
  });
}

test('Reflector is Equal: its sink ends equal to the server through any history', { timeout: 60_000 }, async () => {
  const count = { steps: 0 };
  await fc.assert(histories(count), { numRuns: 650 });
  console.log(`Reflector: ${count.steps} random steps`);
  expect(count.steps).toBeGreaterThan(50_000);
});

/** A reflector behind such a source goes on at another version than the one that it has reached. */
function forgetful(source: Source, server: FakeItemServer): Source {
  return {
    list: (call) => source.list(call),
    watch: (call) =>
      source.watch(call.sendInitialEvents === true ? call : { ...call, resourceVersion: server.resourceVersion }),
  };
}

/** The last of three events that come at once never reaches the reflector. */
function lossy(source: Source): Source {
  return {
    list: (call) => source.list(call),
    async *watch(call) {
      for await (const frames of source.watch(call)) yield frames.length < 3 ? frames : frames.slice(0, -1);
    },
  };
}

test.each([
  ['goes on at the wrong version', forgetful],
  ['loses the last of three events', lossy],
])('Random histories find a reflector that %s', { timeout: 60_000 }, async (_, plant) => {
  const { failed } = await fc.check(histories({ steps: 0 }, plant), { numRuns: 100, seed: 1, endOnFailure: true });
  expect(failed).toBe(true);
});
