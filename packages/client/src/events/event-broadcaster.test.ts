import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fixedRandom } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { EventNames } from './event-name.ts';
import type { RecordedEvent } from './event-recorder.ts';
import { pod, START_MS, startEvents } from './events.fixture.ts';
import { EventBroadcaster, eventFieldSelector } from './index.ts';

const details = { reason: 'Started', note: 'It runs' };

describe('EventRecorder', () => {
  test('EventRecorder.event names object, controller, instance, action and time', async () => {
    const { clock, events } = startEvents();
    const seen: RecordedEvent[] = [];
    events.startEventWatcher((event) => void seen.push(event));
    const recorder = events.newRecorder({ controller: 'example.com/web-operator', instance: 'one' });
    const part = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web', fieldPath: 'spec.containers{app}' };
    recorder.event(pod, details);
    recorder.event(part, { ...details, type: 'Warning', action: 'Pull', related: pod, annotations: { a: 'b' } });
    await clock.settle();
    const reporter = { reportingController: 'example.com/web-operator', reportingInstance: 'one' };
    const reference = {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'shop',
      name: 'web',
      uid: 'u-1',
      resourceVersion: '7',
    };
    expect(seen).toEqual([
      {
        ...reporter,
        ...details,
        name: expect.stringMatching(/^web\.18867[0-9a-f]+$/),
        namespace: 'shop',
        atMs: START_MS,
        type: 'Normal',
        action: 'Started',
        regarding: reference,
      },
      expect.objectContaining({
        type: 'Warning',
        action: 'Pull',
        regarding: part,
        related: reference,
        annotations: { a: 'b' },
      }),
    ]);
    expect(seen[0]?.name).not.toBe(seen[1]?.name);
  });

  test('EventRecorder.event files events about what is in no namespace under "default"', async () => {
    const { clock, events } = startEvents();
    const seen: RecordedEvent[] = [];
    events.startEventWatcher((event) => void seen.push(event));
    const recorder = events.newRecorder({ controller: 'c' });
    recorder.event({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }, details);
    recorder.event({ kind: 'Node', name: 'n', namespace: '' }, details);
    await clock.settle();
    expect(seen.map(({ namespace, regarding }) => [namespace, regarding.namespace ?? ''])).toEqual([
      ['default', ''],
      ['default', ''],
    ]);
  });

  test('EventNames.next gives object and nanoseconds as hex, never the same twice, and a UUID where that is no name', () => {
    const names = new EventNames({ now: () => START_MS }, fixedRandom(0));
    const hex = (BigInt(START_MS) * 1_000_000n).toString(16);
    expect(names.next('web')).toBe(`web.${hex}`);
    expect(names.next('web')).toBe(`web.${(BigInt(START_MS) * 1_000_000n + 1n).toString(16)}`);
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(names.next('system:node')).toMatch(uuid);
    expect(names.next('n'.repeat(253))).toMatch(uuid);
    expect(names.next('n'.repeat(236))).toMatch(/^n+\./);
  });

  test.each<[string, unknown, unknown, RegExp]>([
    [
      'nothing',
      undefined,
      details,
      /^Cannot record event: regarding must be an object with apiVersion, kind and metadata/,
    ],
    [
      'an item of client-node’s lists',
      { metadata: pod.metadata },
      details,
      /regarding\.apiVersion must be a non-empty string/,
    ],
    [
      'an object without a name',
      { ...pod, metadata: {} },
      details,
      /regarding\.metadata\.name must be a non-empty string/,
    ],
    ['a reference without a kind', { name: 'web' }, details, /regarding\.kind must be a non-empty string/],
    ['a reference without a name', { kind: 'Pod' }, details, /regarding\.name must be a non-empty string/],
    ['a misspelled reference', { kind: 'Pod', name: 'web', nameSpace: 'a' }, details, /did you mean "namespace"\?/],
    ['no details', pod, undefined, /details must be an object with reason and note, got undefined/],
    ['the arguments of client-go', pod, 'Warning', /details must be an object with reason and note, got "Warning"/],
    ['no reason', pod, { note: 'x' }, /details\.reason must be a string of 1 to 128 characters, got undefined/],
    ['a long reason', pod, { ...details, reason: 'r'.repeat(129) }, /details\.reason must be a string of 1 to 128/],
    ['a long action', pod, { ...details, action: 'r'.repeat(129) }, /details\.action must be a string of 1 to 128/],
    ['an empty note', pod, { ...details, note: '' }, /details\.note must be a non-empty string/],
    ['an unknown type', pod, { ...details, type: 'Error' }, /details\.type must be "Normal" or "Warning", got "Error"/],
    ['a misspelled field', pod, { ...details, message: 'x' }, /details must have known names, got "message"/],
    [
      'annotations that are no text',
      pod,
      { ...details, annotations: { a: 1 } },
      /details\.annotations\.a must be a string/,
    ],
  ])('EventRecorder.event refuses %s at the call', (_, regarding, what, message) => {
    const recorder = startEvents().events.newRecorder({ controller: 'c' });
    const record = recorder.event as (regarding: unknown, what: unknown) => void;
    expect(() => record(regarding, what)).toThrow(message);
  });
});

describe('EventBroadcaster', () => {
  test.each<[string, (events: EventBroadcaster) => unknown, RegExp]>([
    ['a recorder without a name', (e) => e.newRecorder({} as never), /controller must be a qualified name/],
    ['a name that servers refuse', (e) => e.newRecorder({ controller: 'a b' }), /controller must be a qualified name/],
    [
      'a sink that is none',
      (e) => e.startRecordingToSink({} as never),
      /sink must be a client \(an object with create, patch\)/,
    ],
    [
      'an unknown API',
      (e) => e.startRecordingToSink(startEvents().sink, { api: 'v2' as never }),
      /api must be "v1" or/,
    ],
    [
      'no tries',
      (e) => e.startRecordingToSink(startEvents().sink, { maxTries: 0 }),
      /maxTries must be a whole number, 1 or/,
    ],
    [
      'a wait that is none',
      (e) => e.startRecordingToSink(startEvents().sink, { retryMs: Number.NaN }),
      /retryMs must be more/,
    ],
    [
      'a correlator for series',
      (e) => e.startRecordingToSink(startEvents().sink, { correlator: {} }),
      /correlator must be absent/,
    ],
    [
      'a misspelled setting of the correlator',
      (e) => e.startRecordingToSink(startEvents().sink, { api: 'v1', correlator: { maxEvent: 1 } as never }),
      /did you mean "maxEvents"\?/,
    ],
    ['a listener that is none', (e) => e.startEventWatcher('x' as never), /listener must be a function/],
    ['a level that is none', (e) => e.startLogging('loud' as never), /level must be "debug" or "info", got "loud"/],
    ['a clock that is none', () => new EventBroadcaster({ clock: {} as never }), /clock must be a clock/],
  ])('EventBroadcaster refuses %s at the call', (_, call, message) => {
    expect(() => call(startEvents().events)).toThrow(message);
  });

  test('EventBroadcaster.close refuses a time-out that is none', async () => {
    await expect(startEvents().events.close({ timeoutMs: -1 })).rejects.toThrow(/timeoutMs must be 0 or more, got -1/);
  });

  test('EventBroadcaster gives events to watchers in order, and never in the turn of the recorder (Never in the way)', async () => {
    const { clock, events } = startEvents();
    const seen: string[] = [];
    events.startEventWatcher(async ({ note }) => {
      await clock.sleep(1);
      seen.push(note);
    });
    const recorder = events.newRecorder({ controller: 'c' });
    for (const note of ['a', 'b', 'c']) recorder.event(pod, { reason: 'R', note });
    expect(seen).toEqual([]);
    await clock.advance(3);
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  test('EventBroadcaster drops what finds no room, counts it, and says so at the 1st, 2nd, 4th … time (Bounded)', async () => {
    const { clock, events, logger, metrics, sink } = startEvents();
    let open = (): void => {};
    sink.gate = new Promise((resolve) => {
      open = resolve;
    });
    events.startRecordingToSink(sink, { api: 'v1', correlator: { burst: 5_000 } });
    const recorder = events.newRecorder({ controller: 'c' });
    for (let i = 0; i < 2; i++) recorder.event(pod, { reason: `R${i}`, note: 'n' });
    await clock.settle();
    for (let i = 2; i < 1_006; i++) recorder.event(pod, { reason: `R${i}`, note: 'n' });
    expect(metrics.value('bowline_events_queued', { api: 'v1' })).toBe(1_000);
    expect(metrics.value('bowline_events_dropped_total', { api: 'v1', cause: 'queue_full' })).toBe(5);
    expect(logger.lines.map(({ level, fields }) => [level, fields.cause, fields.dropped])).toEqual([
      ['warn', 'queue_full', 1],
      ['warn', 'queue_full', 2],
      ['warn', 'queue_full', 4],
    ]);
    open();
    await clock.settle();
    expect(sink.writes).toHaveLength(1_001);
    expect(metrics.value('bowline_events_written_total', { api: 'v1' })).toBe(1_001);
    expect(metrics.value('bowline_events_queued', { api: 'v1' })).toBe(0);
    await events.close();
    expect(clock.pending).toBe(0);
  });

  test('EventBroadcaster goes on when a watcher fails, and says so', async () => {
    const { clock, events, logger } = startEvents();
    const seen: string[] = [];
    events.startEventWatcher(({ note }) => {
      if (note === 'a') throw new Error('no');
      seen.push(note);
    });
    const recorder = events.newRecorder({ controller: 'c' });
    for (const note of ['a', 'b']) recorder.event(pod, { reason: 'R', note });
    await clock.settle();
    expect(seen).toEqual(['b']);
    expect(logger.lines).toEqual([{ level: 'error', fields: { error: new Error('no') }, message: expect.any(String) }]);
  });

  test('EventBroadcaster.close waits until all watchers have had all events (Flushed)', async () => {
    const { clock, events } = startEvents();
    const seen: string[][] = [[], []];
    for (const list of seen) events.startEventWatcher(({ note }) => void list.push(note));
    const recorder = events.newRecorder({ controller: 'c' });
    for (const note of ['a', 'b', 'c']) recorder.event(pod, { reason: 'R', note });
    await events.close();
    expect(seen).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
    expect(clock.pending).toBe(0);
  });

  test('EventBroadcaster ignores what is recorded after close, and starts nothing more', async () => {
    const { events, sink, logger } = startEvents();
    const recorder = events.newRecorder({ controller: 'c' });
    events.startRecordingToSink(sink);
    const closing = [events.close(), events.close()];
    for (let i = 0; i < 100; i++) recorder.event(pod, details);
    await Promise.all(closing);
    recorder.event(pod, details);
    expect(sink.writes).toEqual([]);
    expect(logger.lines.at(-1)?.message).toBe('Event came after the end');
    expect(() => events.startEventWatcher(() => {})).toThrow(expect.objectContaining({ code: 'CLIENT_CLOSED' }));
    expect(() => events.startRecordingToSink(sink)).toThrow(expect.objectContaining({ code: 'CLIENT_CLOSED' }));
  });

  test('EventSubscription.stop ends a watcher that was closed or disposed, and what waits for it', async () => {
    const { clock, events, metrics } = startEvents();
    const seen: string[] = [];
    {
      using _ = events.startEventWatcher(({ note }) => void seen.push(note));
      events.newRecorder({ controller: 'c' }).event(pod, details);
    }
    events.newRecorder({ controller: 'c' }).event(pod, details);
    await clock.settle();
    expect(seen).toEqual([]);
    expect(metrics.value('bowline_events_dropped_total', { api: 'watcher', cause: 'closed' })).toBe(1);
  });

  test('EventBroadcaster.startLogging writes a line for each event', async () => {
    const { clock, events, logger } = startEvents();
    events.startLogging();
    events.startLogging('debug');
    events.newRecorder({ controller: 'c' }).event(pod, details);
    await clock.settle();
    expect(logger.lines.map(({ level, message, fields }) => [level, message, fields.reason, fields.note])).toEqual([
      ['info', 'Event occurred', 'Started', 'It runs'],
      ['debug', 'Event occurred', 'Started', 'It runs'],
    ]);
  });
});

describe('eventFieldSelector', () => {
  const kind = { group: 'apps', version: 'v1', kind: 'Deployment' };
  test.each([
    [
      'v1',
      { kind, name: 'web', uid: 'u' },
      'involvedObject.kind=Deployment,involvedObject.apiVersion=apps/v1,involvedObject.name=web,involvedObject.uid=u',
    ],
    [
      'events.k8s.io/v1',
      { kind, name: 'web', uid: 'u' },
      'regarding.kind=Deployment,regarding.apiVersion=apps/v1,regarding.name=web,regarding.uid=u',
    ],
    ['v1', { name: 'a,b=c' }, 'involvedObject.name=a\\,b\\=c'],
    ['v1', {}, ''],
  ] as const)('eventFieldSelector speaks the words of %s: %o', (api, regarding, expected) => {
    expect(eventFieldSelector(api, regarding)).toBe(expected);
  });

  test('eventFieldSelector refuses an API and a field that are none', () => {
    expect(() => eventFieldSelector('v2' as never, {})).toThrow(/api must be "v1" or "events.k8s.io\/v1", got "v2"/);
    expect(() => eventFieldSelector('v1', { names: 'x' } as never)).toThrow(/did you mean "name"\?/);
  });
});

test('importing the client loads nothing of events (Cheap to import)', () => {
  const script = `
    const { registerHooks } = await import('node:module');
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)});
    console.log(JSON.stringify(loaded));
  `;
  const options = ['--conditions=@bowline/source', '--input-type=module', '--eval', script];
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const loaded: string[] = JSON.parse(execFileSync(process.execPath, options, { cwd, encoding: 'utf8' }));
  expect(loaded.length).toBeGreaterThan(10);
  expect(loaded.filter((url) => /\/src\/(events|client-node)\//.test(url))).toEqual([]);
});
