/** What runs once a timer's delay is over. Must not throw. */
export type TimerCallback = () => void;

/** A timer that has been set and can be taken back. */
export interface Timer {
  /** Prevents the callback from running. Harmless when it ran already. */
  cancel(): void;
}

/**
 * The only source of time in this code base: whoever needs time takes a clock, so that tests and simulations own it.
 *
 * @see k8s.io/utils/clock `WithTicker`, whose job this is in client-go
 */
export interface Clock {
  /** Wall time: milliseconds since the Unix epoch. May jump. */
  now(): number;
  /** Milliseconds since an arbitrary start; never goes back. Measure durations with it. */
  monotonic(): number;
  /** Calls `callback` after `delayMs` (0 or more, also above 2^31 - 1). Does not keep the process alive when `unref` is set. */
  setTimer(delayMs: number, callback: TimerCallback, options?: { readonly unref?: boolean | undefined }): Timer;
  /** Resolves after `delayMs`, or early when `signal` aborts. Never rejects. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Resolves after other pending work (I/O, timers that are due) had a turn. Long loops await it between slices. */
  turn(): Promise<void>;
}
