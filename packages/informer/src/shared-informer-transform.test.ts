import { describe, expect, test } from 'vitest';
import { make, type Widget } from './informer.fixture.ts';
import { RecordingHandler } from './testing.ts';

describe('SharedInformer transform', () => {
  const shrink = (widget: Widget): Widget => ({
    ...widget,
    metadata: { ...widget.metadata, annotations: undefined },
    spec: { size: 1 },
  });

  test('SharedInformer keeps and hands out what the transform function makes, frozen, also of the deleted', async () => {
    const { informer, put, delete: remove, run, clock, end } = make({ transform: shrink });
    const seen: (number | undefined)[] = [];
    informer.addHandler({
      onAdd: ({ spec }) => void seen.push(spec?.size),
      onUpdate: (_, { spec }) => void seen.push(spec?.size),
      onDelete: ({ spec }) => void seen.push(spec?.size),
    });
    put('a', { size: 9 });
    await run();
    put('a', { size: 8 });
    await clock.settle();
    expect(Object.isFrozen(informer.indexer.get('a')?.spec)).toBe(true);
    remove('a');
    await clock.settle();
    expect(seen).toEqual([1, 1, 1]);
    await end();
  });

  test('SharedInformer keeps an object as it was when the transform function fails for its new state', async () => {
    const transform = (widget: Widget): Widget => {
      if (widget.spec?.size === 13) throw new Error('unlucky');
      return widget;
    };
    const { informer, put, delete: remove, run, clock, server, logger, end } = make({ transform });
    put('a', { size: 1 });
    put('never', { size: 13 });
    await run();
    put('a', { size: 13 });
    await clock.settle();
    expect(informer.indexer.get('a')?.spec?.size).toBe(1);
    server.compact();
    server.endWatches();
    put('b', { size: 2 });
    server.compact();
    await clock.advance(5_000);
    expect([...informer.indexer.keys()].sort()).toEqual(['a', 'b']);
    expect(informer.status().transformErrors).toBe(4);
    const told = logger.lines.filter(({ level }) => level === 'error');
    expect(told.map(({ fields }) => fields.key).sort()).toEqual(['a', 'a', 'never', 'never']);
    expect(told.find(({ fields }) => fields.key === 'never')?.message).toBe(
      'Informer of widgets.example.com: the transform function failed for "never": what the cache holds stays as it was, an object that is new is left out, a deletion goes on',
    );
    remove('a');
    await clock.settle();
    expect([...informer.indexer.keys()]).toEqual(['b']);
    await end();
  });
});

test('SharedInformer takes no promises from a transform function: it has failed', async () => {
  const transform = (async (widget: Widget) => widget) as never;
  const { informer, put, run, logger, end } = make({ transform });
  put('a');
  await run();
  expect([informer.hasSynced, informer.indexer.size, informer.status().transformErrors]).toEqual([true, 0, 1]);
  expect(logger.lines.find(({ level }) => level === 'error')?.fields.error).toEqual(
    new TypeError('Cannot transform object "a": the result must be an object, not a promise'),
  );
  await end();
});

describe('SharedInformer metrics', () => {
  const identity = { name: 'test', group: 'example.com', version: 'v1', resource: 'widgets' };

  test('SharedInformer measures queue, latency, store and handlers under the names of upstream, and takes all back at its end', async () => {
    const { informer, put, run, clock, metrics, end } = make({ identity });
    const handler = new RecordingHandler<Widget>();
    handler.hold();
    handler.failNext(new Error('boom'));
    informer.addHandler(handler, { name: 'h' });
    put('a');
    put('b');
    put('c');
    await run();
    put('a');
    await clock.settle();
    expect(metrics.value('informer_queued_items', identity)).toBe(0);
    expect(metrics.value('informer_store_resource_version', identity)).toBe(6);
    expect(metrics.value('informer_store_objects', identity)).toBe(3);
    expect(metrics.observations('informer_processing_latency_seconds', identity)?.length).toBe(1);
    expect(metrics.value('informer_full_states_total', { ...identity, cause: 'initial' })).toBe(1);
    expect(metrics.value('informer_handler_pending', { ...identity, handler: 'h' })).toBe(2);
    expect(metrics.value('informer_handler_errors_total', { ...identity, handler: 'h' })).toBe(1);
    handler.release();
    await clock.settle();
    expect(metrics.value('informer_handler_pending', { ...identity, handler: 'h' })).toBe(0);
    await end();
    expect(metrics.value('informer_store_objects', identity)).toBeUndefined();
    expect(metrics.value('informer_handler_pending', { ...identity, handler: 'h' })).toBeUndefined();
  });

  test('SharedInformer reports the last 15 digits of a long resource version', async () => {
    const { informer, run, metrics, end } = make({ identity }, { resourceVersion: 9_007_199_254_740_000 });
    await run();
    expect(informer.indexer.resourceVersion).toBe('9007199254740002');
    expect(metrics.value('informer_store_resource_version', identity)).toBe(7_199_254_740_002);
    await end();
  });

  test('SharedInformer measures nothing without an identity', async () => {
    const { put, run, metrics, end } = make();
    put('a');
    await run();
    expect(metrics.value('informer_store_objects')).toBeUndefined();
    await end();
  });
});
