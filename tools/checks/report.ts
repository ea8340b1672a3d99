import { mkdirSync, writeFileSync } from 'node:fs';

/** The repository's root folder. */
export const root: string = new URL('../../', import.meta.url).pathname;

/** Outcome of one check, as `summary.ts` adds it up. */
export interface CheckResult {
  readonly name: string;
  readonly passed: number;
  readonly failures: readonly string[];
}

/** Prints the outcome, leaves it in `.results/` and sets the exit code. A check that looked at nothing has failed. */
export function report({ name, passed, failures }: CheckResult): void {
  const problems = passed + failures.length === 0 ? ['looked at nothing'] : failures;
  mkdirSync(`${root}.results`, { recursive: true });
  writeFileSync(`${root}.results/${name}.json`, JSON.stringify({ name, passed, failed: problems.length }));
  for (const problem of problems) console.error(`✗ ${name}: ${problem}`);
  console.log(`${name}: ${passed} passed, ${problems.length} failed`);
  if (problems.length > 0) process.exitCode = 1;
}
