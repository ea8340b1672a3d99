import { seededRandom } from '@bowline/apimachinery/testing';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { type JsonObject, stringAt } from '../object.ts';
import { configMap, configMaps, TestServer } from '../server.fixture.ts';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});

test('watch from a version replays what came after it, then follows', async () => {
  const { resourceVersion: from } = await server.get(configMaps);
  await server.post(configMaps, configMap('a'));
  const watch = await server.watch(`${configMaps}?resourceVersion=${from}`);
  await server.patch('merge', `${configMaps}/a`, { data: { k: 'v' } });
  await server.delete(`${configMaps}/a`);
  await server.clock.settle();
  const [first, second, third] = [1, 2, 3].map((step) => Number(from) + step);
  expect(watch.lines).toEqual([`ADDED a ${first}`, `MODIFIED a ${second}`, `DELETED a ${third}`]);
});

test('watch without a version, or from 0, begins with what is there', async () => {
  await server.post(configMaps, configMap('b'));
  await server.post(configMaps, configMap('a'));
  for (const query of ['', '?resourceVersion=0']) {
    const watch = await server.watch(`${configMaps}${query}`);
    expect(watch.events.map(({ type, object }) => `${type} ${stringAt(object, 'metadata', 'name')}`)).toEqual([
      'ADDED a',
      'ADDED b',
    ]);
    watch.stop();
  }
});

test('watch as a list ends its initial events with a bookmark that says so', async () => {
  await server.post(configMaps, configMap('a'));
  const watch = await server.watch(
    `${configMaps}?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
  );
  expect(watch.events).toMatchObject([
    { type: 'ADDED', object: { metadata: { name: 'a' } } },
    {
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    },
  ]);
  const refused = await server.get(`${configMaps}?watch=true&sendInitialEvents=true`);
  expect([refused.status, refused.message]).toEqual([
    422,
    expect.stringContaining(
      'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ),
  ]);
});

test('watch of a selection sees objects come into it and leave it', async () => {
  const watch = await server.watch(`${configMaps}?labelSelector=on%3Dyes`);
  await server.post(configMaps, configMap('a'));
  const label = (on: string): Promise<unknown> =>
    server.patch('merge', `${configMaps}/a`, { metadata: { labels: { on } } });
  await label('yes');
  await server.patch('merge', `${configMaps}/a`, { data: { k: '1' } });
  await label('no');
  await server.delete(`${configMaps}/a`);
  await server.clock.settle();
  expect(watch.events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
  expect(stringAt(watch.events[2]?.object, 'metadata', 'labels', 'on')).toBe('yes');
});

test('watch of one name, of one namespace, and of all', async () => {
  await server.post('/api/v1/namespaces', { metadata: { name: 'other' } });
  const paths = [`${configMaps}?fieldSelector=metadata.name%3Da`, configMaps, '/api/v1/configmaps'];
  const watches = [];
  for (const path of paths)
    watches.push(
      await server.watch(
        `${path}${path.includes('?') ? '&' : '?'}resourceVersion=${(await server.get(configMaps)).resourceVersion}`,
      ),
    );
  await server.post(configMaps, configMap('a'));
  await server.post(configMaps, configMap('b'));
  await server.post('/api/v1/namespaces/other/configmaps', configMap('a'));
  await server.clock.settle();
  expect(watches.map(({ events }) => events.length)).toEqual([1, 2, 3]);
});

test('Honest past: a watch from a version that is forgotten gets 410 Expired, and so does a list', async () => {
  const { resourceVersion } = await server.get(configMaps);
  await server.post(configMaps, configMap('a'));
  server.server.compact();
  const watch = await server.watch(`${configMaps}?resourceVersion=${resourceVersion}`);
  expect(watch.events).toMatchObject([
    {
      type: 'ERROR',
      object: { code: 410, reason: 'Expired', message: expect.stringContaining('too old resource version') },
    },
  ]);
  expect(watch.ended).toBe(true);
  const list = await server.get(`${configMaps}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`);
  expect([list.status, list.reason]).toEqual([410, 'Expired']);
});

test('watch gets bookmarks every minute and before its end, and ends when its time is up', async () => {
  const watch = await server.watch(
    `${configMaps}?allowWatchBookmarks=true&timeoutSeconds=150&resourceVersion=${(await server.get(configMaps)).resourceVersion}`,
  );
  await server.clock.advance(149_000);
  expect(watch.events.map(({ type }) => type)).toEqual(['BOOKMARK', 'BOOKMARK', 'BOOKMARK']);
  expect(watch.ended).toBe(false);
  await server.clock.advance(1_000);
  expect(watch.ended).toBe(true);
});

test('watch that does not say how long it lasts ends after 30 to 60 minutes', async () => {
  const watch = await server.watch(configMaps);
  await server.clock.advance(29 * 60_000);
  expect(watch.ended).toBe(false);
  await server.clock.advance(31 * 60_000);
  expect(watch.ended).toBe(true);
});

test('Bounded: a watch that is not read is ended, and its memory is free', async () => {
  const small = await TestServer.start({ watches: { maxUnreadEvents: 5 } });
  const path = `${configMaps}?watch=true&resourceVersion=${(await small.get(configMaps)).resourceVersion}`;
  const { body } = await small.server.handle({ method: 'GET', path, headers: {} });
  for (let count = 0; count < 20; count++) await small.post(configMaps, configMap(`x${count}`));
  let lines = 0;
  for await (const chunk of body) lines += Buffer.from(chunk).toString().split('\n').length - 1;
  expect(lines).toBe(6);
});

test('watch ends without a trace when its client leaves', async () => {
  const watch = await server.watch(configMaps);
  const timers = server.clock.pending;
  watch.stop();
  await server.clock.settle();
  expect(watch.ended).toBe(true);
  expect(server.clock.pending).toBeLessThan(timers);
});

test('watch as table sends the columns once, and as metadata nothing else', async () => {
  await server.post(configMaps, configMap('a', { k: 'v' }));
  const table = await server.watch(configMaps, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' });
  await server.post(configMaps, configMap('b'));
  const metadata = await server.watch(configMaps, {
    accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  });
  await server.clock.settle();
  const [first, second] = table.events.map(({ object }) => object.columnDefinitions);
  expect([Array.isArray(first) && first.length > 0, second]).toEqual([true, null]);
  expect(metadata.events[0]?.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
  expect(metadata.events[0]?.object.data).toBeUndefined();
});

test('deprecated watch paths work', async () => {
  await server.post(configMaps, configMap('a'));
  const watch = await server.watch('/api/v1/watch/namespaces/default/configmaps/a');
  expect(watch.events).toHaveLength(1);
});

/** Writes at random. */
async function scribble(to: TestServer, seed: number, writes: number): Promise<void> {
  const random = seededRandom(seed);
  for (let write = 0; write < writes; write++) {
    const name = `x${Math.floor(random.next() * 5)}`;
    const labels = { on: random.next() < 0.5 ? 'yes' : 'no' };
    const chance = random.next();
    if (chance < 0.3) await to.delete(`${configMaps}/${name}`);
    else if (chance < 0.6) await to.post(configMaps, configMap(name, {}, { labels }));
    else await to.patch('merge', `${configMaps}/${name}`, { metadata: { labels }, data: { write: String(write) } });
  }
}

test('No missed change: a list and a watch from its version stay equal to the server, whatever is written and selected', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom('', 'labelSelector=on%3Dyes'),
      async (seed, writes, selector) => {
        const fresh = await TestServer.start();
        await scribble(fresh, seed, writes);
        const list = await fresh.get(`${configMaps}?${selector}`);
        await scribble(fresh, seed + 1, writes);
        const watch = await fresh.watch(`${configMaps}?resourceVersion=${list.resourceVersion}&${selector}`);
        await scribble(fresh, seed + 2, writes);
        await fresh.clock.settle();
        const replica = new Map(
          list.items.map((item) => [stringAt(item, 'metadata', 'name'), stringAt(item, 'metadata', 'resourceVersion')]),
        );
        let last = Number(list.resourceVersion);
        for (const { type, object } of watch.events) {
          const { name, resourceVersion } = object.metadata as JsonObject;
          expect(Number(resourceVersion)).toBeGreaterThan(last);
          last = Number(resourceVersion);
          expect(replica.has(String(name))).toBe(type !== 'ADDED');
          if (type === 'DELETED') replica.delete(String(name));
          else replica.set(String(name), String(resourceVersion));
        }
        const present = await fresh.get(`${configMaps}?${selector}`);
        expect([...replica].sort(([a], [b]) => (a < b ? -1 : 1))).toEqual(
          present.items.map((item) => [
            stringAt(item, 'metadata', 'name'),
            stringAt(item, 'metadata', 'resourceVersion'),
          ]),
        );
      },
    ),
    { numRuns: 30 },
  );
});
