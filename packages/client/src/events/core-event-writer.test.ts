import { statusError } from '@bowline/apimachinery';
import { describe, expect, test } from 'vitest';
import { ClientError } from '../errors.ts';
import { notFound, pod, startEvents } from './events.fixture.ts';

const details = { reason: 'Started', note: 'It runs' };
const lost = (): Error => new ClientError('lost', { code: 'CLIENT_CONNECTION_FAILED', retryable: true });

describe('EventBroadcaster on v1', () => {
  test('EventBroadcaster writes an event of v1 with all that kubectl shows', async () => {
    const { clock, events, sink } = startEvents();
    events.startRecordingToSink(sink, { api: 'v1' });
    const recorder = events.newRecorder({ controller: 'web-operator', host: 'node-1' });
    recorder.event(pod, { ...details, annotations: { a: 'b' } });
    await clock.settle();
    expect(sink.writes).toMatchObject([{ verb: 'create', apiVersion: 'v1', namespace: 'shop' }]);
    expect(sink.writes[0]?.body).toEqual({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: expect.stringMatching(/^web\./), namespace: 'shop', annotations: { a: 'b' } },
      involvedObject: {
        apiVersion: 'v1',
        kind: 'Pod',
        namespace: 'shop',
        name: 'web',
        uid: 'u-1',
        resourceVersion: '7',
      },
      type: 'Normal',
      reason: 'Started',
      message: 'It runs',
      source: { component: 'web-operator', host: 'node-1' },
      reportingComponent: 'web-operator',
      reportingInstance: 'node-1',
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      count: 1,
    });
  });

  test('EventBroadcaster counts what repeats, with a patch of the event that is there', async () => {
    const { clock, events, sink } = startEvents();
    events.startRecordingToSink(sink, { api: 'v1' });
    const recorder = events.newRecorder({ controller: 'c' });
    recorder.event(pod, details);
    await clock.advance(60_000);
    recorder.event(pod, details);
    recorder.event(pod, { ...details, reason: 'Stopped', action: 'Stop', related: { kind: 'Node', name: 'n' } });
    await clock.settle();
    expect(sink.names).toEqual(['create', 'patch', 'create']);
    expect(sink.writes[1]).toMatchObject({
      name: sink.writes[0]?.name,
      body: { count: 2, lastTimestamp: '2026-01-01T00:01:00Z', message: 'It runs' },
    });
    expect(sink.writes[2]?.body).toMatchObject({ action: 'Stop', related: { kind: 'Node', name: 'n' } });
  });

  test('EventBroadcaster writes an event anew when the server has forgotten it, with its count', async () => {
    const { clock, events, sink } = startEvents();
    events.startRecordingToSink(sink, { api: 'v1' });
    const recorder = events.newRecorder({ controller: 'c' });
    recorder.event(pod, details);
    await clock.settle();
    sink.stored.clear();
    recorder.event(pod, details);
    await clock.settle();
    expect(sink.names).toEqual(['create', 'patch', 'create']);
    expect(sink.writes[2]?.body).toMatchObject({ count: 2, metadata: { name: sink.writes[0]?.name } });
    expect(sink.writes[2]?.body.metadata).not.toHaveProperty('resourceVersion');
  });

  const status = (code: number, reason: string, causes?: { reason: string }[]): Error =>
    statusError({ code, reason, message: reason, ...(causes && { details: { causes } }) });
  test.each<[string, unknown[], number, string | undefined]>([
    ['a lost connection', [lost(), lost()], 3, undefined],
    ['an error that nobody knows', [new Error('?')], 2, undefined],
    ['a refusal', [status(403, 'Forbidden')], 1, 'rejected'],
    ['an overloaded server that has answered', [status(503, 'ServiceUnavailable')], 1, 'rejected'],
    ['an event that exists', [status(409, 'AlreadyExists')], 1, undefined],
    [
      'a namespace that ends',
      [status(403, 'Forbidden', [{ reason: 'NamespaceTerminating' }])],
      1,
      'namespace_terminating',
    ],
    ['a request that cannot be made', [new TypeError('no')], 1, 'rejected'],
    ['a client that was closed', [new ClientError('closed', { code: 'CLIENT_CLOSED' })], 1, 'rejected'],
    ['a server that stays away', Array.from({ length: 20 }, lost), 12, 'unreachable'],
  ])('EventBroadcaster after %s tries again only where that can help (Patient)', async (_, failures, tries, cause) => {
    const { clock, events, sink, metrics } = startEvents();
    events.startRecordingToSink(sink, { api: 'v1' });
    sink.failures.push(...failures);
    events.newRecorder({ controller: 'c' }).event(pod, details);
    await clock.advance(200_000);
    expect(sink.writes).toHaveLength(tries);
    if (cause) expect(metrics.value('bowline_events_dropped_total', { api: 'v1', cause })).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('EventBroadcaster waits 10 s between two tries, before the first repetition a random part of it', async () => {
    const { clock, events, sink } = startEvents();
    events.startRecordingToSink(sink, { api: 'v1' });
    sink.failures.push(lost(), lost(), lost());
    events.newRecorder({ controller: 'c' }).event(pod, details);
    await clock.advance(60_000);
    const [first = 0, second = 0, ...rest] = sink.writes.map(({ atMs }) => atMs);
    expect(second - first).toBeGreaterThan(0);
    expect(second - first).toBeLessThan(10_000);
    expect(rest.map((at) => at - second)).toEqual([10_000, 20_000]);
  });

  test('EventBroadcaster.close gives up what it cannot write in time, and leaves nothing behind (Flushed)', async () => {
    const { clock, events, sink, metrics } = startEvents();
    events.startRecordingToSink(sink, { api: 'v1' });
    sink.failures.push(...Array.from({ length: 20 }, lost));
    const recorder = events.newRecorder({ controller: 'c' });
    for (const reason of ['A', 'B', 'C']) recorder.event(pod, { ...details, reason });
    await clock.settle();
    const tries = sink.writes.length;
    let closed = false;
    const closing = events.close({ timeoutMs: 100 }).then(() => {
      closed = true;
    });
    await clock.advance(99);
    expect(closed).toBe(false);
    await clock.advance(1);
    await closing;
    await clock.settle();
    expect(sink.writes).toHaveLength(tries);
    expect(metrics.value('bowline_events_dropped_total', { api: 'v1', cause: 'closed' })).toBe(3);
    expect(clock.pending).toBe(0);
  });

  test('EventBroadcaster makes a few events of thousands', async () => {
    const { clock, events, sink } = startEvents();
    events.startRecordingToSink(sink, { api: 'v1' });
    const recorder = events.newRecorder({ controller: 'c' });
    for (let i = 0; i < 2_000; i++) {
      recorder.event(pod, { reason: 'BackOff', note: `attempt ${i}` });
      if (i % 500 === 0) await clock.settle();
    }
    await clock.settle();
    expect(sink.writes).toHaveLength(25); // The burst of one source about one object.
    expect(sink.stored.size).toBe(10); // Nine, and the one that stands for all others.
    const last = sink.writes.at(-1)?.body;
    expect(last).toMatchObject({ count: 16, message: '(combined from similar events): attempt 24' });
    for (let i = 0; i < 3; i++) {
      await clock.advance(300_000);
      recorder.event(pod, { reason: 'BackOff', note: 'again' });
    }
    await clock.settle();
    expect(sink.writes).toHaveLength(28);
    expect(sink.writes.at(-1)?.body).toMatchObject({ count: 1_994, message: '(combined from similar events): again' });
  });

  test('EventBroadcaster keeps counts and groups for each sink by itself', async () => {
    const { clock, events, sink } = startEvents();
    events.startRecordingToSink(sink, { api: 'v1' });
    const recorder = events.newRecorder({ controller: 'c' });
    recorder.event(pod, details);
    await clock.settle();
    const { sink: late } = startEvents();
    events.startRecordingToSink(late, { api: 'v1' });
    recorder.event(pod, details);
    await clock.settle();
    expect(sink.names).toEqual(['create', 'patch']);
    expect(late.names).toEqual(['create']);
    expect(late.writes[0]?.body.count).toBe(1);
  });

  test('EventBroadcaster takes a patch that is not found for a new event only when the event is what is missing', async () => {
    const { clock, events, sink, metrics } = startEvents();
    events.startRecordingToSink(sink, { api: 'v1' });
    sink.failures.push(undefined, notFound('shop'), notFound('shop'));
    sink.failures.shift();
    events.newRecorder({ controller: 'c' }).event(pod, details);
    await clock.settle();
    expect(sink.names).toEqual(['create']);
    expect(metrics.value('bowline_events_dropped_total', { api: 'v1', cause: 'rejected' })).toBe(1);
  });
});
