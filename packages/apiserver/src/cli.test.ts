import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bowline-cli-'));
});
afterEach(() => rm(folder, { recursive: true }));

function start(...args: readonly string[]): ReturnType<typeof spawn> {
  const cli = new URL('cli.ts', import.meta.url).pathname;
  return spawn(
    process.execPath,
    ['--conditions=@bowline/source', '--disable-warning=ExperimentalWarning', cli, ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
}

test('cli prints one line when it is ready, writes the kubeconfig, and SIGTERM ends it with 0', async () => {
  const kubeconfig = join(folder, 'config');
  const child = start(
    '--port',
    '0',
    '--plain',
    '--kubeconfig',
    kubeconfig,
    '--token',
    'secret',
    '--controllers',
    'none',
  );
  const [line] = await once(child.stdout ?? child, 'data');
  const url = /^API server is ready at (http:\/\/127\.0\.0\.1:\d+), kubeconfig: .*\n$/.exec(String(line))?.[1];
  expect(await readFile(kubeconfig, 'utf8')).toContain(`server: ${url}`);
  expect((await fetch(`${url}/api`)).status).toBe(401);
  expect((await fetch(`${url}/api`, { headers: { authorization: 'Bearer secret' } })).status).toBe(200);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test.each([
  [
    ['--controllers', 'some'],
    '--controllers must be all, none or a list of garbage-collection, namespaces, workloads, got some',
    2,
  ],
  [['--port', 'abc'], '--port must be a number from 0 to 65535, got abc', 2],
  [['--prot', '1'], 'there is no --prot; did you mean --port?', 2],
  [['--host', ''], '--host must not be empty', 2],
  [
    ['--port', '0', '--plain', '--host', '192.0.2.1'],
    'Cannot listen on 192.0.2.1:0: the host is not an address of this machine',
    1,
  ],
  [
    ['--port', '0', '--plain', '--kubeconfig', '/no/such/folder/file'],
    '--kubeconfig must be a file in a folder that exists, got /no/such/folder/file',
    1,
  ],
] as const)('cli refuses %j in words', async (args, message, code) => {
  const child = start(...args);
  const errors: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => errors.push(String(chunk)));
  expect(await once(child, 'close')).toEqual([code, null]);
  expect(errors.join('')).toContain(message);
  expect(errors.join('')).not.toContain('    at ');
});
