import type { MetricDescription, Metrics } from '@bowline/apimachinery';
import { FakeClock, fixedRandom, RecordingMetrics } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { added, byList, deleted, errorFrame, expired, item, refused, type Widget } from './reflector.fixture.ts';
import { Reflector } from './reflector.ts';
import { ReflectorMetrics } from './reflector-metrics.ts';
import { FakeListerWatcher, MemorySink } from './testing.ts';

describe('Reflector, metrics', () => {
  test('Reflector counts full states, watches, events and failures', async () => {
    const metrics = new RecordingMetrics();
    const source = new FakeListerWatcher<Widget>();
    const { clock, stop, running } = measured(metrics, source);
    const labels = { name: 'widgets.example.com' };
    const value = (name: string, more: object = {}): number | undefined => metrics.value(name, { ...labels, ...more });
    const observed = (name: string): readonly number[] | undefined => metrics.observations(name, labels);

    (await source.nextList()).fail(refused);
    await clock.advance(800);
    const list = await source.nextList();
    await clock.advance(2_000);
    list.answer([item('a', 1), item('b', 2)], '10');
    const watch = (await source.nextWatch()).send(added('c', 11), deleted('a', 1_234_567_890_123_456));
    await clock.advance(30_000);
    expect(value('reflector_lists_total')).toBe(1);
    expect(observed('reflector_list_duration_seconds')).toEqual([2]);
    expect(observed('reflector_items_per_list')).toEqual([2]);
    expect(value('reflector_relists_total', { cause: 'refused' })).toBe(1);
    expect(value('reflector_failures_total', { kind: 'refused' })).toBe(1);
    expect(value('reflector_watches_total')).toBe(1);
    expect(observed('reflector_watch_duration_seconds')).toEqual([]);
    expect(value('reflector_last_resource_version')).toBe(234_567_890_123_456);

    watch.end();
    (await source.nextWatch()).accept().end();
    await clock.advance(800);
    (await source.nextList()).answer([item('b', 2)], 'not a number');
    (await source.nextWatch()).send(errorFrame(expired));
    await clock.settle();
    expect(observed('reflector_watch_duration_seconds')).toEqual([30, 0, 0]);
    expect(observed('reflector_items_per_watch')).toEqual([2, 0, 1]);
    expect(value('reflector_short_watches_total')).toBe(1);
    expect(value('reflector_watches_total')).toBe(3);
    expect(value('reflector_lists_total')).toBe(2);
    expect(value('reflector_relists_total', { cause: 'short-watch' })).toBe(1);
    expect(value('reflector_failures_total', { kind: 'short-watch' })).toBe(1);
    expect(value('reflector_last_resource_version')).toBe(234_567_890_123_456);
    stop.abort();
    await running;
  });

  test('Reflector has no metrics before it runs, and takes all away at its end', async () => {
    const descriptions: MetricDescription[] = [];
    const removed: MetricDescription[] = [];
    const note = (description: MetricDescription) => {
      descriptions.push(description);
      return { add: () => {}, set: () => {}, observe: () => {} };
    };
    const metrics: Metrics = { counter: note, gauge: note, histogram: note, remove: (one) => void removed.push(one) };
    const source = new FakeListerWatcher<Widget>();
    const { reflector, clock, stop, run } = prepared(metrics, source);
    expect(descriptions).toEqual([]);
    const running = run();
    (await source.nextList()).fail(refused);
    await clock.advance(800);
    (await source.nextList()).answer([], '1');
    await clock.settle();
    stop.abort();
    await running;
    expect(reflector.status().state).toBe('stopped');
    expect(descriptions.map(({ name }) => name)).toEqual([
      'reflector_lists_total',
      'reflector_list_duration_seconds',
      'reflector_items_per_list',
      'reflector_watches_total',
      'reflector_short_watches_total',
      'reflector_watch_duration_seconds',
      'reflector_items_per_watch',
      'reflector_last_resource_version',
      'reflector_failures_total',
      'reflector_relists_total',
    ]);
    expect(removed).toEqual(descriptions);
    for (const { help, buckets } of descriptions) {
      expect(help).toMatch(/^[A-Z].+/);
      if (buckets) expect(buckets).toEqual([...new Set(buckets)].sort((a, b) => a - b));
    }
    expect(descriptions.filter(({ buckets }) => (buckets?.length ?? 0) > 5).length).toBe(4);
  });
});

test('ReflectorMetrics measures nothing but comparable versions', () => {
  const metrics = new RecordingMetrics();
  const series = new ReflectorMetrics(metrics, 'r');
  series.reached('123456789012345678');
  series.reached('');
  series.reached('opaque');
  expect(metrics.value('reflector_last_resource_version', { name: 'r' })).toBe(456_789_012_345_678);
});

function prepared(metrics: Metrics, source: FakeListerWatcher<Widget>) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const ports = { source, sink: new MemorySink<Widget>(), clock, random: fixedRandom(0), metrics };
  const reflector = new Reflector<Widget>(ports, byList);
  return { clock, stop, reflector, run: () => reflector.run(stop.signal) };
}

function measured(metrics: Metrics, source: FakeListerWatcher<Widget>) {
  const { run, ...rest } = prepared(metrics, source);
  return { ...rest, running: run() };
}
