import type { MetricDescription, Metrics } from '@bowline/apimachinery';
import { RecordingMetrics } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { make } from './informer.fixture.ts';
import { InformerMetrics } from './informer-metrics.ts';
import { RecordingHandler } from './testing.ts';

const identity = { name: 'test', group: 'example.com', version: 'v1', resource: 'widgets' };

function setUp() {
  const metrics = new RecordingMetrics();
  const value = (name: string, more: object = {}): number | undefined => metrics.value(name, { ...identity, ...more });
  return { metrics, value, of: new InformerMetrics(metrics, identity) };
}

describe('InformerMetrics', () => {
  test('InformerMetrics says of each series what it is, in one sentence', () => {
    const described: MetricDescription[] = [];
    const note = (description: MetricDescription) => {
      described.push(description);
      return { add() {}, set() {}, observe() {} };
    };
    const metrics: Metrics = { counter: note, gauge: note, histogram: note, remove() {} };
    const of = new InformerMetrics(metrics, identity);
    of.fullState('initial');
    of.handler('h');
    expect(described.length).toBeGreaterThan(10);
    for (const { help, labels } of described) {
      expect(help).toMatch(/^\w+ .+[^.]$/);
      expect(labels).toMatchObject(identity);
    }
    const latency = described.find(({ name }) => name === 'informer_processing_latency_seconds');
    expect([latency?.buckets?.at(0), latency?.buckets?.at(-1)]).toEqual([0.001, 10]); // as upstream's
  });

  test('InformerMetrics reports a version only when it is a number, and an event only when there was one', () => {
    const { of, value } = setUp();
    of.storeVersion('17');
    of.storeVersion('not a number');
    expect(value('informer_store_resource_version')).toBe(17);
    of.lastEvent(2_500);
    of.lastEvent(undefined);
    expect(value('informer_last_event_timestamp_seconds')).toBe(2.5);
  });

  test('InformerMetrics counts each merged change once', () => {
    const { of, value } = setUp();
    const merged = (): number | undefined => value('informer_handler_merged_total', { handler: 'h' });
    of.backlog('h', { pending: 3, merged: 0 });
    expect(merged()).toBe(0);
    for (const count of [2, 2, 5]) of.backlog('h', { pending: 3, merged: count });
    expect([merged(), value('informer_handler_pending', { handler: 'h' })]).toEqual([5, 3]);
  });

  test('InformerMetrics takes back the series of a handler that is removed, and no other', () => {
    const { of, value } = setUp();
    of.backlog('a', { pending: 1, merged: 0 });
    of.backlog('b', { pending: 2, merged: 0 });
    of.objects.set(7);
    of.removeHandler('unheard of');
    of.removeHandler('a');
    expect(value('informer_handler_pending', { handler: 'a' })).toBeUndefined();
    expect(value('informer_handler_errors_total', { handler: 'a' })).toBeUndefined();
    expect([value('informer_handler_pending', { handler: 'b' }), value('informer_store_objects')]).toEqual([2, 7]);
    of.backlog('a', { pending: 4, merged: 3 });
    expect(value('informer_handler_merged_total', { handler: 'a' })).toBe(3); // as a new one
    of.close();
    expect(value('informer_handler_pending', { handler: 'a' })).toBeUndefined();
    expect(value('informer_store_objects')).toBeUndefined();
  });

  test('SharedInformer measures nothing of a handler that was removed', async () => {
    const { informer, metrics, put, run, end } = make({ identity });
    const registration = informer.addHandler(new RecordingHandler(), { name: 'h' });
    put('a');
    await run();
    const pending = (): number | undefined => metrics.value('informer_handler_pending', { ...identity, handler: 'h' });
    expect(pending()).toBe(0);
    registration.remove();
    put('b');
    expect(pending()).toBeUndefined();
    await end();
  });
});
