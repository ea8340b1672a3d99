import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { figure } from '../measure.ts';

// Time of the first `import()` of each built package in a fresh process, and its size with all that it needs; makeInformer's package beside them.
const names = [
  '@bowline/apimachinery',
  '@bowline/api/apps/v1',
  '@bowline/workqueue',
  '@bowline/deltafifo',
  '@bowline/cache',
  '@bowline/listwatch',
  '@bowline/informer',
  '@bowline/discovery',
  '@bowline/client',
  '@bowline/crd',
  '@bowline/controller-runtime',
  '@bowline/apiserver',
  '@bowline/envtest',
  'bowline',
  '@kubernetes/client-node',
];
for (const name of names) {
  const code = `const started = performance.now(); await import('${name}'); console.log(performance.now() - started);`;
  const elapsed = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: new URL('../../', import.meta.url),
    encoding: 'utf8',
  });
  figure(`import of ${name}`, Number(elapsed), 'ms');
  const { outputFiles } = await build({
    stdin: { contents: `export * from '${name}'`, resolveDir: new URL('../../', import.meta.url).pathname },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'error',
  });
  const size = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length;
  figure(`bundle of ${name}, minified and gzipped`, size, 'bytes');
}
