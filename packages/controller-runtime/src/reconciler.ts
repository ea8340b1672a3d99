import { type Clock, isConflict, isPromiseLike, type Logger, type Random } from '@bowline/apimachinery';
import type { CachedClient } from './cached-client.ts';
import type { Cause } from './cause.ts';
import type { ControllerMetrics } from './controller-metrics.ts';
import { ControllerRuntimeError, isTerminalError } from './errors.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { QueuedRequest, ReconcileQueue } from './ports.ts';
import type { Reconcile } from './reconcile.ts';
import { ReconcileRun } from './reconcile-run.ts';
import { within } from './within.ts';

/** What a reconciler works with. */
export interface ReconcilerPorts {
  readonly reconcile: Reconcile;
  readonly queue: ReconcileQueue;
  readonly client: CachedClient;
  readonly metrics: ControllerMetrics;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** A worker's work on one request. */
interface Turn {
  readonly request: QueuedRequest;
  readonly run: ReconcileRun;
  readonly startedAt: number;
}

const retried: Cause = Object.freeze({ type: 'retry' });
const requeued: Cause = Object.freeze({ type: 'requeue' });

/**
 * Runs the reconcile function for one request after another and does what its outcome asks for.
 *
 * | outcome | then |
 * |---|---|
 * | returned | its failures are forgotten |
 * | `{ requeueAfterMs }` | its failures are forgotten, and it runs again after that time |
 * | `{ requeue: true }` | it runs again after a delay that grows with its failures, which this counts as one |
 * | threw | the same |
 * | threw a `TerminalError` | its failures are forgotten, and it rests until something changes |
 *
 * @see controller-runtime pkg/internal/controller `reconcileHandler`, which does not forget after a terminal error
 */
export class Reconciler {
  readonly #ports: ReconcilerPorts;
  readonly #timeoutMs: number;
  readonly #abort = new AbortController();
  /** The keys that workers work on, and since when. */
  readonly #running = new Map<string, number>();
  /** Why keys are held back although their workers are free. A key is never in `#running` too. */
  readonly #held = new Map<string, string>();
  /** Runs whose time was up and that go on regardless. */
  readonly #overdue = new Set<Promise<unknown>>();
  /** The last error of the keys that wait to be tried again. */
  readonly #failing = new Map<string, string>();

  constructor(ports: ReconcilerPorts, options: { readonly reconciliationTimeoutMs: number }) {
    this.#ports = ports;
    this.#timeoutMs = options.reconciliationTimeoutMs;
  }

  /** The worker may take the next request when this resolves; undefined: at once. Never rejects or throws. */
  handle(request: QueuedRequest): Promise<void> | undefined {
    const { clock, metrics, reconcile } = this.#ports;
    const startedAt = clock.monotonic();
    this.#running.set(request.key, startedAt);
    metrics.activeWorkers.set(this.#running.size);

    const expiry = this.#timeoutMs > 0 ? new AbortController() : undefined;
    const signal = expiry ? AbortSignal.any([this.#abort.signal, expiry.signal]) : this.#abort.signal;
    const run = new ReconcileRun(this.#ports, request, signal);
    let outcome: Outcome;
    try {
      const result = reconcile(run);
      if (isPromiseLike(result)) return this.#ended({ request, run, startedAt }, outcomeWhenEnded(result), expiry);
      outcome = outcomeOf(result);
    } catch (error) {
      outcome = { type: 'error', error };
    }
    this.#finish({ request, run, startedAt }, outcome);
    this.#release(request, run);
    return undefined;
  }

  /** Aborts the signals of all runs. */
  abort(reason: unknown): void {
    this.#abort.abort(reason);
  }

  /** Resolves when no reconcile function runs. Called after the workers have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#overdue);
  }

  /** Who still has work, one line each. */
  busy(): string[] {
    const now = this.#ports.clock.monotonic();
    const lines: string[] = [];
    for (const [key, since] of this.#running)
      lines.push(`${key} has been reconciled for ${Math.round(now - since)} ms`);
    for (const [key, reason] of this.#held) lines.push(`${key} ${reason}`);
    for (const [key, error] of this.#failing) {
      const times = this.#ports.queue.numRequeues(key);
      lines.push(`${key} has failed ${times === 1 ? 'once' : `${times} times`} and is tried again: ${error}`);
    }
    return lines;
  }

  async #ended(turn: Turn, ending: Promise<Outcome>, expiry: AbortController | undefined): Promise<void> {
    const outcome = expiry ? await this.#inTime(ending, expiry) : await ending;
    const { request, run } = turn;
    this.#finish(turn, outcome);
    if (expiry?.signal.aborted) this.#holdOverdue(request, ending);
    else this.#release(request, run);
  }

  #finish({ request, run, startedAt }: Turn, outcome: Outcome): void {
    const { clock, metrics } = this.#ports;
    this.#running.delete(request.key);
    metrics.activeWorkers.set(this.#running.size);
    metrics.timeSeconds.observe((clock.monotonic() - startedAt) / 1000);
    this.#settle(request, run, outcome);
  }

  async #inTime(ending: Promise<Outcome>, expiry: AbortController): Promise<Outcome> {
    const { clock, metrics } = this.#ports;
    const timeoutMs = this.#timeoutMs;
    const error = (): Error =>
      new ControllerRuntimeError(`Reconcile did not end within ${timeoutMs} ms`, {
        code: 'CONTROLLER_RUNTIME_RECONCILE_TIMEOUT',
        retryable: true,
      });
    try {
      return await within(ending, { clock, timeoutMs, error });
    } catch (error) {
      metrics.timeouts.add();
      expiry.abort(error);
      return { type: 'error', error };
    }
  }

  /** A run that comes of this one is as urgent, unless its outcome says otherwise. */
  #settle(request: QueuedRequest, run: ReconcileRun, outcome: Outcome): void {
    const { queue, metrics } = this.#ports;
    const { key } = request;
    metrics.total[outcome.type].add();
    switch (outcome.type) {
      case 'success':
        this.#forget(key);
        break;
      case 'requeue_after':
        this.#forget(key);
        queue.add(key, {
          afterMs: outcome.afterMs,
          cause: requeued,
          priority: outcome.priority ?? request.priority,
        });
        break;
      case 'requeue':
        this.#failing.set(key, 'it asked for it');
        queue.addRateLimited(key, { cause: retried, priority: outcome.priority ?? request.priority });
        break;
      case 'error':
        this.#settleError(request, run, outcome.error);
        break;
    }
  }

  #settleError({ key, priority }: QueuedRequest, run: ReconcileRun, error: unknown): void {
    const { queue, metrics } = this.#ports;
    metrics.errors.add();
    if (isTerminalError(error)) {
      metrics.terminalErrors.add();
      run.log.error({ err: error }, 'Reconcile failed for good, until something changes');
      this.#forget(key);
      return;
    }
    queue.addRateLimited(key, { cause: retried, priority });
    this.#failing.set(key, error instanceof Error ? error.message : String(error));
    // Losing a race against another writer is everyday life; an error in the log would only wake somebody.
    if (isConflict(error)) run.log.info({ err: error }, 'Reconcile met a conflict and is tried again');
    else run.log.error({ err: error }, 'Reconcile failed and is tried again');
  }

  #forget(key: string): void {
    this.#ports.queue.forget(key);
    if (this.#failing.size > 0) this.#failing.delete(key);
  }

  /** Gives the key free. It is held back until the cache shows what the run wrote, so that the next run need not wait for it. */
  #release(request: QueuedRequest, run: ReconcileRun): void {
    const visible = run.writesVisible(this.#abort.signal);
    if (visible) void this.#hold(request, 'waits for its writes to appear in the cache', visible);
    else request[Symbol.dispose]();
  }

  /** Gives the key free when its function has ended after all. */
  #holdOverdue(request: QueuedRequest, ending: Promise<unknown>): void {
    const overdue = this.#hold(request, `goes on although its ${this.#timeoutMs} ms are over`, ending).finally(() => {
      this.#overdue.delete(overdue);
    });
    this.#overdue.add(overdue);
  }

  async #hold(request: QueuedRequest, reason: string, until: Promise<unknown>): Promise<void> {
    this.#held.set(request.key, reason);
    await until;
    this.#held.delete(request.key);
    request[Symbol.dispose]();
  }
}

async function outcomeWhenEnded(result: PromiseLike<Awaited<ReturnType<Reconcile>>>): Promise<Outcome> {
  try {
    return outcomeOf(await result);
  } catch (error) {
    return { type: 'error', error };
  }
}
