import { statusError } from '@bowline/apimachinery';
import { FakeClock, fixedRandom, RecordingLogger } from '@bowline/apimachinery/testing';
import { ListWatch } from '@bowline/listwatch';
import { expect, test } from 'vitest';
import { Widget } from './informer.fixture.ts';
import { SharedInformer } from './shared-informer.ts';
import { tell } from './tell.ts';
import { FakeItemServer } from './testing.ts';

test('tell passes the value on, and needs nobody to tell', () => {
  const told: number[] = [];
  const logger = new RecordingLogger();
  tell((value: number) => told.push(value), 5, 'it', logger);
  tell(undefined, 5, 'it', logger);
  expect([told, logger.lines]).toEqual([[5], []]);
});

/** What an informer does whose observers fail so. */
async function observedBy(fail: () => void) {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const server = new FakeItemServer();
  const informer = new SharedInformer<Widget>({
    source: new ListWatch<Widget>(server, Widget),
    clock,
    random: fixedRandom(0),
    logger,
    onHandlerError: fail,
    onWatchError: fail,
  });
  const added: string[] = [];
  informer.addHandler({
    onAdd(widget) {
      added.push(widget.metadata.name);
      throw new Error('handler');
    },
  });
  server.put(Widget, { metadata: { name: 'a' } });
  for (const verb of ['watch', 'list'] as const) {
    server.failNext(verb, statusError({ status: 'Failure', code: 403, reason: 'Forbidden', message: 'no' }));
  }
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  await clock.advance(20_000);
  server.put(Widget, { metadata: { name: 'b' } });
  await clock.settle();
  const { synced, state } = informer.status();
  stop.abort();
  await running;
  return { added, synced, state, messages: logger.lines.map(({ message }) => message) };
}

test.each<[string, () => void]>([
  [
    'throw',
    () => {
      throw new Error('observer');
    },
  ],
  ['reject', () => Promise.reject(new Error('observer'))],
])('SharedInformer goes on when onHandlerError and onWatchError %s, and logs it', async (_, fail) => {
  const { added, synced, state, messages } = await observedBy(fail);
  expect({ added, synced, state }).toEqual({ added: ['a', 'b'], synced: true, state: 'watching' });
  expect(messages).toContain('Informer of widgets.example.com: onWatchError failed');
  expect(messages.filter((message) => message.endsWith(': onHandlerError failed'))).toHaveLength(2);
});
