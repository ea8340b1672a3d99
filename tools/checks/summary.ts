import { globSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { root } from './report.ts';

/** One line of the summary. */
export interface Row {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
}

/** What one result file says: a vitest report, or what `report()` wrote. A skipped test counts as failed, and so does an empty report. */
export function rowOf(file: string, text: string): Row {
  const content = JSON.parse(text) as VitestReport | Row;
  if (!('numPassedTests' in content)) return content;
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, success } = content;
  const failed = numFailedTests + numPendingTests + numTodoTests;
  return {
    name: file.replace('/.results/tests', ' tests').replace('.json', ''),
    passed: numPassedTests,
    failed: success && numPassedTests > 0 ? failed : Math.max(1, failed),
  };
}

/** The table, and as last line the sum. */
export function linesOf(rows: readonly Row[]): string[] {
  const sum = (count: (row: Row) => number): number => rows.reduce((total, row) => total + count(row), 0);
  return [
    ...rows.map(
      ({ name, passed, failed }) =>
        `${name.padEnd(40)} ${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed`,
    ),
    `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed`,
  ];
}

/**
 * Prints what the result files that match `patterns` say, and returns the exit code. Each of `broken`, the steps that ended badly, is
 * a failure of its own, whatever results it left.
 */
export function summarize(patterns: readonly string[], broken: readonly string[]): number {
  const rows = [
    ...globSync([...patterns], { cwd: root })
      .sort()
      .map((file) => rowOf(file, readFileSync(root + file, 'utf8'))),
    ...broken.map((name): Row => ({ name: `broken: ${name}`, passed: 0, failed: 1 })),
  ];
  for (const line of linesOf(rows)) console.log(line);
  return rows.some(({ passed }) => passed > 0) && rows.every(({ failed }) => failed === 0) ? 0 : 1;
}

// `--broken NAME`: a step that ended badly. `--expect PATTERN`: result files without which something did not run at all.
if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      broken: { type: 'string', multiple: true, default: [] },
      expect: { type: 'string', multiple: true, default: [] },
    },
  });
  const missing = values.expect.filter((pattern) => globSync(pattern, { cwd: root }).length === 0);
  process.exitCode = summarize(
    ['.results/*.json', '{packages/*,examples/*,tests,tools,conformance}/.results/tests*.json'],
    [...values.broken, ...missing.map((pattern) => `no ${pattern}`)],
  );
}
