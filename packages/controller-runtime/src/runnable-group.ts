import type { Awaitable } from '@bowline/apimachinery';

/** Something that runs as long as the manager: a cache, a controller, a server. */
export interface Runnable {
  /** For messages and logs. @default 'runnable' */
  readonly name?: string | undefined;
  /** Runs until `signal` aborts. It may return earlier; when it rejects, the manager ends with its error. */
  run(signal: AbortSignal): Awaitable<void>;
  /** Resolves once what starts after it may rely on it. @default at once */
  ready?(signal: AbortSignal): Promise<void>;
}

/** A runnable that is just a function. */
export type RunnableFunc = (signal: AbortSignal) => Awaitable<void>;

/** What a group reports to. */
export interface RunnableGroupPorts {
  /** A member rejected. */
  failed(error: unknown, member: Runnable): void;
}

/**
 * Runnables that start and stop together.
 *
 * Members that are added before `start` wait for it; members that are added later start at once.
 */
export class RunnableGroup {
  readonly #ports: RunnableGroupPorts;
  readonly #members: Runnable[] = [];
  readonly #running = new Map<Runnable, Promise<void>>();
  /** Aborts the members. Not derived from the manager's signal, so that the groups stop in order. */
  readonly #abort = new AbortController();
  #isStarted = false;

  constructor(ports: RunnableGroupPorts) {
    this.#ports = ports;
  }

  add(member: Runnable): void {
    if (this.#isStarted) this.#run(member);
    else this.#members.push(member);
  }

  /** Starts the members. Resolves once all are ready, or when `signal` aborts; rejects when one cannot become ready. */
  async start(signal: AbortSignal): Promise<void> {
    this.#isStarted = true;
    for (const member of this.#members) this.#run(member);
    await Promise.all(this.#members.map((member) => member.ready?.(signal)));
  }

  /** Tells the members to stop. Resolves once all have. Those that are not started yet never will be. */
  async stop(reason: unknown): Promise<void> {
    this.#isStarted = true;
    this.#members.length = 0;
    this.#abort.abort(reason);
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  /** The names of the members that have not ended. */
  running(): string[] {
    return [...this.#running.keys()].map((member) => member.name ?? 'runnable');
  }

  #run(member: Runnable): void {
    const ended = this.#untilEnded(member).finally(() => this.#running.delete(member));
    this.#running.set(member, ended);
  }

  async #untilEnded(member: Runnable): Promise<void> {
    const { signal } = this.#abort;
    try {
      await member.run(signal);
    } catch (error) {
      // A member that rejects with the reason for which it was stopped has done as it was told.
      if (!(signal.aborted && error === signal.reason)) this.#ports.failed(error, member);
    }
  }
}
