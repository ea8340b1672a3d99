import { globSync, rmSync } from 'node:fs';
import { root } from './checks/report.ts';
import { run } from './checks/run.ts';
import { summarize } from './checks/summary.ts';
import { turbo } from './turbo.ts';

// `npm test`: every task and check through turbo, which replays what has not changed; then what they found, in one table.
const tasks = [
  'build',
  'typecheck',
  'test',
  'lint',
  'wasm',
  'layers',
  'dead-code',
  'packages',
  'api-snapshots',
  'snippets',
];
const results = ['.results/*.json', '{packages/*,examples/*,tests,tools,benchmarks}/.results/tests*.json'];
const heartbeatMs = 20_000;

// Only what this run finds, or turbo replays, is counted.
for (const file of globSync(results, { cwd: root })) rmSync(root + file);
const started = performance.now();
const seconds = (): string => `${Math.round((performance.now() - started) / 1_000)} s`;
const heartbeat = setInterval(() => console.error(`… at work for ${seconds()}`), heartbeatMs);
const code = await turbo([
  'run',
  ...tasks,
  '--continue=dependencies-successful',
  '--output-logs=errors-only',
  ...process.argv.slice(2),
]);
clearInterval(heartbeat);
const broken = code === 0 ? [] : [`turbo (exit code ${code}, see above)`];
// Promises and scenarios name tests of all packages: a run of some of them cannot judge them.
if (!process.argv.some((argument) => /^(--filter|-F|--affected)/.test(argument))) {
  for (const check of ['promises', 'scenarios']) {
    await run(process.execPath, [`${root}tools/checks/${check}.ts`], { cwd: root }).catch((error: Error) => {
      console.error(error.message);
      broken.push(`${check} (see above)`);
    });
  }
}
process.exitCode = summarize(results, broken);
console.log(`in ${seconds()}`);
