import { StopWatch } from '../../../src/stops.ts';
import { type Answer, armed } from './conversation.ts';

/** Counts the events that a handler is told, up to those that are waited for. */
export class EventCount {
  #calls = 0;
  #wanted = Number.NaN;
  #all = Promise.withResolvers<void>();

  /** One more has been told. */
  note(): void {
    if (++this.#calls === this.#wanted) this.#all.resolve();
  }

  /** The informer has failed. */
  fail(error: unknown): void {
    this.#all.reject(error);
  }

  /** Says that the events may come, and watches the event loop until `count` have. */
  async expect(count: number): Promise<Answer> {
    this.#calls = 0;
    this.#wanted = count;
    this.#all = Promise.withResolvers<void>();
    const stops = new StopWatch();
    armed();
    await this.#all.promise;
    return { calls: this.#calls, ...(await stops.end()) };
  }
}
