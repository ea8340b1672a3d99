import type { Logger, Random } from '@bowline/apimachinery';
import type { CachedClient } from './cached-client.ts';
import type { Cause } from './cause.ts';
import type { QueuedRequest } from './ports.ts';
import type { ReconcileContext } from './reconcile.ts';
import { parseRequest, type RequestKey } from './request.ts';

/** What the context of a run is made from, when it is asked for. */
export interface ReconcileRunPorts {
  readonly client: CachedClient;
  readonly logger: Logger;
  readonly random: Random;
}

/** One run of a reconciler. What it may not need is made when it is first read: most runs find nothing to do. */
export class ReconcileRun implements ReconcileContext {
  readonly signal: AbortSignal;
  readonly #ports: ReconcileRunPorts;
  readonly #request: QueuedRequest;
  #key: RequestKey | undefined;
  #client: CachedClient | undefined;
  #log: Logger | undefined;
  #reconcileId: string | undefined;

  constructor(ports: ReconcileRunPorts, request: QueuedRequest, signal: AbortSignal) {
    this.#ports = ports;
    this.#request = request;
    this.signal = signal;
  }

  get key(): RequestKey {
    this.#key ??= parseRequest(this.#request.key);
    return this.#key;
  }

  get causes(): readonly Cause[] {
    return this.#request.causes;
  }

  get causeCount(): number {
    return this.#request.causeCount;
  }

  get client(): CachedClient {
    this.#client ??= this.#ports.client.bind({ signal: this.signal });
    return this.#client;
  }

  get log(): Logger {
    if (this.#log) return this.#log;
    const { namespace, name, cluster } = this.key;
    this.#log = this.#ports.logger.child({
      ...(cluster ? { cluster } : {}),
      ...(namespace ? { namespace } : {}),
      name,
      reconcileID: this.reconcileId,
    });
    return this.#log;
  }

  get reconcileId(): string {
    this.#reconcileId ??= this.#ports.random.uuid();
    return this.#reconcileId;
  }

  /** Resolves once the cache shows what this run wrote, or when `signal` aborts. Undefined when it does already. */
  writesVisible(signal: AbortSignal): Promise<void> | undefined {
    return this.#client?.writesVisible(signal);
  }
}
