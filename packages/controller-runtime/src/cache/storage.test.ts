import { defineKind, type KubernetesObject, noMetrics } from '@bowline/apimachinery';
import { FakeClock, RecordingLogger, seededRandom } from '@bowline/apimachinery/testing';
import { packedStorage } from '@bowline/cache/packed';
import { FakeItemServer } from '@bowline/listwatch/testing';
import { expect, test } from 'vitest';
import { FakeCluster } from '../fake-cluster.ts';
import { Manager } from '../manager.ts';
import { Cache } from './cache.ts';
import { sharedInformers } from './shared-informers.ts';

interface App extends KubernetesObject {
  readonly spec?: { readonly image?: string; readonly notes?: string };
}
const scope = 'Namespaced';
const App = defineKind<App>({ group: 'example.com', version: 'v1', kind: 'App', resource: 'apps', scope });
const Job = defineKind<App>({ group: 'example.com', version: 'v1', kind: 'Job', resource: 'jobs', scope });
const Box = defineKind<App>({ group: 'example.com', version: 'v1', kind: 'Box', resource: 'boxes', scope });

test('Cache keeps each kind in the storage that is asked for', async () => {
  const encodes = FakeItemServer.encodes;
  FakeItemServer.encodes = true;
  const clock = new FakeClock();
  const client = new FakeItemServer();
  const metadata = { namespace: 'default', name: 'web', managedFields: [{ manager: 'kubectl' }] };
  for (const kind of [App, Job, Box]) client.put(kind, { metadata, spec: { image: 'web:1', notes: 'long' } });
  const ports = { clock, random: seededRandom(1), logger: new RecordingLogger(), metrics: noMetrics };
  const storage = () => packedStorage<never>({ drop: ['spec.notes'] });
  const cache = new Cache(
    {
      informers: sharedInformers({ client, ...ports }),
      ...ports,
      waitSeconds: noMetrics.histogram({ name: 'w', help: '' }),
    },
    {
      syncTimeoutMs: 1_000,
      kinds: [
        { kind: App, storage },
        { kind: Job, storage: 'plain' },
      ],
    },
  );
  const stop = new AbortController();
  for (const kind of [App, Job, Box]) cache.informer(kind);
  const running = cache.run(stop.signal);
  await clock.settle();
  const read = (kind: typeof App): Promise<App | undefined> => cache.get(kind, { namespace: 'default', name: 'web' });
  const [app, job, box] = [await read(App), await read(Job), await read(Box)];
  expect(app?.spec).toEqual({ image: 'web:1' });
  expect(job?.metadata.managedFields).toEqual(metadata.managedFields);
  expect(box?.spec).toEqual({ image: 'web:1', notes: 'long' });
  expect(box?.metadata.managedFields).toBeUndefined();
  stop.abort();
  await running;
  FakeItemServer.encodes = encodes;
});

test('Manager refuses a storage that is none', () => {
  const client = new FakeCluster();
  const creating = (cache: object) => () => new Manager({ client, cache });
  expect(creating({ storage: 'zipped' })).toThrow('cache.storage must be "packed" or "plain" or a function');
  expect(creating({ kinds: [{ kind: App, storage: 5 }] })).toThrow('cache.kinds[0].storage must be');
});
