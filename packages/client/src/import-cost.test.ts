import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('importing the client and making one loads neither undici nor yaml nor client-node (Cheap to import)', () => {
  const script = `
    const { createClient } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
    createClient({ cluster: { server: 'https://host' } });
    const { createRequire } = await import('node:module');
    console.log(JSON.stringify(Object.keys(createRequire(import.meta.url).cache)));
  `;
  const options = ['--conditions=@bowline/source', '--input-type=module', '--eval', script];
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const loaded: string[] = JSON.parse(execFileSync(process.execPath, options, { cwd, encoding: 'utf8' }));
  expect(loaded.filter((path) => /undici|yaml|client-node/.test(path))).toEqual([]);
});
