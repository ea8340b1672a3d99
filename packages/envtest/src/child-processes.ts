import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { Clock, Logger } from '@bowline/apimachinery';
import { EnvError } from './errors.ts';

/** How long a process has to end after SIGTERM, in milliseconds, before it is killed. */
const stopTimeoutMs = 20_000;
/** How much of a process's output an error shows, in characters. */
const outputLimit = 4_000;

/**
 * Runs in a process of its own and outlives ours: when our end of its standard input closes, also because we crashed,
 * it kills the listed processes and removes the folder.
 */
const reaper = `
const { rmSync } = require('node:fs');
const pids = new Set();
let text = '';
process.stdin.on('data', (chunk) => {
  text += chunk;
  const lines = text.split('\\n');
  text = lines.pop();
  for (const line of lines) line[0] === '-' ? pids.delete(Number(line.slice(1))) : pids.add(Number(line.slice(1)));
});
process.stdin.on('close', () => {
  for (const pid of pids) { try { process.kill(-pid, 'SIGKILL'); } catch { /* it has ended by itself */ } }
  rmSync(process.argv[1], { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
`;

/** Processes that end with us, whatever ends us, and the folder that they write to. */
export class ChildProcesses implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #reaper: ChildProcess;
  readonly #running: RunningProcess[] = [];

  constructor(folder: string, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
    this.#reaper = spawn(process.execPath, ['-e', reaper, folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#reaper.unref();
    (this.#reaper.stdin as unknown as { unref?(): void } | null)?.unref?.();
  }

  /** Starts `command` in a process group of its own. */
  start(name: string, command: string, args: readonly string[]): RunningProcess {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const running = new RunningProcess(name, child, this.#logger.child({ process: name, pid: child.pid }));
    if (child.pid !== undefined) this.#reaper.stdin?.write(`+${child.pid}\n`);
    this.#running.push(running);
    return running;
  }

  /** Ends all processes, the last one first, and has the folder removed. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running.toReversed()) {
      await running.stop(this.#clock);
      if (running.pid !== undefined) this.#reaper.stdin?.write(`-${running.pid}\n`);
    }
    const gone = new Promise<void>((resolve) => this.#reaper.once('exit', () => resolve()));
    this.#reaper.ref();
    this.#reaper.stdin?.end();
    await gone;
  }
}

/** One started process. */
export class RunningProcess {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #logger: Logger;
  readonly exited: Promise<void>;
  #output = '';
  #ended: string | undefined;
  #isEnding = false;

  constructor(name: string, child: ChildProcess, logger: Logger) {
    this.#name = name;
    this.#child = child;
    this.#logger = logger;
    logger.debug({ args: child.spawnargs }, 'Process starts');
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-outputLimit);
      });
      (stream as unknown as { unref?(): void } | null)?.unref?.();
    }
    child.unref();
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#ended = String(error);
        resolve();
      });
      child.once('exit', (code, signal) => {
        this.#ended = signal ?? `exit code ${code}`;
        resolve();
      });
      child.once('close', () => this.#tellEnd()); // now all of its output has been read
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Waits until `ready` says so, asking each `pollMs`. @throws {EnvError} `ENVTEST_START_FAILED` with the end of the output. */
  async ready(ready: () => Promise<boolean>, clock: Clock, timeoutMs: number, pollMs = 50): Promise<void> {
    const deadline = clock.monotonic() + timeoutMs;
    while (!(await ready())) {
      if (this.#ended !== undefined) throw this.#failure(`ended with ${this.#ended}`);
      if (clock.monotonic() > deadline) throw this.#failure(`was not ready after ${timeoutMs} ms`);
      await clock.sleep(pollMs);
    }
    this.#logger.debug({}, 'Process is ready');
  }

  /** SIGTERM to the whole group, then SIGKILL. */
  async stop(clock: Clock): Promise<void> {
    if (this.#ended !== undefined || this.pid === undefined) return;
    this.signal('SIGTERM');
    const timeout = new AbortController();
    await Promise.race([this.exited, clock.sleep(stopTimeoutMs, timeout.signal)]);
    timeout.abort();
    if (this.#ended === undefined) {
      this.signal('SIGKILL');
      await this.exited;
    }
  }

  /** Sends a signal to the whole group; to one that has ended, nothing. */
  signal(signal: NodeJS.Signals): void {
    this.#isEnding ||= signal === 'SIGTERM' || signal === 'SIGKILL';
    this.#logger.debug({ signal }, 'Process is sent a signal');
    try {
      process.kill(-(this.pid ?? 0), signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // ESRCH: it ended by itself meanwhile
    }
  }

  #tellEnd(): void {
    const how = this.#ended;
    if (this.#isEnding) this.#logger.debug({ how }, 'Process ended');
    else this.#logger.warn({ how, output: this.#output }, 'Process ended although nobody asked it to');
  }

  #failure(what: string): EnvError {
    return new EnvError(
      'ENVTEST_START_FAILED',
      `Cannot start ${this.#name}: it ${what}; its output ends with:\n${this.#output}`,
    );
  }
}

/** A TCP port on the loopback interface that nobody used a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
