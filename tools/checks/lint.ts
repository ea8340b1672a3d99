import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { report, root } from './report.ts';

interface BiomeReport {
  readonly summary: { readonly changed: number; readonly unchanged: number };
  readonly diagnostics: readonly {
    readonly severity: string;
    readonly message: string;
    readonly category: string;
    readonly location?: { readonly path: string; readonly start?: { readonly line: number } };
  }[];
}

// Formatting, lint rules and the order of imports. `npx -y pnpm@12 exec biome check --write .` mends what it can.
const { stdout, stderr } = await promisify(execFile)(
  'biome',
  ['ci', '--reporter=json', '--colors=off', '--error-on-warnings', '--max-diagnostics=none', '.'],
  { cwd: root, maxBuffer: 1 << 28 },
).catch((error: { stdout: string; stderr: string }) => error);
const start = stdout.indexOf('{');
if (start < 0) throw new Error(`biome did not run: ${stderr}`);
const { summary, diagnostics } = JSON.parse(stdout.slice(start)) as BiomeReport;
const failures = diagnostics
  .filter(({ severity }) => severity !== 'info' && severity !== 'hint')
  .map(
    ({ category, message, location }) =>
      `${location?.path ?? ''}:${location?.start?.line ?? ''} ${category} ${message}`,
  );
report({ name: 'lint', passed: summary.unchanged + summary.changed, failures });
