import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const outputLimitBytes = 1 << 26;

/** Where and how long a command may run. */
export interface RunOptions {
  readonly cwd: string;
  readonly timeoutMs?: number;
}

/** Runs a command and resolves with what it printed, without colours. @throws Error with the command, its output and its exit code when it fails */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, timeoutMs = 300_000 }: RunOptions,
): Promise<string> {
  try {
    // Programs read what is printed; FORCE_COLOR would beat NO_COLOR.
    const { stdout } = await execute(command, [...args], {
      cwd,
      env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: '1' },
      maxBuffer: outputLimitBytes,
      timeout: timeoutMs,
    });
    return stdout;
  } catch (error) {
    const {
      stdout = '',
      stderr = '',
      code,
      killed,
    } = error as { stdout?: string; stderr?: string; code?: unknown; killed?: boolean };
    const reason = killed ? `took longer than ${timeoutMs} ms` : `exit code ${String(code)}`;
    throw new Error(`\`${[command, ...args].join(' ')}\`: ${reason}\n${stdout}${stderr}`.trimEnd(), { cause: error });
  }
}

/** Calls `work` for each item, at most `limit` at a time; resolves with the results in the order of the items. */
export async function inParallel<T, R>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}
