import { globSync, readFileSync } from 'node:fs';
import { keptBy, promisesOf } from './promise-titles.ts';
import { report, root } from './report.ts';
import { outcomesOf } from './scenario-tables.ts';

// Every promise of every package's README is in the title of a test that ran and passed, in the package or in `tests`.
// Needs the results that the tests leave; `npm test` runs it after them.
const reportOf = (folder: string) => ({ folder, text: readFileSync(`${root}${folder}/.results/tests.json`, 'utf8') });
const common = reportOf('tests');
const failures: string[] = [];
let passed = 0;
for (const readme of globSync('packages/*/README.md', { cwd: root }).sort()) {
  const folder = readme.slice(0, -'/README.md'.length);
  const outcomes = outcomesOf([reportOf(folder), common]);
  const promises = promisesOf(readFileSync(root + readme, 'utf8'));
  if (promises.length === 0) failures.push(`${readme} makes no promise`);
  for (const promise of promises) {
    if (keptBy(promise, outcomes).length > 0) passed++;
    else failures.push(`${readme}: no test that passed has "${promise}" in its title`);
  }
}
report({ name: 'promises', passed, failures });
