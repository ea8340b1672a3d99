import { ConfigMap } from '@bowline/api/core/v1';
import { startInformer } from '@bowline/informer';
import { expect, test } from 'vitest';
import { type FaultyWatch, refusal } from './faulty-transport.ts';
import { byKey, put, startWorld, type World } from './world.ts';

// What a watch may do to us. Whatever it is, the cache ends equal to the server, there is one watch, and nothing is left after the end.

interface BadDay {
  readonly name: string;
  /** Does it to an open watch. */
  readonly act: (watch: FaultyWatch, world: World) => void;
  /** Milliseconds that it may take until all is well again. */
  readonly withinMs: number;
  /** How often the full state is read. */
  readonly relists: Readonly<Record<string, number>>;
}

const statusEvent = (code: number, reason: string): string =>
  `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: reason, reason, code } })}\n`;
const added = (object: object): string => `${JSON.stringify({ type: 'ADDED', object })}\n`;

const badDays: readonly BadDay[] = [
  { name: 'ends', act: (watch) => watch.end(), withinMs: 10_000, relists: { initial: 1 } },
  { name: 'resets', act: (watch) => watch.reset(), withinMs: 10_000, relists: { initial: 1 } },
  {
    name: 'sends half a line and ends',
    act: (watch) => {
      watch.send('{"type":"MODIFIED","object":{"apiVersion":"v1","kind":"Conf');
      watch.end();
    },
    withinMs: 10_000,
    relists: { initial: 1 },
  },
  {
    name: 'sends what is no JSON',
    act: (watch) => watch.send('<html>502 Bad Gateway</html>\n'),
    withinMs: 60_000,
    relists: { initial: 1, unreadable: 1 },
  },
  {
    name: 'sends an ERROR event',
    act: (watch) => watch.send(statusEvent(500, 'InternalError')),
    withinMs: 60_000,
    relists: { initial: 1, internal: 1 },
  },
  {
    name: 'sends 410 Expired',
    act: (watch) => watch.send(statusEvent(410, 'Expired')),
    withinMs: 60_000,
    relists: { initial: 1, expired: 1 },
  },
  {
    name: 'sends an object of another kind',
    act: (watch) =>
      watch.send(
        added({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { namespace: 'default', name: 'stray', uid: 'u', resourceVersion: '1' },
        }),
      ),
    withinMs: 60_000,
    relists: { initial: 1 },
  },
  {
    name: 'is silent for too long',
    act: (watch) => watch.silence(),
    withinMs: 900_000,
    relists: { initial: 1 },
  },
  {
    name: 'cannot be opened again for a while',
    act: (watch, { transport, clock }) => {
      transport.fault = () => refusal(503, 'ServiceUnavailable', 'not now');
      watch.end();
      clock.setTimer(40_000, () => {
        transport.fault = undefined;
      });
    },
    withinMs: 200_000,
    relists: { initial: 1 },
  },
];

test.each(badDays)(
  'Informer stays equal to the server when its watch $name, and leaves nothing behind',
  async (badDay) => {
    await using world = await startWorld();
    const { env, clock, transport, client, ports } = world;
    await put(env, 'kept', 'old');
    await put(env, 'doomed', 'old');
    await clock.settle();
    const before = clock.pending;
    const informer = await startInformer(client, ConfigMap, ports);
    await clock.settle();
    const [watch] = transport.watches;
    if (watch === undefined) throw new Error('There must be a watch, got none');

    badDay.act(watch, world);
    await put(env, 'kept', 'new');
    await put(env, 'born', 'new');
    await env.client.delete(ConfigMap, { namespace: 'default', name: 'doomed' });
    await clock.advance(badDay.withinMs);
    await put(env, 'later', 'new');
    await clock.settle();

    expect(byKey(informer.list())).toEqual(byKey((await env.client.list(ConfigMap)).items));
    expect(informer.get('default/kept')?.data).toEqual({ value: 'new' });
    expect(informer.get('default/doomed')).toBeUndefined();
    expect(informer.status()).toMatchObject({ state: 'watching', synced: true, failures: 0 });
    expect(informer.status().relists).toEqual(badDay.relists);
    expect(transport.watches).toHaveLength(1);

    await informer[Symbol.asyncDispose]();
    await clock.settle();
    expect(transport.watches).toHaveLength(0);
    expect(clock.pending).toBe(before);
  },
);

test('Informer names an object of another kind in its status and keeps what it had', async () => {
  await using world = await startWorld();
  const { env, clock, transport, client, ports } = world;
  await put(env, 'kept', 'old');
  await using informer = await startInformer(client, ConfigMap, ports);
  await clock.settle();
  const secret = { namespace: 'default', name: 'kept', uid: 'u', resourceVersion: '999999' };
  transport.watches[0]?.send(added({ apiVersion: 'v1', kind: 'Secret', metadata: secret, data: { key: 'aGlkZGVu' } }));
  await clock.settle();
  expect(informer.get('default/kept')?.data).toEqual({ value: 'old' });
  expect(informer.status().undecodable).toMatchObject([{ key: 'default/kept' }]);
  expect(JSON.stringify(informer.status())).not.toContain('aGlkZGVu');
});
