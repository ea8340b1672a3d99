import type { KubernetesObject } from '@bowline/apimachinery';
import { FakeClock, RecordingMetrics, seededRandom } from '@bowline/apimachinery/testing';
import { packedStorage } from '@bowline/cache/packed';
import { FakeItemServer } from '@bowline/listwatch/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { SharedInformerFactory } from './factory.ts';
import { Widget } from './informer.fixture.ts';
import { startInformer } from './start-informer.ts';

const managedFields = [{ manager: 'kubectl' }];

function environment() {
  const clock = new FakeClock();
  const server = new FakeItemServer();
  server.put(Widget, { metadata: { namespace: 'default', name: 'a', managedFields }, spec: { size: 1 } });
  const ports = { clock, random: seededRandom(1) };
  return { clock, server, ports };
}

describe('storage of an informer', () => {
  beforeEach(() => {
    const before = FakeItemServer.encodes;
    FakeItemServer.encodes = true;
    return () => {
      FakeItemServer.encodes = before;
    };
  });

  test('startInformer keeps the bytes of objects, without managed fields, unless it is told to keep objects', async () => {
    const { server, ports } = environment();
    await using packed = await startInformer(server, Widget, ports);
    await using plain = await startInformer(server, Widget, { ...ports, storage: 'plain' });
    expect(packed.informer.indexer.sizeBytes).toBeGreaterThan(0);
    expect(plain.informer.indexer.sizeBytes).toBe(0);
    const [a, b] = [packed.get('default/a'), plain.get('default/a')];
    expect(a?.spec).toEqual({ size: 1 });
    expect(a?.metadata.managedFields).toBeUndefined();
    expect(b?.metadata.managedFields).toEqual(managedFields);
  });

  test('startInformer drops the fields that its storage drops, also for handlers', async () => {
    const { server, ports } = environment();
    const seen: unknown[] = [];
    const storage = packedStorage<Widget>({ drop: ['spec.size'] });
    const handler = { onAdd: ({ spec }: Widget) => void seen.push(spec) };
    await using widgets = await startInformer(server, Widget, { ...ports, storage, handler });
    expect(seen).toEqual([{}]);
    expect(widgets.get('default/a')?.spec).toEqual({});
  });

  test('startInformer keeps what its transform function makes as objects, managed fields too', async () => {
    const { server, ports } = environment();
    const transform = (widget: Widget): Widget => ({ ...widget, spec: { size: 2 } });
    await using widgets = await startInformer(server, Widget, { ...ports, transform });
    expect(widgets.informer.indexer.sizeBytes).toBe(0);
    expect(widgets.get('default/a')).toMatchObject({ spec: { size: 2 }, metadata: { managedFields } });
  });

  test('SharedInformerFactory asks which storage a kind gets', async () => {
    const { clock, server, ports } = environment();
    const asked: string[] = [];
    const storage = ({ resource }: { readonly resource: string }) => {
      asked.push(resource);
      return packedStorage<KubernetesObject>({ drop: ['spec'] });
    };
    const metrics = new RecordingMetrics();
    const factory = new SharedInformerFactory(server, { ...ports, storage, metrics, name: 'test' });
    const { lister } = factory.informer(Widget);
    factory.start();
    await clock.settle();
    expect(asked).toEqual(['widgets']);
    expect(lister.get('default/a')).toBeDefined();
    expect(lister.get('default/a')).not.toHaveProperty('spec');
    const labels = { name: 'test', group: Widget.group, version: Widget.version, resource: Widget.resource };
    expect(metrics.value('informer_store_bytes', labels)).toBeGreaterThan(0);
    await factory[Symbol.asyncDispose]();
  });

  test('SharedInformerFactory takes a storage by its name, for all kinds', () => {
    const server = new FakeItemServer();
    for (const storage of ['packed', 'plain'] as const) new SharedInformerFactory(server, { storage });
    expect(() => new SharedInformerFactory(server, { storage: 'fast' as never })).toThrow(
      'storage must be "packed" or "plain"',
    );
  });

  test('informers refuse a storage that is none', async () => {
    const { server, ports } = environment();
    const wrong = { ...ports, storage: 'zipped' as never };
    await expect(startInformer(server, Widget, wrong)).rejects.toThrow(
      'Cannot start informer: storage must be "packed" or "plain" or a storage (an object with keep, at, drop, empty), got "zipped"',
    );
    expect(() => new SharedInformerFactory(server, wrong)).toThrow('storage must be');
    const none = new SharedInformerFactory(server, { ...ports, storage: () => ({}) as never });
    expect(() => none.informer(Widget)).toThrow('storage must be');
  });
});
