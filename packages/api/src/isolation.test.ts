import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('Apart: importing one group-version loads no other', async () => {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    const { Deployment } = await import('@bowline/api/apps/v1');
    console.log(JSON.stringify([Deployment.resource, loaded.filter((url) => url.includes('/generated/'))]));
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@bowline/source', '--input-type=module', '--eval', script],
    { cwd: import.meta.dirname },
  );
  const [resource, modules] = JSON.parse(stdout) as [string, string[]];
  expect(resource).toBe('deployments');
  expect(modules.map((url) => url.replace(/.*\/generated\//, ''))).toEqual(['apps/v1.ts']);
});
