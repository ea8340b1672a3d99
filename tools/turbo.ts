import { spawn } from 'node:child_process';
import { root } from './checks/report.ts';

/** Runs turbo without telemetry and update notices, and without colours where nobody looks; resolves with its exit code. */
export function turbo(args: readonly string[]): Promise<number> {
  const colours = process.stdout.isTTY ? {} : { FORCE_COLOR: '0' };
  const quiet = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };
  const env = { ...colours, ...process.env, ...quiet };
  return new Promise((resolve, reject) => {
    const child = spawn('turbo', args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

if (import.meta.main) process.exitCode = await turbo(process.argv.slice(2));
