import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { goEnvironment, hasGo } from './src/go.ts';

// Runs the cases on the embedded server and on a real kube-apiserver, then the differential and the kubectl comparison, and protobuf
// against Go, and prints case × server. usage: npm run conformance [-- FILTER], where FILTER is how the names of files begin

const here = new URL('.', import.meta.url).pathname;
const results = `${here}.results`;

/** The folder with the real binaries; builds them when they are not there. */
function assets(): string {
  const given = process.env.KUBEBUILDER_ASSETS;
  if (given !== undefined && existsSync(`${given}/kube-apiserver`) && existsSync(`${given}/kubectl`)) return given;
  if (!hasGo()) {
    console.error(
      'Cannot run conformance: the real control plane must be built from Go modules, and there is no `go` command. Install Go 1.25 or newer, or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver, kube-controller-manager and kubectl 1.35.',
    );
    process.exit(1);
  }
  console.error('Building the real control plane (about 8 minutes the first time, at once later) …');
  return execFileSync('bash', [`${here}control-plane/build.sh`], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: goEnvironment,
  }).trim();
}

interface VitestFile {
  readonly testResults: readonly {
    readonly name: string;
    /** `failed` also when something before or after the tests failed. */
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
  readonly success: boolean;
}

type Outcomes = Map<string, Map<string, string>>;

const filters = process.argv.slice(2);

/** Which files of a group are asked for: vitest runs what matches any of these. `only` is the one file that the group has. */
function patterns(folder: string, only: string | undefined): string[] {
  if (only !== undefined)
    return filters.every((filter) => !only.startsWith(filter)) && filters.length > 0 ? [] : [`${folder}/${only}`];
  return filters.length > 0 ? filters.map((filter) => `${folder}/${filter}`) : [`${folder}/`];
}

/** Runs one group of tests and adds its outcomes. */
function run(
  group: string,
  column: string,
  { folder, only }: { readonly folder: string; readonly only?: string },
  env: Readonly<Record<string, string>>,
  outcomes: Outcomes,
): void {
  const output = `${results}/tests-${group}.json`;
  const wanted = patterns(folder, only);
  if (wanted.length === 0) return;
  const { status } = spawnSync(
    'vitest',
    [
      'run',
      '--root',
      here,
      '--config',
      `${here}vitest.config.ts`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${output}`,
      ...wanted,
    ],
    { stdio: 'inherit', env: { ...process.env, ...env } },
  );
  if (!existsSync(output) && filters.length > 0) return; // nothing of this group is asked for; no case at all fails below
  if (!existsSync(output)) throw new Error(`The group "${group}" left no results (exit code ${status})`);
  for (const file of (JSON.parse(readFileSync(output, 'utf8')) as VitestFile).testResults) {
    const path = file.name.slice(here.length).replace(/\.test\.ts$/, '');
    const add = (title: string, outcome: string): void => {
      const row = outcomes.get(`${path}: ${title}`) ?? new Map<string, string>();
      outcomes.set(`${path}: ${title}`, row.set(column, outcome));
    };
    for (const { fullName, status: outcome } of file.assertionResults) add(fullName, outcome);
    if (file.status !== 'passed') add('the file as a whole', file.status);
  }
}

const binaries = assets();
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
const common = { KUBEBUILDER_ASSETS: binaries, KUBECTL: `${binaries}/kubectl` };
const outcomes: Outcomes = new Map();
const real = { ...common, BOWLINE_CONTROL_PLANE: 'binaries' };
run('embedded', 'embedded', { folder: 'cases' }, { ...common, BOWLINE_CONTROL_PLANE: 'embedded' }, outcomes);
run('real', 'real', { folder: 'cases' }, real, outcomes);
const withoutWatchList = { ...real, BOWLINE_SERVER_WITHOUT: 'watch-list' };
run('no-watch-list', 'real, WatchList off', { folder: 'cases', only: 'informer' }, withoutWatchList, outcomes);
const withoutAggregation = { ...real, BOWLINE_SERVER_WITHOUT: 'aggregated-discovery' };
run('no-aggregation', 'real, plain discovery', { folder: 'cases', only: 'discovery' }, withoutAggregation, outcomes);
const json = { ...real, BOWLINE_FORM: 'json' };
run('json', 'real, JSON', { folder: 'cases', only: 'informer' }, json, outcomes);
const alternating = { ...real, BOWLINE_FORM: 'alternating' };
run('alternating', 'real, alternating', { folder: 'cases', only: 'informer' }, alternating, outcomes);
run('differential', 'both', { folder: 'differential' }, common, outcomes);
run('kubectl', 'both', { folder: 'kubectl' }, common, outcomes);
run('bad-day', 'real alone', { folder: 'bad-day' }, common, outcomes);
run('protobuf', 'Go', { folder: 'protobuf' }, {}, outcomes);

const columns = [
  'embedded',
  'real',
  'real, WatchList off',
  'real, plain discovery',
  'real, JSON',
  'real, alternating',
  'both',
  'real alone',
  'Go',
];
const table = [
  `| case | ${columns.join(' | ')} |`,
  `| --- |${columns.map(() => ' --- |').join('')}`,
  ...[...outcomes].map(
    ([name, row]) =>
      `| ${name.replaceAll('|', '\\|')} | ${columns.map((column) => row.get(column) ?? '').join(' | ')} |`,
  ),
].join('\n');
writeFileSync(`${results}/table.md`, `${table}\n`);
console.log(table);
const all = [...outcomes.values()].flatMap((row) => [...row.values()]);
const passed = all.filter((outcome) => outcome === 'passed').length;
// A case that ran on one server only has been skipped on the other: that is a failure, too.
const lopsided = [...outcomes]
  .filter(([, row]) => !['both', 'real alone', 'Go'].some((column) => row.has(column)))
  .filter(([, row]) => !(row.has('embedded') && row.has('real')))
  .map(([name]) => name);
for (const name of lopsided) console.error(`✗ ran on one server only: ${name}`);
console.log(`conformance: ${passed} passed, ${all.length - passed + lopsided.length} failed`);
if (passed === 0 || passed < all.length || lopsided.length > 0) process.exitCode = 1;
