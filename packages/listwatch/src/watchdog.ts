import type { Clock, Timer } from '@bowline/apimachinery';

/** When a watch is taken for dead, and when its source is asked for a sign of life. Milliseconds. */
export interface WatchdogLimits {
  /** How old the watch may get. */
  readonly lifeMs: number;
  readonly pingAfterMs: number;
  readonly pingTimeoutMs: number;
}

/** Why a watch is taken for dead: nothing came for too long, it is older than it may get, or a ping was not answered. */
export interface Silence {
  readonly limit: 'idle' | 'overdue' | 'ping';
  readonly limitMs: number;
}

/** What a watchdog works with. */
interface WatchdogPorts {
  readonly clock: Clock;
  /** Absent where nobody can tell whether a connection is alive. */
  readonly ping: ((signal: AbortSignal) => Promise<void>) | undefined;
  readonly onSilence: (silence: Silence) => void;
}

/** Barks when a watch is silent for too long. Only the time counts in which somebody waits for the watch. */
export class Watchdog {
  readonly #ports: WatchdogPorts;
  readonly #limits: WatchdogLimits;
  readonly #bornAt: number;
  #idleLimitMs = Number.POSITIVE_INFINITY;
  #isAccepted = false;
  /** Set while somebody waits. */
  #waitingSince: number | undefined;
  #timer: { readonly timer: Timer; readonly at: number } | undefined;
  /** Set while a ping is under way: takes it back. */
  #cancelPing: (() => void) | undefined;
  #pongAt = Number.NEGATIVE_INFINITY;

  constructor(ports: WatchdogPorts, limits: WatchdogLimits) {
    this.#ports = ports;
    this.#limits = limits;
    this.#bornAt = ports.clock.monotonic();
  }

  set idleLimitMs(limitMs: number) {
    this.#idleLimitMs = limitMs;
    if (this.#waitingSince !== undefined) this.#arm();
  }

  /** Somebody waits from now on. */
  watch(): void {
    this.#waitingSince = this.#ports.clock.monotonic();
    this.#arm();
  }

  /** Nobody waits any more. */
  rest(): void {
    this.#waitingSince = undefined;
  }

  /** The server has answered: from now on pings say something about the watch. */
  accepted(): void {
    this.#isAccepted = true;
  }

  /** Leaves nothing behind. */
  end(): void {
    this.rest();
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#cancelPing?.();
  }

  /** One timer for the whole life, set again only when it must ring earlier: most chunks need none. */
  #arm(): void {
    const due = Math.min(this.#overdue, this.#idleDue, this.#pingDue);
    if (this.#timer && this.#timer.at <= due) return;
    this.#timer?.timer.cancel();
    const { clock } = this.#ports;
    // Whole milliseconds, so that rounding cannot make it ring too early again and again.
    const delayMs = Math.max(0, Math.ceil(due - clock.monotonic()));
    this.#timer = { at: due, timer: clock.setTimer(delayMs, () => this.#ring()) };
  }

  get #overdue(): number {
    return this.#bornAt + this.#limits.lifeMs;
  }

  get #idleDue(): number {
    return (this.#waitingSince ?? 0) + this.#idleLimitMs;
  }

  get #pingDue(): number {
    if (!this.#ports.ping || !this.#isAccepted || this.#cancelPing) return Number.POSITIVE_INFINITY;
    return Math.max(this.#waitingSince ?? 0, this.#pongAt) + this.#limits.pingAfterMs;
  }

  #ring(): void {
    this.#timer = undefined;
    if (this.#waitingSince === undefined) return; // the next wait sets it again
    const { clock, onSilence } = this.#ports;
    const now = clock.monotonic();
    if (now >= this.#overdue) onSilence({ limit: 'overdue', limitMs: this.#limits.lifeMs });
    else if (now >= this.#idleDue) onSilence({ limit: 'idle', limitMs: this.#idleLimitMs });
    else {
      if (now >= this.#pingDue) this.#ping(this.#waitingSince);
      this.#arm();
    }
  }

  /** When no answer comes in time, the watch is dead, unless something else has come. */
  #ping(waitingSince: number): void {
    const { clock, ping, onSilence } = this.#ports;
    const { pingTimeoutMs } = this.#limits;
    const request = new AbortController();
    const over = (): void => {
      timer.cancel();
      this.#cancelPing = undefined;
      request.abort();
    };
    const answered = (alive: boolean): void => {
      if (request.signal.aborted) return;
      over();
      this.#pongAt = clock.monotonic();
      if (!alive && this.#waitingSince === waitingSince) onSilence({ limit: 'ping', limitMs: pingTimeoutMs });
      else if (this.#waitingSince !== undefined) this.#arm();
    };
    const timer = clock.setTimer(pingTimeoutMs, () => answered(false));
    this.#cancelPing = over;
    const ask = async (): Promise<void> => ping?.(request.signal);
    ask().then(
      () => answered(true),
      () => answered(false),
    );
  }
}
