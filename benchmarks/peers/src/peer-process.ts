import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** How a program is started. */
export interface Command {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** A line of a measured program: what it has done, and what it found. */
export type Line = Readonly<Record<string, unknown>> & { readonly phase: string };

const complaintBytes = 4_000;

/** A measured program: it is told what to do by lines, and answers each with a line of JSON. */
export class PeerProcess implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: Interface;
  readonly #iterator: AsyncIterator<string>;
  readonly #limit: NodeJS.Timeout;
  readonly #exit: Promise<void>;
  #complaint = '';
  #isLate = false;

  /** Starts it. After `limitMs` it is killed. */
  constructor(command: Command, limitMs: number) {
    const env = { ...process.env, ...command.env };
    this.#child = spawn(command.file, command.arguments, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(0, complaintBytes);
    });
    this.#child.stdin.on('error', () => undefined); // it has ended: its missing answer says so
    this.#exit = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', (error) => {
        this.#complaint ||= error.message;
        resolve();
      });
    });
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#iterator = this.#lines[Symbol.asyncIterator]();
    this.#limit = setTimeout(() => {
      this.#isLate = true;
      this.#child.kill('SIGKILL');
    }, limitMs);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Tells it to do something. */
  tell(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Its next line. @throws when it has ended, or says something else. */
  async answer(phase: string): Promise<Line> {
    const { value, done } = await this.#iterator.next();
    if (done === true) throw new Error(await this.#whyEnded(phase));
    const line = JSON.parse(value) as Line;
    if (line.phase !== phase) throw new Error(`"${line.phase}" was said where "${phase}" was expected`);
    return line;
  }

  /** All lines until it ends, for a program that needs no telling. */
  async rest(): Promise<Line[]> {
    const lines: Line[] = [];
    for (let next = await this.#iterator.next(); next.done !== true; next = await this.#iterator.next()) {
      lines.push(JSON.parse(next.value) as Line);
    }
    await this.#exit;
    if (this.#child.exitCode !== 0) throw new Error(await this.#whyEnded('end'));
    return lines;
  }

  async #whyEnded(phase: string): Promise<string> {
    await this.#exit;
    if (this.#isLate) return `it took too long to ${phase}`;
    const lines = this.#complaint.split('\n');
    const line = lines.find((text) => /^\s*(\w*Error\b|fatal|panic|thread .* panicked)/i.test(text)) ?? lines[0];
    return `it ended before "${phase}": ${line?.trim() || `exit code ${this.#child.exitCode}`}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#limit);
    this.#child.kill('SIGKILL');
    await this.#exit;
    this.#lines.close();
  }
}
