import { ConfigMap, Endpoints } from '@bowline/api/core/v1';
import { startEnv } from '@bowline/envtest';
import { expect, test } from 'vitest';
import { runCustomController } from './controller.ts';

test('runCustomController syncs both kinds, never one key in two hands, and ends with its signal', async () => {
  await using env = await startEnv({ controllers: false });
  const { client, clock } = env;
  const seen: string[] = [];
  const inHand = new Set<string>();
  const sync = (kind: string) => async (key: string, object: ConfigMap | Endpoints | undefined) => {
    if (!key.startsWith('default/')) return;
    if (inHand.has(`${kind} ${key}`)) throw new Error(`${key} is in two hands`);
    inHand.add(`${kind} ${key}`);
    await clock.sleep(100);
    inHand.delete(`${kind} ${key}`);
    const version = object && 'data' in object ? object.data?.version : '';
    seen.push(`${kind} ${key} ${object ? 'there' : 'gone'} ${version}`.trim());
  };
  const stop = new AbortController();
  const running = runCustomController(
    { client, clock, syncEndpoints: sync('Endpoints'), syncConfigMap: sync('ConfigMap') },
    stop.signal,
  );
  const key = { namespace: 'default', name: 'a' };
  await client.create(ConfigMap, { metadata: key, data: { version: '1' } });
  await client.create(Endpoints, { metadata: { ...key, name: 'e' } });
  await env.advance(50);
  for (const version of ['2', '3', '4'])
    await client.patch(ConfigMap, key, { type: 'merge', body: { data: { version } } });
  await env.advance(1_000);
  await client.delete(ConfigMap, key);
  await env.advance(1_000);
  stop.abort();
  await running;
  expect(seen.filter((line) => line.startsWith('ConfigMap'))).toEqual([
    'ConfigMap default/a there 1',
    'ConfigMap default/a there 4',
    'ConfigMap default/a gone',
  ]);
  expect(seen).toContain('Endpoints default/e there');
});
