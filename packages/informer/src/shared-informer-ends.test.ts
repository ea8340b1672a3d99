import { describe, expect, test } from 'vitest';
import { make, type Running, type Widget } from './informer.fixture.ts';
import type { HandlerRegistration } from './registration.ts';
import { RecordingHandler } from './testing.ts';

/** Whether `over` has resolved by now. */
function look(over: Promise<unknown>): () => boolean {
  let isOver = false;
  void over.then(() => {
    isOver = true;
  });
  return () => isOver;
}

function errorsOf({ logger }: Running): string[] {
  return logger.lines.filter(({ level }) => level === 'error').map(({ message }) => message);
}

const waitedInVain = (ms: number): string =>
  `Handler "stuck" of Informer of widgets.example.com has not returned from onAdd of "a" ${ms} ms after it was told to end: nobody waits for it any longer`;

describe('SharedInformer ends without a call that does not return', () => {
  async function setUp(
    endTimeoutMs?: number,
    ofHandler?: number,
  ): Promise<Running & { readonly handler: RecordingHandler<Widget>; readonly registration: HandlerRegistration }> {
    const running = make({ endTimeoutMs });
    const handler = new RecordingHandler<Widget>();
    handler.hold();
    const registration = running.informer.addHandler(handler, { name: 'stuck', endTimeoutMs: ofHandler });
    running.put('a');
    await running.run();
    expect(handler.held).toBe(1);
    return { ...running, handler, registration };
  }

  test.each([
    ['10 seconds', undefined, undefined, 10_000],
    ["the informer's time", 500, undefined, 500],
    ["the handler's time", 500, 70, 70],
    ['no time', 0, undefined, 0],
  ])(
    'SharedInformer and a registration that end wait for a call that never returns for %s, and the log names it',
    async (_, ofInformer, ofHandler, ms) => {
      const alone = await setUp(ofInformer, ofHandler);
      const disposed = look(alone.registration[Symbol.asyncDispose]());
      const running = await setUp(ofInformer, ofHandler);
      const ended = look(running.end());
      for (const [each, isOver] of [
        [alone, disposed],
        [running, ended],
      ] as const) {
        await each.clock.advance(Math.max(0, ms - 1));
        expect([isOver(), errorsOf(each)]).toEqual(ms === 0 ? [true, [waitedInVain(0)]] : [false, []]);
        await each.clock.advance(1);
        expect([isOver(), errorsOf(each)]).toEqual([true, [waitedInVain(ms)]]);
      }
      expect(running.clock.pending).toBe(0);
      await running.registration[Symbol.asyncDispose](); // it was waited for already
      expect(errorsOf(running)).toHaveLength(1);
      await alone.end();
    },
  );

  test('SharedInformer waits as long as it takes when it is told to, and keeps no timer', async () => {
    const running = await setUp(Number.POSITIVE_INFINITY);
    running.stop.abort();
    await running.clock.advance(86_400_000);
    expect([running.handler.held, running.clock.pending, running.informer.isStopped]).toEqual([1, 0, true]);
    const ended = look(running.end());
    await running.clock.settle();
    expect(ended()).toBe(false);
    running.handler.release();
    await running.clock.settle();
    expect([ended(), errorsOf(running)]).toEqual([true, []]);
  });

  test('SharedInformer ends at once when the call returns, and says nothing', async () => {
    const running = await setUp();
    const ended = look(running.end());
    await running.clock.advance(9_999);
    running.handler.release();
    await running.clock.settle();
    expect([ended(), errorsOf(running), running.clock.pending]).toEqual([true, [], 0]);
  });

  test('SharedInformer that runs again calls nobody before the call that was not waited for has returned', async () => {
    const running = await setUp(1);
    const { informer, clock, handler, put } = running;
    const ended = look(running.end());
    await clock.advance(1);
    expect(ended()).toBe(true);
    put('b');
    const stop = new AbortController();
    const again = informer.run(stop.signal);
    await clock.settle();
    expect([informer.hasSynced, handler.calls, handler.held]).toEqual([true, ['add a@3 initial'], 1]);
    handler.release();
    await clock.settle();
    expect(handler.calls).toEqual(['add a@3 initial', 'add b@4']);
    put('c');
    await clock.settle();
    expect(handler.calls).toEqual(['add a@3 initial', 'add b@4', 'add c@5']);
    stop.abort();
    await again;
    expect([errorsOf(running), clock.pending]).toEqual([[waitedInVain(1)], 0]);
  });
});
