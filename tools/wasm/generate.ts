import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { report, root } from '../checks/report.ts';
import { compileModules } from './modules.ts';

// Compiles the AssemblyScript of the packages and writes it, in base64, beside its user.
// usage: node tools/wasm/generate.ts [--check]     --check writes nothing, and fails when a file is stale

const isCheck = process.argv.includes('--check');
const modules = await compileModules();
const stale = modules.filter(
  ({ file, text }) => !existsSync(root + file) || readFileSync(root + file, 'utf8') !== text,
);
if (isCheck) {
  const failures = stale.map(({ file }) => `${file} is stale: node tools/wasm/generate.ts`);
  report({ name: 'wasm', passed: modules.length - stale.length, failures });
} else {
  for (const { file, text } of stale) {
    mkdirSync(dirname(root + file), { recursive: true });
    writeFileSync(root + file, text);
  }
  console.log(`wasm: ${modules.length} modules, ${stale.length} written`);
}
