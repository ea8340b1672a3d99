import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';

function start(...args: readonly string[]): ChildProcess {
  const demo = new URL('../demo.ts', import.meta.url).pathname;
  return spawn(
    process.execPath,
    ['--conditions=@bowline/source', '--disable-warning=ExperimentalWarning', demo, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
}

/** What a run of the demo says, and its exit code. */
async function outcome(demo: ChildProcess): Promise<{ out: string; errors: string; code: number | null }> {
  const said = { out: '', errors: '' };
  demo.stdout?.on('data', (chunk) => {
    said.out += chunk;
  });
  demo.stderr?.on('data', (chunk) => {
    said.errors += chunk;
  });
  const [code] = await once(demo, 'close');
  return { ...said, code };
}

test('demo --help prints its usage', async () => {
  const { out, errors, code } = await outcome(start('--help'));
  expect({ errors, code }).toEqual({ errors: '', code: 0 });
  for (const flag of ['--keep', '--port N', '--help']) expect(out).toContain(flag);
});

test.each([
  [['--prot', '1'], "Unknown option '--prot'"],
  [['--port', '65536'], 'Cannot run demo: --port must be a port from 0 to 65535, got "65536"'],
])('demo refuses %j in words', async (args, message) => {
  const { out, errors, code } = await outcome(start(...args));
  expect({ out, code }).toEqual({ out: '', code: 2 });
  expect(errors).toContain(message);
  expect(errors).toContain('--help tells what there is');
  expect(errors).not.toContain('    at ');
});

test('demo says in one line that its port is taken', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const { out, errors, code } = await outcome(start('--port', String(port)));
  holder.close();
  expect({ out, code }).toEqual({ out: '', code: 1 });
  expect(errors).toMatch(new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port}: the port is taken.*\\n$`));
});

test('demo ends quietly when nobody reads on', async () => {
  const demo = start();
  demo.stdout?.once('data', () => demo.stdout?.destroy());
  const { errors, code } = await outcome(demo);
  expect({ errors, code }).toEqual({ errors: '', code: 0 });
});
