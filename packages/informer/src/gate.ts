/** A state that is reached once, and those who wait for it. Nobody polls. */
export class Gate {
  #state: { readonly type: 'closed' | 'open' } | { readonly type: 'failed'; readonly error: Error } = {
    type: 'closed',
  };
  readonly #waiting: Set<() => void> = new Set();

  get isOpen(): boolean {
    return this.#state.type === 'open';
  }

  open(): void {
    this.#settle({ type: 'open' });
  }

  /** It does not open: who waits, or comes to wait, is told why. */
  fail(error: Error): void {
    this.#settle({ type: 'failed', error });
  }

  /** It may open once more. */
  close(): void {
    this.#state = { type: 'closed' };
  }

  /**
   * Resolves once it is open. Rejects with `explain()` when `signal` aborts first, or with what it failed with.
   */
  wait(signal: AbortSignal, explain: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#waiting.delete(settle);
        signal.removeEventListener('abort', settle);
        if (this.#state.type === 'open') resolve();
        else reject(this.#state.type === 'failed' ? this.#state.error : explain());
      };
      if (this.#state.type !== 'closed' || signal.aborted) return settle();
      this.#waiting.add(settle);
      signal.addEventListener('abort', settle, { once: true });
    });
  }

  #settle(state: { readonly type: 'open' } | { readonly type: 'failed'; readonly error: Error }): void {
    if (this.#state.type !== 'closed') return;
    this.#state = state;
    for (const settle of this.#waiting) settle();
  }
}
