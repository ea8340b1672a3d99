import type { RunningProcess } from './child-processes.ts';

/** A kube-apiserver that can be treated badly: for tests of what its clients do then. */
export class ApiserverProcess {
  readonly #spawn: () => RunningProcess;
  readonly #ready: (running: RunningProcess) => Promise<void>;
  #running: RunningProcess | undefined;

  constructor(spawn: () => RunningProcess, ready: (running: RunningProcess) => Promise<void>) {
    this.#spawn = spawn;
    this.#ready = ready;
  }

  /**
   * Starts it, with the same port, certificate and data, and resolves once it is ready.
   *
   * @throws {EnvError} `ENVTEST_START_FAILED`
   */
  async start(): Promise<void> {
    await this.kill();
    this.#running = this.#spawn();
    await this.#ready(this.#running);
  }

  /** Ends it without a chance to say goodbye, and resolves once it is gone. */
  async kill(): Promise<void> {
    this.#running?.signal('SIGKILL');
    await this.#running?.exited;
    this.#running = undefined;
  }

  /** Stops it in the middle of whatever it does: its connections stay open and are silent. */
  freeze(): void {
    this.#running?.signal('SIGSTOP');
  }

  /** Lets it go on. */
  thaw(): void {
    this.#running?.signal('SIGCONT');
  }
}
