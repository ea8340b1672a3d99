import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

// Changes one piece of a package at a time and counts how often its tests notice: `npm run mutate -- --package workqueue [--file queue.ts]`.
// Works on a copy below `.tmp-mutate`; the sources stay as they are. Not part of CI: a package takes minutes.

const all = ['workqueue', 'deltafifo', 'cache', 'listwatch', 'informer'];
/** So many of 100 mutants have to be noticed. */
const leastScore = 85;
const root = join(import.meta.dirname, '../..');

const { values } = parseArgs({
  options: {
    package: { type: 'string', multiple: true },
    file: { type: 'string', multiple: true },
    concurrency: { type: 'string', default: '2' },
  },
});

interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
}

let isGoodEnough = true;
for (const name of values.package ?? all) {
  const folder = `packages/${name}`;
  if (!existsSync(join(root, folder, 'src'))) throw new Error(`Cannot mutate: there is no ${folder}`);
  const score = mutate(name, folder);
  console.log(`${name}: ${score.toFixed(1)} % killed`);
  if (!(score >= leastScore)) isGoodEnough = false;
}
process.exitCode = isGoodEnough ? 0 : 1;

function mutate(name: string, folder: string): number {
  const reports = join(root, '.tmp-mutate', name);
  mkdirSync(reports, { recursive: true });
  const config = join(reports, 'config.json');
  const report = join(reports, 'report.json');
  const mutated = values.file?.map((file) => `${folder}/src/${file}`) ?? [
    `${folder}/src/**/*.ts`,
    `!${folder}/src/**/*.{test,fixture}.ts`,
    `!${folder}/src/{index,testing}.ts`,
  ];
  const options = {
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'tools/mutate/vitest.config.ts', related: false },
    mutate: mutated,
    ignorePatterns: [
      '**',
      `!${folder}/**`,
      '!tools/mutate/**',
      '!package.json',
      '!tsconfig.base.json',
      '**/dist',
      '**/node_modules',
    ],
    coverageAnalysis: 'perTest',
    concurrency: Number(values.concurrency),
    timeoutMS: 5_000,
    tempDirName: '.tmp-mutate/sandboxes',
    reporters: ['clear-text', 'json'],
    clearTextReporter: { allowColor: false, reportTests: false, logTests: false },
    jsonReporter: { fileName: report },
    disableTypeChecks: true,
    allowEmpty: false,
  };
  writeFileSync(config, JSON.stringify(options, undefined, 2));
  const { status } = spawnSync(join(root, 'node_modules/.bin/stryker'), ['run', config], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`Cannot mutate ${name}: Stryker ended with ${status}`);
  return scoreOf(JSON.parse(readFileSync(report, 'utf8')) as Report);
}

/** Noticed mutants, in percent of those that run. A mutant that no test reaches counts as not noticed. */
function scoreOf({ files }: Report): number {
  const counts = { noticed: 0, missed: 0 };
  for (const { mutants } of Object.values(files)) {
    for (const { status } of mutants) {
      if (status === 'Killed' || status === 'Timeout') counts.noticed++;
      else if (status === 'Survived' || status === 'NoCoverage') counts.missed++;
    }
  }
  if (counts.noticed + counts.missed === 0) throw new Error('Cannot mutate: nothing was mutated');
  return (100 * counts.noticed) / (counts.noticed + counts.missed);
}
