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

test('the first request loads only what it needs of undici: no fetch, no WebSocket, no mocks (Cheap to import)', () => {
  const script = `
    const { createClient } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
    const client = createClient({ cluster: { server: 'http://127.0.0.1:1' } });
    const error = await client.raw({ method: 'GET', path: '/version', headers: {} }).catch((error) => error);
    const { createRequire } = await import('node:module');
    console.log(JSON.stringify([error.code, ...Object.keys(createRequire(import.meta.url).cache)]));
  `;
  const options = ['--conditions=@bowline/source', '--input-type=module', '--eval', script];
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const [code, ...loaded]: string[] = JSON.parse(execFileSync(process.execPath, options, { cwd, encoding: 'utf8' }));
  expect(code).toBe('CLIENT_CONNECTION_FAILED');
  const modules = loaded.filter((path) => path.includes('undici'));
  expect(modules.length).toBeGreaterThan(5);
  expect(modules.length).toBeLessThan(40);
  expect(modules.filter((path) => /web|mock|interceptor|cache/.test(path.replace(/^.*undici/, '')))).toEqual([]);
});
