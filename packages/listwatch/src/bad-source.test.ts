import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import type { ListerWatcher } from './ports.ts';
import type { Widget } from './reflector.fixture.ts';
import { Reflector } from './reflector.ts';
import { MemorySink } from './testing.ts';

const noFrames = 'Cannot read watch: what the watch of the source yields must be an array of frames, got';
const noType =
  'Cannot read watch: the type of a frame must be "added", "modified", "deleted", "bookmark" or "error", got';

/** Runs a reflector for a while with a source that a program has written by hand. Its watch yields `chunk` once it is open. */
async function reflect(chunk: unknown, watchList: boolean, page: unknown = { items: [], resourceVersion: '10' }) {
  const source = {
    list: async () => page,
    watch: async function* () {
      yield [];
      yield chunk;
      await new Promise(() => {});
    },
  } as unknown as ListerWatcher<Widget>;
  const clock = new FakeClock();
  const reflector = new Reflector(
    { source, sink: new MemorySink<Widget>(), clock, random: fixedRandom(0) },
    { watchList },
  );
  const stop = new AbortController();
  const running = reflector.run(stop.signal);
  await clock.settle();
  const status = reflector.status();
  stop.abort();
  await clock.advance(1_000); // for a source that does not let go
  await running;
  expect(clock.pending).toBe(0);
  return status;
}

describe('Reflector with a source that is none', () => {
  test.each([
    [undefined, `${noFrames} undefined`],
    [{ type: 'added' }, `${noFrames} an object`],
    ['added', `${noFrames} "added"`],
    [[{ type: 'ADDED' }], `${noType} "ADDED"`],
    [[5], `${noType} undefined`],
  ])('Reflector says what is wrong with what a watch yields: %o', async (chunk, told) => {
    expect(await reflect(chunk, false)).toMatchObject({
      state: 'waiting',
      lastErrorKind: 'misuse',
      lastError: expect.stringContaining(told),
    });
  });

  test.each([
    [null, 'null'],
    [{ items: null, resourceVersion: '10' }, 'an object'],
    [{ items: [] }, 'an object'],
    [{ items: [], resourceVersion: 10 }, 'an object'],
  ])('Reflector says what is wrong with what a list resolves with: %o', async (page, got) => {
    expect(await reflect([], false, page)).toMatchObject({
      state: 'waiting',
      synced: false,
      lastErrorKind: 'misuse',
      lastError: expect.stringContaining(
        `Cannot read list: what the list of the source resolves with must be a page (an object with items and resourceVersion), got ${got}`,
      ),
    });
  });

  test.each([[undefined], [[{ type: 'ADDED' }]]])(
    'Reflector lists where a watch-list yields what is none: %o',
    async (chunk) => {
      expect(await reflect(chunk, true)).toMatchObject({ synced: true, relists: { initial: 1 } });
    },
  );
});
