import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { report, root } from './report.ts';

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
  };
  readonly modules: readonly {
    readonly source: string;
    readonly dependencies: readonly { readonly resolved: string }[];
  }[];
}

const { stdout } = await promisify(execFile)(
  'depcruise',
  [
    'packages',
    'examples',
    'tests',
    'tools',
    'conformance',
    'benchmarks',
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'json',
    '--no-progress',
  ],
  { cwd: root, maxBuffer: 1 << 29 },
).catch((error: { stdout?: string; stderr?: string }) => {
  if (error.stdout?.startsWith('{')) return { stdout: error.stdout };
  throw new Error(`dependency-cruiser did not run: ${error.stderr ?? error}`);
});
const { summary, modules } = JSON.parse(stdout) as Cruise;
const sources = modules.filter(({ source }) => source.startsWith('packages/') && source.endsWith('.ts'));
// Under a compiler without the API that it needs, dependency-cruiser sees no import at all and exits 0.
const across = sources.flatMap(({ source, dependencies }) =>
  dependencies.filter(
    ({ resolved }) => resolved.startsWith('packages/') && resolved.split('/')[1] !== source.split('/')[1],
  ),
);
const failures = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
if (across.length === 0) failures.push('no import between packages was seen: the check does not work');
report({ name: 'layers', passed: sources.length, failures });
