import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@bowline/apimachinery';
import { RecordingLogger } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { ApiserverProcess } from './apiserver-process.ts';
import { ChildProcesses, type RunningProcess } from './child-processes.ts';

/** What a process is doing: `S` sleeps, `T` is stopped. */
const stateOf = (pid: number): string =>
  execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })[0] ?? '';

test('ApiserverProcess is killed, started again, frozen and thawed', async () => {
  const logger = new RecordingLogger();
  const folder = mkdtempSync(join(tmpdir(), 'bowline-envtest-'));
  await using processes = new ChildProcesses(folder, { clock: systemClock, logger });
  const started: RunningProcess[] = [];
  const server = new ApiserverProcess(
    () => {
      started.push(processes.start('sleeper', process.execPath, ['-e', 'setInterval(() => {}, 1e6)']));
      return started.at(-1) as RunningProcess;
    },
    async () => {},
  );
  await server.kill(); // nothing to kill yet
  await server.start();
  const pid = started[0]?.pid ?? 0;
  server.freeze();
  await expect.poll(() => stateOf(pid)).toBe('T');
  server.thaw();
  await expect.poll(() => stateOf(pid)).not.toBe('T');
  await server.start(); // the old one is gone first
  await started[0]?.exited;
  expect(started).toHaveLength(2);
  server.freeze();
  await server.kill(); // also when it is frozen
  await started[1]?.exited;
  expect(logger.lines.filter(({ level }) => level !== 'debug')).toEqual([]); // whatever ended was told to
});

test('ChildProcesses warn of a process that ends by itself, with the end of its output', async () => {
  const logger = new RecordingLogger();
  const folder = mkdtempSync(join(tmpdir(), 'bowline-envtest-'));
  await using processes = new ChildProcesses(folder, { clock: systemClock, logger });
  const { exited, pid } = processes.start('sick', process.execPath, [
    '-e',
    'console.error("no disk"); process.exit(3)',
  ]);
  await exited;
  await expect
    .poll(() => logger.lines.filter(({ level }) => level !== 'debug'))
    .toMatchObject([{ level: 'warn', fields: { process: 'sick', pid, how: 'exit code 3', output: 'no disk\n' } }]);
});
