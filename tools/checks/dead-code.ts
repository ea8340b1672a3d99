import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { promisify } from 'node:util';
import { report, root } from './report.ts';

interface KnipReport {
  readonly issues: readonly (Readonly<Record<string, readonly { readonly name: string }[]>> & {
    readonly file: string;
  })[];
}

const { stdout, stderr } = await promisify(execFile)('knip', ['--reporter', 'json', '--no-progress'], {
  cwd: root,
  maxBuffer: 1 << 28,
}).catch((error: { stdout: string; stderr: string }) => error);
if (!stdout.startsWith('{')) throw new Error(`knip did not run: ${stdout}${stderr}`);
const { issues } = JSON.parse(stdout) as KnipReport;
const failures = issues.flatMap(({ file, ...found }) =>
  Object.entries(found).flatMap(([what, entries]) =>
    Array.isArray(entries) ? entries.map(({ name }) => `${file}: ${what}: ${name}`) : [],
  ),
);
report({
  name: 'dead-code',
  passed: globSync('{packages,examples,tools,tests,conformance,benchmarks}/**/*.ts', {
    cwd: root,
    exclude: (name) => name === 'node_modules' || name === 'dist',
  }).length,
  failures,
});
