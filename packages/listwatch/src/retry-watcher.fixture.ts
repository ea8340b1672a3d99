import { getEventListeners } from 'node:events';
import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { expect } from 'vitest';
import type { Widget } from './reflector.fixture.ts';
import { RetryWatcher, type WatcherFrame } from './retry-watcher.ts';
import { FakeListerWatcher } from './testing.ts';

/** A `RetryWatcher` that is read, and whose server is the test. */
export interface Watching {
  readonly clock: FakeClock;
  readonly source: FakeListerWatcher<Widget>;
  readonly stop: AbortController;
  /** What was read, then `end`. */
  readonly seen: string[];
  readonly reading: Promise<void>;
  /** The resource versions that were asked for. */
  versions(): readonly (string | undefined)[];
  /** It has ended, or ends now, and leaves nothing behind. */
  end(): Promise<void>;
}

export function start(resourceVersion: string = '10'): Watching {
  const clock = new FakeClock();
  const source = new FakeListerWatcher<Widget>();
  const stop = new AbortController();
  const watcher = new RetryWatcher({ source, clock, random: fixedRandom(0) }, { resourceVersion, signal: stop.signal });
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    for await (const frame of watcher) seen.push(nameOf(frame));
    seen.push('end');
  };
  const reading = read();
  return {
    clock,
    source,
    stop,
    seen,
    reading,
    versions: () => source.requests.map(({ call }) => call.resourceVersion),
    async end() {
      stop.abort();
      await reading;
      expect(source.openWatches).toBe(0);
      expect(clock.pending).toBe(0);
      expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
    },
  };
}

function nameOf(frame: WatcherFrame<Widget>): string {
  if (frame.type === 'error') return `error ${'code' in frame.error ? frame.error.code : frame.error.message}`;
  return `${frame.type} ${frame.item.key}@${frame.item.resourceVersion}`;
}
