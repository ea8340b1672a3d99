import { readFile, writeFile } from 'node:fs/promises';
import { findAssets, startControlPlane } from '../control-plane.ts';
import { compact } from './compact.ts';
import { record } from './record.ts';
import { suites } from './suites/index.ts';

/**
 * Asks a real kube-apiserver what it makes of good, bad and borderline objects, and keeps the answers for the unit tests of
 * packages/apiserver. Arguments are names of files to renew; none means all.
 */
const target = new URL('../../../packages/apiserver/src/builtins/testdata/', import.meta.url);
const assets = findAssets();
if (assets === undefined) {
  console.error(
    'Cannot ask the real server: etcd and kube-apiserver are neither in KUBEBUILDER_ASSETS nor in the cache',
  );
  process.exit(1);
}
const check = process.argv.includes('--check');
const wanted = process.argv.slice(2).filter((argument) => argument !== '--check');
let stale = 0;
await using server = await startControlPlane(assets);
for (const [name, members] of Object.entries(suites)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const recorded = [];
  for (const suite of members) recorded.push(await record(server, suite));
  const text = compact(recorded);
  const file = new URL(`${name}.json`, target);
  const present = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const same = present === text;
  const cases = recorded.reduce((sum, { create, update }) => sum + create.length + update.length, 0);
  console.log(
    `${name}.json: ${cases} cases, ${text.length} bytes, ${same ? 'up to date' : check ? 'STALE' : 'written'}`,
  );
  if (same) continue;
  if (check) stale++;
  else await writeFile(file, text);
}
process.exitCode = stale === 0 ? 0 : 1;
