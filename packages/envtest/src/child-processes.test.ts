import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '@bowline/apimachinery';
import { RecordingLogger } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { ChildProcesses } from './child-processes.ts';

const sleeper = ['-e', 'setInterval(() => {}, 1e6)'] as const;

/** Whether a process with that number is there. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // ESRCH: there is none
  }
}

test('Tidy: processes and folder go with the test', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-envtest-'));
  const processes = new ChildProcesses(folder, { clock: systemClock, logger: new RecordingLogger() });
  const pids = [1, 2].map(() => processes.start('sleeper', process.execPath, sleeper).pid ?? 0);
  expect(pids.map(isRunning)).toEqual([true, true]);
  await processes[Symbol.asyncDispose]();
  expect(pids.map(isRunning)).toEqual([false, false]);
  expect(existsSync(folder)).toBe(false);
});

test('Tidy: processes and folder go when the process of the test is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-envtest-'));
  const crashing = `
    import { silentLogger, systemClock } from '@bowline/apimachinery';
    import { ChildProcesses } from './child-processes.ts';
    const processes = new ChildProcesses(${JSON.stringify(folder)}, { clock: systemClock, logger: silentLogger });
    const { pid } = processes.start('sleeper', process.execPath, ${JSON.stringify(sleeper)});
    process.stdout.write(String(pid), () => process.kill(process.pid, 'SIGKILL'));
  `;
  const args = ['--conditions=@bowline/source', '--input-type=module-typescript', '--eval', crashing];
  const crash = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname }).catch(
    (error: { signal: string; stdout: string }) => error,
  );
  expect(crash).toMatchObject({ signal: 'SIGKILL', stdout: expect.stringMatching(/^\d+$/) });
  await expect.poll(() => isRunning(Number(crash.stdout)), { timeout: 5_000 }).toBe(false);
  await expect.poll(() => existsSync(folder), { timeout: 5_000 }).toBe(false);
});
