import { statusError } from '@bowline/apimachinery';
import { describe, expect, test } from 'vitest';
import { ClientError } from '../errors.ts';
import { pod, startEvents } from './events.fixture.ts';

const details = { reason: 'Started', action: 'Start', note: 'It runs' };
const lost = (): Error => new ClientError('lost', { code: 'CLIENT_CONNECTION_FAILED', retryable: true });

function start() {
  const parts = startEvents();
  const subscription = parts.events.startRecordingToSink(parts.sink);
  return { ...parts, subscription, recorder: parts.events.newRecorder({ controller: 'c', instance: 'c-1' }) };
}

describe('EventBroadcaster on events.k8s.io/v1', () => {
  test('EventBroadcaster writes one event of events.k8s.io/v1 with all that servers want', async () => {
    const { clock, sink, recorder } = start();
    recorder.event(pod, details);
    await clock.settle();
    expect(sink.writes).toMatchObject([{ verb: 'create', apiVersion: 'events.k8s.io/v1', namespace: 'shop' }]);
    expect(sink.writes[0]?.body).toEqual({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: expect.stringMatching(/^web\./), namespace: 'shop' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'c',
      reportingInstance: 'c-1',
      type: 'Normal',
      ...details,
      regarding: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web', uid: 'u-1', resourceVersion: '7' },
    });
  });

  test('EventBroadcaster makes a series of what is alike but for note, time and version, and tells its second occurrence', async () => {
    const { clock, sink, recorder } = start();
    recorder.event(pod, details);
    await clock.advance(1_500);
    recorder.event({ ...pod, metadata: { ...pod.metadata, resourceVersion: '8' } }, { ...details, note: 'Still' });
    await clock.advance(1_000);
    for (let i = 0; i < 10; i++) recorder.event(pod, details);
    await clock.settle();
    expect(sink.names).toEqual(['create', 'patch']);
    expect(sink.writes[1]).toMatchObject({
      name: sink.writes[0]?.name,
      body: { series: { count: 2, lastObservedTime: '2026-01-01T00:00:01.500000Z' } },
    });
  });

  test.each([
    ['type', pod, { ...details, type: 'Warning' }],
    ['action', pod, { ...details, action: 'Restart' }],
    ['reason', pod, { ...details, reason: 'Other' }],
    ['object', { ...pod, metadata: { ...pod.metadata, uid: 'u-2' } }, details],
    ['related object', pod, { ...details, related: { kind: 'Node', name: 'n' } }],
  ] as const)('EventBroadcaster starts another event for another %s', async (_, regarding, what) => {
    const { clock, sink, recorder } = start();
    recorder.event(pod, details);
    recorder.event(regarding, what);
    await clock.settle();
    expect(sink.names).toEqual(['create', 'create']);
  });

  test('EventBroadcaster writes a repetition that comes before the original is there only after it', async () => {
    const { clock, sink, recorder } = start();
    let open = (): void => {};
    sink.gate = new Promise((resolve) => {
      open = resolve;
    });
    for (let i = 0; i < 3; i++) recorder.event(pod, details);
    await clock.settle();
    expect(sink.names).toEqual(['create']);
    open();
    await clock.settle();
    expect(sink.names).toEqual(['create', 'patch']);
    expect(sink.writes[1]?.body.series.count).toBe(3);
    expect(sink.stored.size).toBe(1);
  });

  test('EventBroadcaster creates an event with its series when the server has forgotten it', async () => {
    const { clock, sink, recorder } = start();
    recorder.event(pod, details);
    await clock.settle();
    sink.stored.clear();
    recorder.event(pod, details);
    await clock.settle();
    expect(sink.names).toEqual(['create', 'patch', 'create']);
    expect(sink.writes[2]?.body).toMatchObject({
      ...details,
      series: { count: 2 },
      metadata: { name: sink.writes[0]?.name },
    });
  });

  test('EventBroadcaster patches when the creation of a series finds that the event exists after all', async () => {
    const { clock, sink, recorder } = start();
    const exists = statusError({ code: 409, reason: 'AlreadyExists', message: 'exists' });
    const missing = statusError({ code: 404, reason: 'NotFound', message: 'missing', details: { name: 'x' } });
    recorder.event(pod, details);
    await clock.settle();
    sink.failures.push(missing, exists);
    recorder.event(pod, details);
    await clock.advance(13_000);
    expect(sink.names).toEqual(['create', 'patch', 'create', 'patch']);
    expect([...sink.stored.values()]).toMatchObject([{ series: { count: 2 } }]);
  });

  test('EventBroadcaster names events after objects whose names are long or no names with a UUID, and cuts notes to 1,024 bytes', async () => {
    const { clock, sink, recorder } = start();
    recorder.event({ kind: 'Pod', name: 'n'.repeat(253), namespace: 'shop' }, { ...details, note: 'ä'.repeat(600) });
    recorder.event({ kind: 'User', name: 'system:x', namespace: 'shop' }, { ...details, note: 'x'.repeat(1_024) });
    await clock.settle();
    expect(sink.writes.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^[0-9a-f-]{36}$/),
      expect.stringMatching(/^[0-9a-f-]{36}$/),
    ]);
    expect(sink.writes.map(({ body }) => body.note)).toEqual([`${'ä'.repeat(510)}…`, 'x'.repeat(1_024)]);
    expect(Buffer.byteLength(sink.writes[0]?.body.note)).toBeLessThanOrEqual(1_024);
  });

  test('EventBroadcaster tells the count of a series that goes on every 30 min, and its end after 6 quiet min', async () => {
    const { clock, sink, recorder } = start();
    const minutes = (count: number) => clock.advance(count * 60_000);
    for (let minute = 0; minute < 62; minute++) {
      recorder.event(pod, details);
      await minutes(1);
    }
    const at = sink.writes.map(({ verb, atMs, body }) => [verb, atMs / 60_000, body.series?.count]);
    expect(at).toEqual([
      ['create', 0, undefined],
      ['patch', 1, 2],
      ['patch', 36, 36],
    ]);
    await minutes(12);
    expect(sink.writes.slice(3).map(({ body }) => body.series.count)).toEqual([62]);
    await minutes(12);
    expect(clock.pending).toBe(0);
    recorder.event(pod, details);
    await clock.settle();
    expect(sink.writes.at(-1)?.verb).toBe('create');
    expect(sink.stored.size).toBe(2);
  });

  test('EventBroadcaster ends an event without repetition in silence after 6 min', async () => {
    const { clock, sink, recorder } = start();
    recorder.event(pod, details);
    await clock.advance(6 * 60_000);
    expect(clock.pending).toBe(0);
    recorder.event(pod, details);
    await clock.settle();
    expect(sink.names).toEqual(['create', 'create']);
  });

  test('EventBroadcaster tries again after 10 to 12.5 s, at most 12 times', async () => {
    const { clock, sink, recorder, metrics, events } = start();
    sink.failures.push(...Array.from({ length: 20 }, lost));
    recorder.event(pod, details);
    await clock.advance(200_000);
    expect(sink.writes).toHaveLength(12);
    const waits = sink.writes.slice(1).map(({ atMs }, index) => atMs - (sink.writes[index]?.atMs ?? 0));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(10_000);
    expect(Math.max(...waits)).toBeLessThan(12_500);
    expect(metrics.value('bowline_events_dropped_total', { api: 'events.k8s.io/v1', cause: 'unreachable' })).toBe(1);
    await events.close();
    expect(clock.pending).toBe(0);
  });

  test('EventBroadcaster writes at most 8 events at once, and takes 1,000 more', async () => {
    const { clock, sink, recorder, metrics } = start();
    let open = (): void => {};
    sink.gate = new Promise((resolve) => {
      open = resolve;
    });
    for (let i = 0; i < 20; i++) recorder.event({ kind: 'Pod', name: `p${i}` }, details);
    await clock.settle();
    expect(sink.writes).toHaveLength(8);
    open();
    await clock.settle();
    expect([sink.writes.length, sink.mostRunning]).toEqual([20, 8]);
    expect(metrics.value('bowline_events_written_total', { api: 'events.k8s.io/v1' })).toBe(20);
  });

  test('EventBroadcaster.close tells the counts that are not told yet (Flushed)', async () => {
    const { clock, sink, recorder, events } = start();
    for (let i = 0; i < 5; i++) recorder.event(pod, details);
    await clock.settle();
    for (let i = 0; i < 5; i++) recorder.event(pod, details);
    await events.close();
    expect([...sink.stored.values()]).toMatchObject([{ series: { count: 10 } }]);
    expect(clock.pending).toBe(0);
  });

  test('EventSubscription.stop ends writes that are under way and leaves no timer', async () => {
    const { clock, sink, recorder, subscription } = start();
    sink.failures.push(lost());
    recorder.event(pod, details);
    await clock.settle();
    subscription.stop();
    await clock.settle();
    expect(clock.pending).toBe(0);
    expect(sink.writes).toHaveLength(1);
  });

  test('EventBroadcaster remembers 4,096 events, and tells the count of the one that has to go', async () => {
    const { clock, sink, recorder } = start();
    for (let i = 0; i < 3; i++) {
      recorder.event(pod, details);
      await clock.settle();
    }
    for (let i = 0; i < 4_096; i++) {
      recorder.event({ kind: 'Pod', name: `p${i}` }, details);
      if (i % 500 === 0) await clock.settle();
    }
    await clock.settle();
    expect(sink.writes.filter(({ verb }) => verb === 'patch').map(({ body }) => body.series.count)).toEqual([2, 3]);
  });
});
