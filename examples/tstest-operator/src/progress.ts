const width = 30;

/** A bar that fills as a phase converges; on a terminal it moves, elsewhere only its end is printed. */
export class Progress {
  readonly #name: string;
  readonly #started = performance.now();
  #most = 0;

  constructor(name: string) {
    this.#name = name;
  }

  show(total: number, remaining: number): void {
    this.#most = Math.max(this.#most, remaining, total);
    if (process.stdout.isTTY) process.stdout.write(`\r${this.#line(remaining)}`);
  }

  /** Prints the last state. @returns how the phase ended, in words. */
  finish(total: number, remaining: number, wasInterrupted: boolean): string {
    const elapsedMs = Math.round(performance.now() - this.#started);
    const clear = process.stdout.isTTY ? '\r' : '';
    const outcome =
      remaining === 0
        ? `converged after ${elapsedMs} ms`
        : `${wasInterrupted ? 'interrupted' : 'given up'} after ${elapsedMs} ms, ${remaining} differ`;
    console.log(`${clear}${this.#line(remaining)} ${total} objects, ${outcome}`);
    return outcome;
  }

  #line(remaining: number): string {
    const done = this.#most === 0 ? 1 : (this.#most - remaining) / this.#most;
    const filled = Math.round(done * width);
    return `${this.#name.padEnd(7)} [${'█'.repeat(filled)}${'·'.repeat(width - filled)}] ${String(Math.round(done * 100)).padStart(3)} %`;
  }
}

/** Rows under a head, aligned. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((each) => '─'.repeat(each))), ...rows.map(line)].join('\n');
}
