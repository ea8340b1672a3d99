import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

interface Announcement {
  readonly urls: Readonly<Record<string, string>>;
  readonly jsonBytesPerPod: number;
  readonly protobufBytesPerPod: number;
  readonly storedBytesPerPod: number;
}

const pollMs = 5;
const watchLimitMs = 30_000;

/** The synthetic API server in a process of its own, with one address for each number of pods; it ends with ours. */
export class BenchServer implements AsyncDisposable {
  readonly announcement: Announcement;
  readonly #child: ChildProcess;

  private constructor(announcement: Announcement, child: ChildProcess) {
    this.announcement = announcement;
    this.#child = child;
  }

  /** Resolves when its pods are encoded; `custom` of them are served as a custom resource, too. */
  static async start(file: string, pods: readonly number[], custom: number): Promise<BenchServer> {
    const child = spawn(file, ['-pods', pods.join(','), '-custom', String(custom)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      return new BenchServer(JSON.parse(line) as Announcement, child);
    }
    throw new Error('Cannot start the server: it has ended');
  }

  url(pods: number): string {
    const url = this.announcement.urls[pods];
    if (url === undefined) throw new Error(`Cannot serve ${pods} pods: the server was not started for them`);
    return url;
  }

  /** Sends MODIFIED events to each open watch. */
  async burst(pods: number, events: number): Promise<void> {
    await fetch(`${this.url(pods)}/bench/burst?events=${events}`, { method: 'POST' });
  }

  /** Ends each open watch with 410 Gone; every pod has another version from now on. */
  async expire(pods: number): Promise<void> {
    await fetch(`${this.url(pods)}/bench/expire`, { method: 'POST' });
  }

  /** Waits until so many watches are open. */
  async watches(pods: number, count: 0 | 1): Promise<void> {
    const untilMs = performance.now() + watchLimitMs;
    while (Number(await (await fetch(`${this.url(pods)}/bench/watches`)).text()) !== count) {
      if (performance.now() > untilMs) throw new Error(`there are not ${count} watches after ${watchLimitMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exit = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await exit;
  }
}
