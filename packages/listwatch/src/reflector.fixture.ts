import { getEventListeners } from 'node:events';
import { type Item, type KubernetesObject, statusError, type WatchFrame } from '@bowline/apimachinery';
import { FakeClock, fixedRandom, RecordingLogger } from '@bowline/apimachinery/testing';
import { expect } from 'vitest';
import type { ReflectorOptions } from './options.ts';
import { Reflector } from './reflector.ts';
import { FakeListerWatcher, type FakeWatch, itemOf, MemorySink } from './testing.ts';

export type Widget = KubernetesObject;

export function item(name: string, version: number): Item<Widget> {
  const metadata = { name, uid: name, resourceVersion: String(version), creationTimestamp: '2026-01-01T00:00:00Z' };
  return itemOf({ apiVersion: 'example.com/v1', kind: 'Widget', metadata });
}

export function added(name: string, version: number): WatchFrame<Widget> {
  return { type: 'added', item: item(name, version) };
}

export function modified(name: string, version: number): WatchFrame<Widget> {
  return { type: 'modified', item: item(name, version) };
}

export function deleted(name: string, version: number): WatchFrame<Widget> {
  return { type: 'deleted', item: item(name, version) };
}

export function bookmark(version: number, initialEventsEnd: boolean = false): WatchFrame<Widget> {
  return { type: 'bookmark', resourceVersion: String(version), initialEventsEnd };
}

export function errorFrame(error: Error): WatchFrame<Widget> {
  return { type: 'error', error };
}

export function status(code: number, reason: string, more: object = {}): Error {
  return statusError({ status: 'Failure', code, reason, message: reason, ...more });
}

export const expired: Error = status(410, 'Expired');
export const throttled: Error = status(429, 'TooManyRequests');
export const refused: Error = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6443'), { code: 'ECONNREFUSED' });
export const reset: Error = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

export const byList: ReflectorOptions = { watchList: false };

/** A running reflector whose server is the test. */
export interface Running {
  readonly clock: FakeClock;
  readonly source: FakeListerWatcher<Widget>;
  readonly sink: MemorySink<Widget>;
  readonly logger: RecordingLogger;
  readonly stop: AbortController;
  readonly reflector: Reflector<Widget>;
  /** The resource versions that were asked for. */
  versions(verb: 'list' | 'watch'): readonly (string | undefined)[];
  /** Answers the first list and accepts the first watch. */
  synced(items?: readonly Item<Widget>[], version?: number): Promise<FakeWatch<Widget>>;
  /** Stops it, and proves that it leaves nothing behind. */
  end(): Promise<void>;
}

export function start(
  options: ReflectorOptions = {},
  random: number = 0,
  source: FakeListerWatcher<Widget> = new FakeListerWatcher<Widget>(),
): Running {
  const clock = new FakeClock();
  const sink = new MemorySink<Widget>();
  const logger = new RecordingLogger();
  const stop = new AbortController();
  const reflector = new Reflector({ source, sink, clock, random: fixedRandom(random), logger }, options);
  const running = reflector.run(stop.signal);
  return {
    clock,
    source,
    sink,
    logger,
    stop,
    reflector,
    versions: (verb) =>
      source.requests.filter((request) => request.verb === verb).map(({ call }) => call.resourceVersion),
    async synced(items = [], version = 10) {
      (await source.nextList()).answer(items, String(version));
      const watch = (await source.nextWatch()).accept();
      await clock.settle();
      return watch;
    },
    async end() {
      stop.abort();
      await running;
      expect(reflector.status().state).toBe('stopped');
      expect(source.openWatches).toBe(0);
      expect(clock.pending).toBe(0);
      expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
    },
  };
}
