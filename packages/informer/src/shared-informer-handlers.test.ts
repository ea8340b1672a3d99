import type { Clock, Item } from '@bowline/apimachinery';
import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { ListWatch } from '@bowline/listwatch';
import { FakeItemServer, FakeListerWatcher } from '@bowline/listwatch/testing';
import { describe, expect, test } from 'vitest';
import { make, Widget } from './informer.fixture.ts';
import { SharedInformer } from './shared-informer.ts';
import { RecordingHandler } from './testing.ts';

const soon = (): AbortSignal => AbortSignal.abort(new Error('waited long enough'));
const forever = new AbortController().signal;

describe('SharedInformer handlers', () => {
  test('SharedInformer keeps handlers Independent: none waits for another, and each is called one at a time', async () => {
    const { informer, put, run, clock, end } = make();
    const slow = new RecordingHandler<Widget>();
    const quick = new RecordingHandler<Widget>();
    slow.hold();
    const registration = informer.addHandler(slow, { name: 'slow' });
    informer.addHandler(quick);
    put('a');
    put('b');
    await run();
    await clock.advance(7_000);
    expect(slow.calls).toEqual(['add a@3 initial']);
    expect(slow.held).toBe(1);
    expect(quick.calls).toEqual(['add a@3 initial', 'add b@4 initial']);
    expect(registration.pending).toBe(1);
    expect(informer.status().handlers[0]).toEqual({
      name: 'slow',
      synced: false,
      pending: 1,
      merged: 0,
      errors: 0,
      callMs: 7_000,
    });
    slow.release();
    await clock.settle();
    expect(slow.calls).toEqual(['add a@3 initial', 'add b@4 initial']);
    await end();
  });

  test('SharedInformer is Unimpressed by handlers that throw and reject: it reports them and goes on', async () => {
    const { informer, put, run, clock, failures, logger, end } = make();
    const boom = new Error('boom');
    const throwing = new RecordingHandler<Widget>();
    throwing.failNext(boom);
    const rejected: string[] = [];
    const first = informer.addHandler(throwing, { name: 'throwing' });
    const second = informer.addHandler(
      {
        async onAdd({ metadata }) {
          rejected.push(metadata.name);
          throw boom;
        },
      },
      { name: 'rejecting' },
    );
    put('a');
    put('b');
    await run();
    expect(throwing.calls).toEqual(['add a@3 initial', 'add b@4 initial']);
    expect(rejected).toEqual(['a', 'b']);
    expect(first.hasSynced && second.hasSynced).toBe(true);
    expect(failures).toEqual([
      { error: boom, handler: 'throwing', call: 'onAdd', key: 'a' },
      { error: boom, handler: 'rejecting', call: 'onAdd', key: 'a' },
      { error: boom, handler: 'rejecting', call: 'onAdd', key: 'b' },
    ]);
    expect(logger.lines.filter(({ level }) => level === 'error').length).toBe(3);
    expect(informer.status().handlers.map(({ errors }) => errors)).toEqual([1, 2]);
    await clock.settle();
    await end();
  });

  test('SharedInformer is Exact: it says that a handler has synced when it has dealt with everything that was there', async () => {
    const { informer, put, run, clock, end } = make();
    const handler = new RecordingHandler<Widget>();
    handler.hold();
    const registration = informer.addHandler(handler, { name: 'slow' });
    put('a');
    put('b');
    await run();
    expect(informer.hasSynced).toBe(true);
    expect(registration.hasSynced).toBe(false);
    await expect(registration.synced(soon())).rejects.toMatchObject({
      code: 'INFORMER_NOT_SYNCED',
      message:
        'Handler "slow" of Informer of widgets.example.com is not synced: it has not dealt with 1 of the objects that were there first',
      cause: new Error('waited long enough'),
    });
    let isSynced = false;
    const synced = registration.synced(forever).then(() => {
      isSynced = true;
    });
    await clock.settle();
    expect(isSynced).toBe(false);
    handler.release();
    await clock.settle();
    await synced;
    expect(registration.hasSynced).toBe(true);
    const late = informer.addHandler(new RecordingHandler<Widget>());
    expect(late.hasSynced).toBe(false);
    await late.synced(forever);
    await end();
  });

  test('SharedInformer syncs handlers of an empty resource too', async () => {
    const { informer, run, clock, end } = make();
    const early = informer.addHandler({ onAdd() {} });
    await run();
    const late = informer.addHandler({ onAdd() {} });
    await clock.settle();
    expect(early.hasSynced && late.hasSynced).toBe(true);
    await end();
  });

  test('SharedInformer tells nothing to a handler that was removed, and has forgotten it', async () => {
    const { informer, put, run, clock, end } = make();
    const handler = new RecordingHandler<Widget>();
    const registration = informer.addHandler(handler, { resyncMs: 1_000 });
    put('a');
    await run();
    registration.remove();
    registration.remove();
    put('b');
    await clock.advance(5_000);
    expect(handler.calls).toEqual(['add a@3 initial']);
    expect(informer.status().handlers).toEqual([]);
    await end();
    registration.remove();
  });

  test('SharedInformer ends a handler that removes itself with the call that it is in', async () => {
    const { informer, put, run, clock, end } = make();
    const seen: string[] = [];
    const registration = informer.addHandler({
      onAdd({ metadata }) {
        seen.push(metadata.name);
        registration.remove();
      },
    });
    put('a');
    put('b');
    await run();
    put('c');
    await clock.settle();
    expect(seen).toEqual(['a']);
    await expect(registration.synced(forever)).rejects.toMatchObject({ code: 'INFORMER_STOPPED' });
    await end();
  });

  test('SharedInformer waits for the last call when a registration is disposed of', async () => {
    const { informer, put, run, clock, end } = make();
    const handler = new RecordingHandler<Widget>();
    handler.hold();
    const registration = informer.addHandler(handler);
    put('a');
    await run();
    let isOver = false;
    const over = registration[Symbol.asyncDispose]().then(() => {
      isOver = true;
    });
    await clock.settle();
    expect(isOver).toBe(false);
    handler.release();
    await over;
    expect(handler.held).toBe(0);
    await end();
  });

  test('SharedInformer takes one handler twice as two', async () => {
    const { informer, put, run, end } = make();
    const handler = new RecordingHandler<Widget>();
    const first = informer.addHandler(handler);
    const second = informer.addHandler(handler);
    put('a');
    await run();
    expect(handler.calls).toEqual(['add a@3 initial', 'add a@3 initial']);
    expect(first.name).not.toBe(second.name);
    await end();
  });

  test('SharedInformer is Bounded: it merges changes of one object for a handler that is far behind, and says so', async () => {
    const { informer, put, run, clock, logger, end } = make();
    const handler = new RecordingHandler<Widget>();
    handler.hold();
    informer.addHandler(handler, { name: 'slow', maxPending: 3 });
    put('a');
    await run();
    for (let version = 0; version < 100; version++) {
      put(version % 2 ? 'a' : 'b');
      await clock.settle();
    }
    const [status] = informer.status().handlers;
    expect(status?.pending).toBe(5);
    expect(status?.merged).toBe(95);
    expect(logger.lines.filter(({ message }) => message.includes('is behind')).length).toBe(1);
    handler.release();
    await clock.settle();
    expect(handler.calls.at(-1)).toMatch(/^update [ab]@\d+ to 10[23]$/);
    await end();
  });

  test('SharedInformer gives item handlers undecoded changes in batches', async () => {
    const { informer, put, run, clock, end } = make();
    const batches: string[][] = [];
    const format = (item: Item<Widget> | undefined): string => (item ? `${item.key}@${item.resourceVersion}` : '');
    const registration = informer.addItemHandler({
      onTransitions: (transitions) =>
        void batches.push(transitions.map((each) => `${format(each.old)}>${format(each.new)}`)),
    });
    for (let index = 0; index < 1_500; index++) put(`w${index}`);
    await run();
    expect(batches.map(({ length }) => length)).toEqual([1_000, 500]);
    expect(registration.hasSynced).toBe(true);
    put('w7');
    await clock.settle();
    expect(batches.at(-1)).toEqual(['w7@10>w7@1503']);
    await end();
  });

  test('SharedInformer counts an item handler as synced only when it has returned', async () => {
    const { informer, put, run, clock, end } = make();
    let finish = (): void => {};
    const registration = informer.addItemHandler({
      onTransitions: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    });
    put('a');
    await run();
    put('b');
    await clock.settle();
    expect(registration.hasSynced).toBe(false);
    finish();
    await clock.settle();
    expect(registration.hasSynced).toBe(true);
    finish();
    await end();
  });

  test('SharedInformer is Lazy: it decodes nothing that no handler asks for', async () => {
    const clock = new FakeClock();
    const source = new FakeListerWatcher<Widget>();
    const informer = new SharedInformer({ source, clock, random: fixedRandom(0) });
    const decoded: string[] = [];
    const lazy = (key: string, version: number): Item<Widget> => ({
      key,
      uid: key,
      resourceVersion: String(version),
      get object() {
        decoded.push(`${key}@${version}`);
        const metadata = { name: key, uid: key, resourceVersion: String(version), creationTimestamp: '' };
        return { apiVersion: 'example.com/v1', kind: 'Widget', metadata };
      },
    });
    informer.addItemHandler({ onTransitions: () => {} });
    informer.addHandler({ onDelete: () => {} });
    const stop = new AbortController();
    const running = informer.run(stop.signal);
    const watch = (await source.nextWatch()).accept();
    watch.send(
      { type: 'added', item: lazy('a', 1) },
      { type: 'bookmark', resourceVersion: '2', initialEventsEnd: true },
    );
    watch.send({ type: 'modified', item: lazy('a', 3) }, { type: 'added', item: lazy('b', 4) });
    await clock.settle();
    expect(informer.indexer.size).toBe(2);
    expect(decoded).toEqual([]);
    watch.send({ type: 'deleted', item: lazy('a', 5) });
    await clock.settle();
    expect(decoded).toEqual(['a@5']);
    stop.abort();
    await running;
  });

  test('SharedInformer is Smooth: handlers with much to do take turns, a slice each', async () => {
    const fake = new FakeClock();
    let looks = 0;
    let turns = 0;
    const clock: Clock = {
      now: () => fake.now(),
      monotonic: () => fake.monotonic() + looks++, // each look at it costs a millisecond
      setTimer: (delayMs, callback) => fake.setTimer(delayMs, callback),
      sleep: (delayMs, signal) => fake.sleep(delayMs, signal),
      turn: () => {
        turns += 1;
        return fake.turn();
      },
    };
    const server = new FakeItemServer();
    const informer = new SharedInformer<Widget>({
      source: new ListWatch(server, Widget),
      clock,
      random: fixedRandom(0),
    });
    for (let index = 0; index < 2_000; index++) server.put(Widget, { metadata: { name: `w${index}` } });
    const stop = new AbortController();
    const running = informer.run(stop.signal);
    await fake.settle();
    turns = 0;
    const slices: string[] = [];
    for (const name of ['a', 'b']) {
      informer.addHandler({
        onAdd: () => {
          if (slices.at(-1) !== `${name}${turns}`) slices.push(`${name}${turns}`);
        },
      });
    }
    await fake.settle();
    expect(turns).toBeGreaterThan(20);
    expect(new Set(slices).size).toBe(slices.length); // each slice has a turn of its own
    expect(slices.map((slice) => slice[0]).join('')).toMatch(/^(ab){10,}$/);
    stop.abort();
    await running;
  });

  test('SharedInformer gives each handler everything again at its own period, at least a second, and no other', async () => {
    const { informer, put, run, clock, end } = make({ resyncMs: 3_000 });
    const often = new RecordingHandler<Widget>();
    const sometimes = new RecordingHandler<Widget>();
    const never = new RecordingHandler<Widget>();
    informer.addHandler(often, { resyncMs: 1 });
    informer.addHandler(sometimes);
    informer.addHandler(never, { resyncMs: 0 });
    put('a');
    await run();
    for (const handler of [often, sometimes, never]) handler.take();
    await clock.advance(3_500);
    expect(often.take()).toEqual(['update a@3 to 3', 'update a@3 to 3', 'update a@3 to 3']);
    expect(sometimes.take()).toEqual(['update a@3 to 3']);
    expect(never.take()).toEqual([]);
    await end();
  });

  test('SharedInformer does not heap resyncs up for a handler that is behind', async () => {
    const { informer, put, run, clock, end } = make();
    const handler = new RecordingHandler<Widget>();
    const registration = informer.addHandler(handler, { resyncMs: 1_000 });
    put('a');
    await run();
    handler.hold();
    await clock.advance(60_000);
    expect(registration.pending).toBe(0);
    expect(handler.calls.length).toBe(2);
    handler.release();
    await clock.advance(1_000);
    expect(handler.calls.length).toBe(3);
    await end();
  });

  test('SharedInformer removes a handler that is too far behind when that is its policy, and says so', async () => {
    const { informer, put, run, clock, failures, end } = make();
    const handler = new RecordingHandler<Widget>();
    handler.hold();
    const registration = informer.addHandler(handler, { name: 'strict', maxPending: 3, overflow: 'remove' });
    put('a');
    await run();
    for (let change = 0; change < 5; change++) put('a');
    await clock.settle();
    expect(registration.isRemoved).toBe(true);
    expect(informer.status().handlers).toEqual([]);
    expect(failures).toMatchObject([
      { handler: 'strict', call: 'overflow', key: 'a', error: { code: 'INFORMER_HANDLER_BEHIND' } },
    ]);
    handler.release();
    await clock.settle();
    expect(handler.calls).toEqual(['add a@3 initial']);
    await end();
  });

  test('SharedInformer gives a name that is taken a number', () => {
    const { informer } = make();
    const names = ['web', 'web', 'web', undefined].map((name) => informer.addHandler({ onAdd() {} }, { name }).name);
    expect(names).toEqual(['web', 'web-2', 'web-3', 'handler-1']);
  });
});
