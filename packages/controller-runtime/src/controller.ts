import { type Clock, type Logger, untilAborted } from '@bowline/apimachinery';
import type { ControllerMetrics } from './controller-metrics.ts';
import { ControllerRuntimeError } from './errors.ts';
import type { ResolvedControllerOptions } from './options.ts';
import type { Enqueue, ReconcileQueue, Source } from './ports.ts';
import type { Reconciler } from './reconciler.ts';
import { requestText } from './request.ts';
import type { Runnable } from './runnable-group.ts';
import { startSources } from './start-sources.ts';

/** What a controller is made of. */
export interface ControllerPorts {
  readonly sources: readonly Source[];
  readonly queue: ReconcileQueue;
  readonly reconciler: Reconciler;
  readonly metrics: ControllerMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long workers may go on without giving way to timers and I/O. */
const sliceMs = 10;

/**
 * Takes keys from its sources, through its queue, to its reconciler.
 *
 * It reconciles nothing before its sources have shown all that exists. When it is stopped it takes no new keys, lets what runs go on for
 * `drainMs`, then aborts the signals of those runs, and ends when they have.
 */
export class Controller implements Runnable {
  readonly name: string;
  readonly #ports: ControllerPorts;
  readonly #options: ResolvedControllerOptions;
  #phase: 'new' | 'starting' | 'running' | 'stopping' | 'stopped' = 'new';

  constructor(ports: ControllerPorts, options: ResolvedControllerOptions & { readonly name: string }) {
    this.name = options.name;
    this.#ports = ports;
    this.#options = options;
  }

  /** Everything that existed at the start has been seen, and keys are being reconciled. */
  get isRunning(): boolean {
    return this.#phase === 'running';
  }

  /**
   * Runs until `signal` aborts. A controller runs once.
   *
   * @throws {ControllerRuntimeError} `CONTROLLER_RUNTIME_CACHE_SYNC_TIMEOUT`: it says what keeps which source.
   * @throws what a source rejects with at its start.
   */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#phase !== 'new') {
      throw new ControllerRuntimeError(`Controller "${this.name}" has been run already`, {
        code: 'CONTROLLER_RUNTIME_ALREADY_RUN',
      });
    }
    this.#phase = 'starting';
    const { sources, queue, clock, logger, metrics } = this.#ports;
    const { maxConcurrentReconciles, cacheSyncTimeoutMs } = this.#options;
    metrics.maxConcurrent.set(maxConcurrentReconciles);
    metrics.activeWorkers.set(0);
    const stop = new AbortController();
    let workers: Promise<void>[] = [];
    try {
      const context = { controller: this.name, signal: AbortSignal.any([signal, stop.signal]), clock, logger };
      await startSources(sources, this.#enqueue(), context, cacheSyncTimeoutMs);
      if (signal.aborted) return;
      this.#phase = 'running';
      logger.info({ sources: sources.map((source) => source.name) }, 'Controller runs');
      workers = Array.from({ length: maxConcurrentReconciles }, () => this.#work(signal));
      await Promise.race([untilAborted(signal), ...workers]);
    } finally {
      this.#phase = 'stopping';
      stop.abort(signal.reason);
      queue.shutDown();
      await this.#drain(workers);
      this.#phase = 'stopped';
    }
  }

  /** Who still has work, one line each: what waits, runs, or is to be tried again. Not what asked for a later time. */
  busy(): string[] {
    const { sources, queue, reconciler } = this.#ports;
    const lines = reconciler.busy();
    if (this.#phase === 'starting') lines.push('it is starting');
    const waiting = queue.length;
    if (waiting > 0) lines.push(`${waiting} ${waiting === 1 ? 'key waits' : 'keys wait'} to be reconciled`);
    for (const { name, pending = 0 } of sources) {
      if (pending > 0) lines.push(`${name}: ${pending} events to be handled`);
    }
    return lines.map((line) => `controller "${this.name}": ${line}`);
  }

  #enqueue(): Enqueue {
    const { queue } = this.#ports;
    return { add: (key, options) => queue.add(requestText(key), options) };
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { queue, reconciler, clock } = this.#ports;
    // An abort that comes while nothing is waited for is not in the phase yet.
    const goesOn = (): boolean => this.#phase === 'running' && !signal.aborted;
    let sliceStart = clock.monotonic();
    while (goesOn()) {
      // What need not be waited for is not: most runs find nothing to do.
      const request = queue.tryGet() ?? (await queue.get());
      if (!request) return;
      if (!goesOn()) return request[Symbol.dispose]();
      const running = reconciler.handle(request);
      if (running) await running;
      if (clock.monotonic() - sliceStart < sliceMs) continue;
      await clock.turn();
      sliceStart = clock.monotonic();
    }
  }

  async #drain(workers: readonly Promise<void>[]): Promise<void> {
    const { reconciler, clock } = this.#ports;
    const abort = (): void => reconciler.abort(new Error(`Controller "${this.name}" stops`));
    const timer = clock.setTimer(this.#options.drainMs, abort);
    await Promise.all(workers);
    await reconciler.ended();
    timer.cancel();
    abort(); // What is held back until its writes are visible is given free.
  }
}
