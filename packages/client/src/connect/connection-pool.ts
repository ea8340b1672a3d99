import type { Dispatcher } from 'undici';
import { allowsHttp2, type ConnectionIdentity, createDispatcher } from './dispatcher.ts';
import { Sessions } from './sessions.ts';
import type { Undici } from './undici.ts';

/** Connections of one age, and how many requests use them. */
export interface Connections {
  readonly dispatcher: Dispatcher;
  readonly sessions: Sessions;
  active: number;
}

/** Connections that are younger are not retired again. */
const RETIRE_ONCE_MS = 1_000;

/** The connections that all clients of this process share which have the same identity at the same server. */
export class ConnectionPool {
  readonly #undici: Undici;
  readonly #identity: ConnectionIdentity;
  #present: Connections | undefined;
  readonly #retired: Set<Connections> = new Set();
  #retiredAt: number = Number.NEGATIVE_INFINITY;

  constructor(undici: Undici, identity: ConnectionIdentity) {
    this.#undici = undici;
    this.#identity = identity;
  }

  /** For one request: `giveBack` is due when it is over. @throws when the certificates cannot be used. */
  take(): Connections {
    this.#present ??= this.#create();
    this.#present.active++;
    return this.#present;
  }

  giveBack(connections: Connections): void {
    connections.active--;
    this.#endUnused(connections);
  }

  /** Later requests use new connections. Streams on the old ones go on, but for those that left a ping unanswered. */
  retire(): void {
    this.endSilent();
    const connections = this.#present;
    const now = this.#identity.clock.monotonic();
    // Many watches find out at the same time that their connection is dead, while the first of them uses a new one.
    if (!connections || now - this.#retiredAt < RETIRE_ONCE_MS) return;
    this.#retiredAt = now;
    this.#present = undefined;
    this.#retired.add(connections);
    this.#endUnused(connections);
  }

  /** Ends the connections that have not answered a ping. */
  endSilent(): void {
    for (const { sessions } of this.#all()) sessions.endSilent();
  }

  /** Resolves when each HTTP/2 connection that carries a request has answered. @throws when one is dead; the signal's reason. */
  async ping(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all().map(({ sessions }) => sessions.ping(signal)));
  }

  async destroy(): Promise<void> {
    const all = this.#all();
    this.#present = undefined;
    this.#retired.clear();
    await Promise.all(all.map(({ dispatcher }) => dispatcher.destroy()));
  }

  #all(): Connections[] {
    return this.#present ? [this.#present, ...this.#retired] : [...this.#retired];
  }

  #create(): Connections {
    const sessions = new Sessions(this.#identity.clock);
    return { dispatcher: createDispatcher(this.#undici, this.#identity, sessions), sessions, active: 0 };
  }

  #endUnused(connections: Connections): void {
    if (connections.active > 0 || !this.#retired.delete(connections)) return;
    connections.sessions.forget();
    void connections.dispatcher.destroy();
  }
}

/** One user's hold on a pool. */
export interface PoolLease {
  readonly pool: ConnectionPool;
  /** The last one to release it ends its connections. Later calls do nothing. */
  release(): Promise<void>;
}

interface Shared {
  readonly pool: ConnectionPool;
  readonly clock: ConnectionIdentity['clock'];
  readonly key: string;
  users: number;
}

/** One pool per identity, for as long as somebody uses it. */
export class ConnectionPools {
  /** They are few: one per cluster, identity and kind of HTTP. */
  readonly #shared: Set<Shared> = new Set();

  get size(): number {
    return this.#shared.size;
  }

  lease(undici: Undici, identity: ConnectionIdentity): PoolLease {
    const key = keyOf(identity);
    const { clock } = identity;
    let entry = [...this.#shared].find((each) => each.key === key && each.clock === clock);
    if (entry === undefined) {
      entry = { pool: new ConnectionPool(undici, identity), clock, key, users: 0 };
      this.#shared.add(entry);
    }
    entry.users++;
    let held = true;
    return {
      pool: entry.pool,
      release: async () => {
        if (!held) return;
        held = false;
        entry.users--;
        if (entry.users > 0) return;
        this.#shared.delete(entry);
        await entry.pool.destroy();
      },
    };
  }
}

/** Those of this process. */
export const connectionPools: ConnectionPools = new ConnectionPools();

/** Equal for identities that may share connections. Holds secrets: it is never shown. */
function keyOf(identity: ConnectionIdentity): string {
  const { url, connectTimeoutMs, tlsServerName, insecureSkipTlsVerify = false, proxy, tls } = identity;
  const { ca, cert, key } = tls;
  const own = [url.origin, allowsHttp2(identity), connectTimeoutMs, tlsServerName, insecureSkipTlsVerify];
  return JSON.stringify([own, proxy, ca?.trim(), cert?.trim(), key?.trim()]);
}
