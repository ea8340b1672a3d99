import { getEventListeners } from 'node:events';
import { defineKind, type Kind, type KubernetesObject, type StringMap } from '@bowline/apimachinery';
import { FakeClock, fixedRandom, RecordingLogger, RecordingMetrics } from '@bowline/apimachinery/testing';
import { ListWatch } from '@bowline/listwatch';
import { FakeItemServer, type FakeItemServerOptions } from '@bowline/listwatch/testing';
import { expect } from 'vitest';
import type { SharedInformerOptions } from './options.ts';
import type { HandlerFailure } from './ports.ts';
import { SharedInformer } from './shared-informer.ts';

export interface Widget extends KubernetesObject {
  readonly spec?: { readonly size?: number; readonly node?: string } | undefined;
}

export const Widget: Kind<Widget> = defineKind<Widget>({
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  resource: 'widgets',
  scope: 'Cluster',
});

/** An informer with a server in memory, on a clock that stands still. */
export interface Running {
  readonly clock: FakeClock;
  readonly server: FakeItemServer;
  readonly informer: SharedInformer<Widget>;
  readonly logger: RecordingLogger;
  readonly metrics: RecordingMetrics;
  readonly failures: HandlerFailure[];
  readonly stop: AbortController;
  put(name: string, spec?: Widget['spec'], labels?: StringMap): Widget;
  delete(name: string): void;
  /** Starts it, and lets it settle. */
  run(): Promise<void>;
  /** Stops it, and proves that it leaves nothing behind. */
  end(): Promise<void>;
}

export function make(options: SharedInformerOptions<Widget> = {}, serverOptions: FakeItemServerOptions = {}): Running {
  const clock = new FakeClock();
  const server = new FakeItemServer({ resourceVersion: 0, ...serverOptions });
  server.put(Widget, { metadata: { name: 'warm-up' } });
  server.delete(Widget, 'warm-up');
  const logger = new RecordingLogger();
  const metrics = new RecordingMetrics();
  const failures: HandlerFailure[] = [];
  const stop = new AbortController();
  const informer = new SharedInformer<Widget>(
    {
      source: new ListWatch(server, Widget),
      clock,
      random: fixedRandom(0),
      logger,
      metrics,
      onHandlerError: (failure) => failures.push(failure),
    },
    options,
  );
  let running: Promise<void> | undefined;
  return {
    clock,
    server,
    informer,
    logger,
    metrics,
    failures,
    stop,
    put: (name, spec, labels = {}) => server.put(Widget, { metadata: { name, labels }, ...(spec && { spec }) }),
    delete: (name) => server.delete(Widget, name),
    async run() {
      running = informer.run(stop.signal);
      await clock.settle();
    },
    async end() {
      stop.abort();
      await running;
      expect(informer.isStopped).toBe(true);
      expect(server.openWatches).toBe(0);
      expect(clock.pending).toBe(0);
      expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
    },
  };
}
