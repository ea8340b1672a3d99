import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test('Small: the whole of workqueue, minified and gzipped, is less than 6,000 bytes', async () => {
  const entry = new URL('./index.ts', import.meta.url).pathname;
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    write: false,
    metafile: true,
    absWorkingDir: new URL('.', import.meta.url).pathname,
  });
  expect(Object.keys(metafile.inputs).filter((input) => input.startsWith('..'))).toEqual([]); // loads nothing else
  const [bundle] = outputFiles;
  expect(gzipSync(bundle?.contents ?? '', { level: 9 }).length).toBeLessThan(6_000);
});
