import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { report, root } from './report.ts';

interface BiomeReport {
  readonly summary: {
    readonly changed: number;
    readonly unchanged: number;
    readonly errors: number;
    readonly warnings: number;
  };
}

const { stdout, stderr } = await promisify(execFile)(
  'biome',
  ['ci', '--reporter=json', '--error-on-warnings', '--max-diagnostics=none', '.'],
  { cwd: root, maxBuffer: 1 << 28 },
).catch((error: { stdout: string; stderr: string }) => error);
if (!stdout.startsWith('{')) throw new Error(`biome did not run: ${stderr}`);
const { summary } = JSON.parse(stdout) as BiomeReport;
const problems = summary.errors + summary.warnings;
report({
  name: 'lint',
  passed: summary.unchanged + summary.changed,
  failures:
    problems === 0
      ? []
      : [`${problems} problems; \`npx -y pnpm@12 exec biome check .\` lists them, with --write it mends what it can`],
});
