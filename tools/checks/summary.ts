import { globSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { root } from './report.ts';

/** One line of the summary. */
interface Row {
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

/** Test results of each workspace folder, then the results of the checks. */
function rows(): Row[] {
  const tests = globSync('{packages/*,examples/*,tests,tools,conformance}/.results/tests*.json', { cwd: root })
    .sort()
    .map((file): Row => {
      const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, success } = JSON.parse(
        readFileSync(root + file, 'utf8'),
      ) as VitestReport;
      const failed = numFailedTests + numPendingTests + numTodoTests;
      return {
        name: file.replace('/.results/tests', ' tests').replace('.json', ''),
        passed: numPassedTests,
        failed: success ? failed : Math.max(1, failed),
      };
    });
  const checks = globSync('.results/*.json', { cwd: root })
    .sort()
    .map((file) => JSON.parse(readFileSync(root + file, 'utf8')) as Row);
  return [...tests, ...checks];
}

// `--broken "a, b"`: steps that ended badly; each is a failure of its own, whatever results it left.
const { values } = parseArgs({ options: { broken: { type: 'string', default: '' } } });
const broken = values.broken === '' ? [] : [{ name: `broken: ${values.broken}`, passed: 0, failed: 1 }];
const found = [...rows(), ...broken];
for (const { name, passed, failed } of found) {
  console.log(`${name.padEnd(40)} ${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed`);
}
const passed = found.reduce((sum, row) => sum + row.passed, 0);
const failed = found.reduce((sum, row) => sum + row.failed, 0);
if (passed === 0 || failed > 0) process.exitCode = 1;
console.log(`${passed} passed, ${failed} failed`);
