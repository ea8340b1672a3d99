import { expect, test, vi } from 'vitest';
import { inParallel, run } from './run.ts';

test('run resolves with what the command printed', async () => {
  await expect(run(process.execPath, ['-p', '1 + 1'], { cwd: '.' })).resolves.toBe('2\n');
});

test('run resolves with text without colours, also where the environment forces them', async () => {
  vi.stubEnv('FORCE_COLOR', '1');
  vi.stubEnv('NO_COLOR', undefined);
  const printed = run(process.execPath, ['-p', '[1]'], { cwd: '.' });
  vi.unstubAllEnvs();
  await expect(printed).resolves.toBe('[ 1 ]\n');
});

test('run rejects with command, exit code and output', async () => {
  const failing = run(process.execPath, ['-e', 'console.log("said"); console.error("complained"); process.exit(3)'], {
    cwd: '.',
  });
  await expect(failing).rejects.toThrow(/exit code 3\nsaid\ncomplained/);
});

test('inParallel keeps the order of the items and the limit', async () => {
  let running = 0;
  let most = 0;
  const results = await inParallel(2, [3, 1, 2], async (item) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    running -= 1;
    return item * 10;
  });
  expect(results).toEqual([30, 10, 20]);
  expect(most).toBe(2);
});
