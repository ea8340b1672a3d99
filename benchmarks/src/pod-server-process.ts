import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A pod server in a process of its own; it ends with ours. */
export class PodServer implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /** Starts a server that has `count` pods encoded. */
  static async start(count: number, form: 'json' | 'protobuf' = 'json'): Promise<PodServer> {
    const script = new URL('pod-server.ts', import.meta.url).pathname;
    const child = spawn(
      process.execPath,
      [...process.execArgv, '--max-old-space-size=4096', script, String(count), form],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    const [port] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    return new PodServer(`http://127.0.0.1:${port.toString().trim()}`, child);
  }

  /** Waits until a watch is open, then has `events` MODIFIED events sent to it. */
  async burst(events: number): Promise<void> {
    while (Number(await (await fetch(`${this.url}/watches`)).text()) < 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    await fetch(`${this.url}/burst?events=${events}`, { method: 'POST' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end();
    await once(this.#child, 'exit');
  }
}
