import type { Clock } from '@bowline/apimachinery';

/** What is run. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
}

/** How a command ended. */
export type CommandOutcome =
  | { readonly type: 'exited'; readonly code: number | null; readonly stdout: string; readonly stderr: string }
  /** It could not be started: the code of the system error. */
  | { readonly type: 'not-started'; readonly reason: string }
  | { readonly type: 'timed-out'; readonly stderr: string };

const LONGEST_OUTPUT_BYTES = 1 << 20;

/** Runs a command without a terminal and without input. */
export async function runCommand(clock: Clock, { command, args, env, timeoutMs }: Command): Promise<CommandOutcome> {
  const { spawn } = await import('node:child_process');
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const stdout = collector();
    const stderr = collector();
    child.stdout.on('data', stdout.add);
    child.stderr.on('data', stderr.add);
    const timer = clock.setTimer(timeoutMs, () => {
      child.kill('SIGKILL');
      // What it has started may keep the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ type: 'timed-out', stderr: stderr.text() });
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      timer.cancel();
      resolve({ type: 'not-started', reason: error.code ?? error.message });
    });
    child.once('close', (code) => {
      timer.cancel();
      resolve({ type: 'exited', code, stdout: stdout.text(), stderr: stderr.text() });
    });
  });
}

function collector(): { add(chunk: Buffer): void; text(): string } {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    add(chunk) {
      bytes += chunk.length;
      if (bytes <= LONGEST_OUTPUT_BYTES) chunks.push(chunk);
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}
