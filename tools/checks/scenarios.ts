import { globSync, readFileSync } from 'node:fs';
import { report, root } from './report.ts';
import { outcomesOf, problemOf, repeated, rowsOf } from './scenario-tables.ts';

// The tables of docs/scenarios: every test of ours that they name ran and passed, every difference that they name is written down.
// Needs the results that the tests leave; `npm test` runs it after them.
const reports = globSync('{packages/*,examples/*,tests,tools}/.results/tests*.json', { cwd: root })
  .sort()
  .map((file) => ({ folder: file.slice(0, file.indexOf('/.results/')), text: readFileSync(root + file, 'utf8') }));
const outcomes = outcomesOf(reports);
const differences = readFileSync(`${root}docs/differences.md`, 'utf8');
const failures: string[] = [];
let passed = 0;
for (const file of globSync('docs/scenarios/*.md', { cwd: root }).sort()) {
  if (file.endsWith('/README.md')) continue;
  const rows = rowsOf(file, readFileSync(root + file, 'utf8'));
  const problems = rows.flatMap((row) => problemOf(row, outcomes, differences) ?? []);
  passed += rows.length - problems.length;
  failures.push(
    ...problems,
    ...repeated(rows),
    ...(rows.length === 0 ? [`${file} has no table "upstream | ours"`] : []),
  );
}
report({ name: 'scenarios', passed, failures });
