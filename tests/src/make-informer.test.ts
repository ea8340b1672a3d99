import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigMap } from '@bowline/api/core/v1';
import { type Clock, silentLogger, systemClock } from '@bowline/apimachinery';
import { createClient } from '@bowline/client';
import { makeInformer } from '@bowline/informer';
import { CoreV1Api, KubeConfig, makeInformer as makeTheirs, type V1ConfigMap } from '@kubernetes/client-node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { errorEvent, path, ScriptedServer, type Thing } from './scripted-server.ts';

// What is wrong with `makeInformer` of client-node (docs/migrate-from-make-informer.md), defect by defect, each as one program that runs with
// both: with theirs it must show the defect, or the program proves nothing; with ours it must not.

/** Waits of both informers are this much shorter than in life. */
const FASTER = 50;

/** What both have. */
interface AnyInformer {
  on(verb: string, listener: (...args: readonly unknown[]) => unknown): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  get(name: string, namespace?: string): Thing | undefined;
  list(): readonly Thing[];
}

interface World {
  readonly server: ScriptedServer;
  /** What listeners were told: `add a`, `update a`, `delete a`, `connect`, `error`. */
  readonly told: string[];
  readonly informer: AnyInformer;
  /** Rejections that nobody handled. */
  readonly unhandled: unknown[];
}

interface Wishes {
  readonly labelSelector?: string;
  /** List with the typed API class, as client-node's users do. @default the plain answer */
  readonly typedList?: boolean;
}

const fastClock: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic() * FASTER,
  setTimer: (delayMs, callback, options) => systemClock.setTimer(delayMs / FASTER, callback, options),
  sleep: (delayMs, signal) => systemClock.sleep(delayMs / FASTER, signal),
  turn: () => systemClock.turn(),
};

function configOf({ url }: ScriptedServer): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', server: url, skipTLSVerify: true }],
    users: [{ name: 'u' }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
  return config;
}

type Make = (server: ScriptedServer, wishes: Wishes) => AnyInformer;

const theirs: Make = (server, { labelSelector, typedList = false }) => {
  const config = configOf(server);
  const api = config.makeApiClient(CoreV1Api);
  const plain = async (): Promise<{ items: V1ConfigMap[] }> => {
    const answer = await fetch(`${server.url}${path}`);
    if (!answer.ok) throw new Error(answer.statusText);
    return (await answer.json()) as { items: V1ConfigMap[] };
  };
  const list = typedList ? () => api.listNamespacedConfigMap({ namespace: 'default' }) : plain;
  const informer = makeTheirs<V1ConfigMap>(config, path, list, labelSelector);
  Reflect.set(informer, 'delayFn', (ms: number) => sleep(ms / FASTER));
  const watch: unknown = Reflect.get(informer, 'watch');
  if (!(watch instanceof Object && 'requestTimeoutMs' in watch)) throw new Error('client-node has other fields now');
  watch.requestTimeoutMs = 30_000 / FASTER;
  return informer as unknown as AnyInformer;
};

const ours: Make = (server, { labelSelector }) => {
  const client = createClient(configOf(server));
  clients.push(client);
  return makeInformer<ConfigMap>(client, path, undefined, labelSelector, {
    clock: fastClock,
    logger: silentLogger,
  }) as unknown as AnyInformer;
};

const clients: AsyncDisposable[] = [];
const unhandled: unknown[] = [];
const runner = process.listeners('unhandledRejection');
const record = (reason: unknown): void => void unhandled.push(reason);

beforeAll(() => {
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', record);
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client[Symbol.asyncDispose]();
});
afterAll(() => {
  process.off('unhandledRejection', record);
  for (const listener of runner) process.on('unhandledRejection', listener);
});

async function until(isSo: () => boolean, withinMs = 20_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!isSo() && performance.now() < end) await sleep(5);
}

/** Long enough for what would happen if it were to happen at all. */
const aWhile = (): Promise<void> => sleep(400);

/** Waits for what one of the two does and the other never will. */
const chance = (isSo: () => boolean): Promise<void> => until(isSo, 1_500);

/** Two tests of one program: what it finds out with theirs, and with ours. */
function defect<T>(
  name: string,
  wishes: Wishes,
  program: (world: World) => Promise<T>,
  found: { readonly theirs: T; readonly ours: T },
): void {
  for (const [title, make, expected] of [
    [`makeInformer of client-node has the defect: ${name}`, theirs, found.theirs],
    [`makeInformer has not the defect: ${name}`, ours, found.ours],
  ] as const) {
    test(title, async () => {
      await using server = await ScriptedServer.start(60_000 / FASTER);
      server.put('a');
      const informer = make(server, wishes);
      const told: string[] = [];
      for (const verb of ['add', 'update', 'delete'])
        informer.on(verb, (object) => told.push(`${verb} ${(object as Thing).metadata.name}`));
      for (const verb of ['connect', 'error']) informer.on(verb, () => told.push(verb));
      unhandled.length = 0;
      expect(await program({ server, told, informer, unhandled })).toEqual(expected);
      await informer.stop();
    });
  }
}

async function started({ informer, server }: World): Promise<void> {
  await informer.start();
  await until(() => server.openWatches > 0);
}

for (const [what, fail] of [
  ['a watch is answered 500', (server) => server.failures.watch.push(500)],
  ['a watch is answered 429', (server) => server.failures.watch.push(429)],
  ['a watch is answered 401', (server) => server.failures.watch.push(401)],
  ['the connection breaks', (server) => server.failures.watch.push('reset')],
] as readonly [string, (server: ScriptedServer) => void][]) {
  defect(
    `1. it stops for ever when ${what}`,
    {},
    async (world) => {
      const { server, told, informer } = world;
      await started(world);
      fail(server);
      server.end();
      // What our client repeats by itself is not even worth an error.
      await until(() => told.includes('error') || told.filter((call) => call === 'connect').length > 1);
      server.put('b');
      await chance(() => told.includes('add b'));
      return informer.get('b', 'default') !== undefined;
    },
    { theirs: false, ours: true },
  );
}

defect(
  '1. it stops for ever when its list fails',
  {},
  async ({ server, told, informer }) => {
    server.streamsFirstState = false;
    server.failures.list.push(500);
    await informer.start();
    await chance(() => told.includes('add a'));
    return { error: told.includes('error'), sees: informer.get('a', 'default') !== undefined };
  },
  { theirs: { error: true, sees: false }, ours: { error: true, sees: true } },
);

defect(
  '2. an error in the stream is dropped without a word',
  {},
  async (world) => {
    await started(world);
    world.server.send(errorEvent(500));
    world.server.end();
    await chance(() => world.told.includes('error'));
    return world.told.includes('error');
  },
  { theirs: false, ours: true },
);

defect(
  '3. after 410 it lists first and waits then, so that its list is old when it watches',
  {},
  async (world) => {
    const { server } = world;
    await started(world);
    server.isAlwaysExpired = true;
    server.end();
    const before = server.requests.length;
    await until(() => server.requests.length > before + 9);
    const gaps = { afterList: 0, afterWatch: 0 };
    for (const [index, { verb, at }] of server.requests.entries()) {
      const next = server.requests[index + 1];
      if (index > before && next) gaps[verb === 'list' ? 'afterList' : 'afterWatch'] += next.at - at;
    }
    return gaps.afterList > gaps.afterWatch;
  },
  { theirs: true, ours: false },
);

defect(
  '4. an object that was deleted and made anew between two watches is an update',
  {},
  async (world) => {
    const { server, told } = world;
    await started(world);
    told.length = 0;
    server.end();
    server.delete('a');
    server.put('a');
    server.compact();
    await until(() => told.some((call) => call.endsWith(' a')));
    await aWhile();
    return told.filter((call) => call.endsWith(' a'));
  },
  { theirs: ['update a'], ours: ['delete a', 'add a'] },
);

defect(
  '5. a listener that throws is a rejection that nobody can handle, and keeps others from being told',
  {},
  async (world) => {
    const { server, informer, unhandled } = world;
    await started(world);
    const others: string[] = [];
    informer.on('add', () => {
      throw new Error('a bug');
    });
    informer.on('add', (object) => others.push((object as Thing).metadata.name));
    server.put('b');
    await chance(() => others.length > 0);
    await aWhile();
    return { unhandled: unhandled.length, others };
  },
  { theirs: { unhandled: 1, others: [] }, ours: { unhandled: 0, others: ['b'] } },
);

defect(
  '6. when it is stopped during its first list it opens a watch and goes on',
  {},
  async ({ server, told, informer }) => {
    let resolve = (): void => {};
    server.listsWaitFor = new Promise<void>((onResolve) => {
      resolve = onResolve;
    });
    server.streamsFirstState = false;
    const start = informer.start();
    await until(() => server.count('list') > 0);
    const stop = informer.stop();
    resolve();
    await Promise.all([start, stop]);
    await chance(() => server.openWatches > 0);
    server.put('b');
    await chance(() => told.includes('add b'));
    return { watches: server.openWatches, told: told.filter((call) => call.startsWith('add')) };
  },
  { theirs: { watches: 1, told: ['add a', 'add b'] }, ours: { watches: 0, told: [] } },
);

defect(
  '6. started twice it has two watches',
  {},
  async ({ server, informer }) => {
    await Promise.all([informer.start(), informer.start()]);
    await aWhile();
    return server.openWatches;
  },
  { theirs: 2, ours: 1 },
);

defect(
  '7. its watch asks for no bookmarks and no end, and its label selector is not for its list',
  { labelSelector: 'tier=web' },
  async (world) => {
    const { server, informer } = world;
    server.put('b', 'b', { tier: 'web' });
    await started(world);
    const watch = server.requests.findLast(({ verb }) => verb === 'watch');
    return {
      parameters: ['allowWatchBookmarks', 'timeoutSeconds'].filter((name) => watch?.query.has(name)),
      names: informer.list().map(({ metadata }) => metadata.name),
    };
  },
  {
    theirs: { parameters: [], names: ['a', 'b'] },
    ours: { parameters: ['allowWatchBookmarks', 'timeoutSeconds'], names: ['b'] },
  },
);

defect(
  '8. where nothing happens it opens a new watch at the same version every 30 seconds',
  {},
  async (world) => {
    const { server } = world;
    await started(world);
    const before = server.count('watch');
    await sleep((95 * 1_000) / FASTER);
    return server.count('watch') - before > 1;
  },
  { theirs: true, ours: false },
);

defect(
  '9. it says that it is connected before it has asked for anything',
  {},
  async (world) => {
    const atConnect: number[] = [];
    world.informer.on('connect', () => atConnect.push(world.server.count('watch')));
    await started(world);
    await until(() => atConnect.length > 0);
    return { watches: atConnect[0], hasSynced: Reflect.get(world.informer, 'hasSynced') };
  },
  { theirs: { watches: 0, hasSynced: undefined }, ours: { watches: 1, hasSynced: true } },
);

defect(
  '10. objects have one shape from its list and another from its watch',
  { typedList: true },
  async (world) => {
    const { server, informer } = world;
    await started(world);
    server.put('b');
    await until(() => informer.get('b', 'default') !== undefined);
    return ['a', 'b'].map((name) => typeof informer.get(name, 'default')?.metadata.creationTimestamp);
  },
  { theirs: ['object', 'string'], ours: ['string', 'string'] },
);

defect(
  '11. an event with U+2028 is lost',
  {},
  async (world) => {
    await started(world);
    world.server.put('b', 'two\u2028lines');
    await chance(() => world.informer.get('b', 'default') !== undefined);
    return world.informer.get('b', 'default')?.data.value;
  },
  { theirs: undefined, ours: 'two\u2028lines' },
);

defect(
  '11. what is no JSON is dropped without a word',
  {},
  async (world) => {
    await started(world);
    world.server.send('{"type":"ADDED","object":\n');
    await chance(() => world.told.includes('error'));
    return world.told.includes('error');
  },
  { theirs: false, ours: true },
);

defect(
  '12. an asynchronous listener is called again before its last call is over',
  {},
  async (world) => {
    const { server, informer } = world;
    await started(world);
    let calls = 0;
    let worst = 0;
    informer.on('add', async () => {
      worst = Math.max(worst, ++calls);
      await sleep(50);
      calls--;
    });
    for (const name of ['b', 'c', 'd']) server.put(name);
    await until(() => world.told.includes('add d') && calls === 0);
    return worst;
  },
  { theirs: 3, ours: 1 },
);

defect(
  '13. an update comes without the object as it was before',
  {},
  async (world) => {
    const { server, informer } = world;
    await started(world);
    const before: unknown[] = [];
    informer.on('update', (_now, old) => before.push((old as Thing | undefined)?.data.value));
    server.put('a', 'new');
    await until(() => before.length > 0);
    return before;
  },
  { theirs: [undefined], ours: ['a'] },
);
