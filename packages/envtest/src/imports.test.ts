import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('envtest loads no network code before somebody needs it: an embedded control plane works without', async () => {
  const program = `
    import { startEnv } from '@bowline/envtest';
    await using env = await startEnv();
    await env.settled();
    console.log(process.moduleLoadList.filter((name) => /^NativeModule (?:http|https|http2|tls)$/.test(name)).join());`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@bowline/source', '--input-type=module', '--eval', program],
    { cwd: import.meta.dirname },
  );
  expect(stdout).toBe('\n');
});
