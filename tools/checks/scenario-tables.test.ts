import { expect, test } from 'vitest';
import { outcomesOf, problemOf, repeated, rowsOf } from './scenario-tables.ts';

const table = `
Some words.

| upstream | ours |
| --- | --- |
| TestGet | \`packages/cache/src/get.test.ts\` › get > gives \`undefined\` \\| nothing |
| TestList | \`packages/cache/src/get.test.ts\` › lists<br>differences: lists are lazy |

| other | table |
| --- | --- |
| a | b |

\`\`\`
| upstream | ours |
| fenced | x |
\`\`\`
`;

const file = 'docs/scenarios/cache.md';
const rows = rowsOf(file, table);
const outcome = (title: string, status: string, ...ancestorTitles: string[]) => ({ ancestorTitles, title, status });
const reportOf = (...assertionResults: ReturnType<typeof outcome>[]) => [
  {
    folder: 'packages/cache',
    text: JSON.stringify({
      testResults: [{ name: '/elsewhere/packages/cache/src/get.test.ts', assertionResults }],
    }),
  },
];
const green = reportOf(outcome('gives `undefined` | nothing', 'passed', 'get'), outcome('lists', 'passed'));
const differences = '| arrays | lists are lazy | why |';
const problems = (reports = green, text = differences): (string | undefined)[] =>
  rows.map((row) => problemOf(row, outcomesOf(reports), text));

test('rowsOf reads the tables of scenarios alone, with escaped bars and several references', () => {
  expect(rows).toEqual([
    {
      where: `${file}:6`,
      upstream: 'TestGet',
      ours: ['`packages/cache/src/get.test.ts` › get > gives `undefined` | nothing'],
    },
    {
      where: `${file}:7`,
      upstream: 'TestList',
      ours: ['`packages/cache/src/get.test.ts` › lists', 'differences: lists are lazy'],
    },
  ]);
});

test('problemOf finds nothing when all tests passed and the difference is written down', () => {
  expect(problems()).toEqual([undefined, undefined]);
});

test('problemOf reports a test that is missing, was skipped or failed, and a file that did not run', () => {
  expect(problems(reportOf(outcome('lists', 'passed')))[0]).toContain(
    'has no test "get > gives `undefined` | nothing"',
  );
  expect(problems(reportOf(outcome('lists', 'skipped')))[1]).toContain(
    '"lists" of packages/cache/src/get.test.ts ended as skipped',
  );
  expect(problems(reportOf(outcome('lists', 'passed'), outcome('lists', 'failed')))[1]).toContain('ended as failed');
  expect(problems([])[0]).toBe(`${file}:6: TestGet: no test of packages/cache/src/get.test.ts ran`);
});

test('problemOf reports a difference that is not written down, or that is not one line', () => {
  expect(problems(green, 'nothing')[1]).toContain('stands in 0 lines');
  expect(problems(green, `${differences}\n${differences}`)[1]).toContain('stands in 2 lines');
  const unnamed = rowsOf(file, '| upstream | ours |\n| TestX | differences: |');
  expect(unnamed.map((row) => problemOf(row, outcomesOf(green), differences))[0]).toContain('stands in 0 lines');
});

test('problemOf reports what is no reference, and a row without a name', () => {
  const bad = rowsOf(
    file,
    '| upstream | ours |\n| TestX | somewhere |\n| TestY | |\n| | differences: lists are lazy |',
  );
  expect(bad.map((row) => problemOf(row, outcomesOf(green), differences))).toEqual([
    `${file}:2: TestX: "somewhere" is no reference to a test or a difference`,
    `${file}:3: TestY: "" is no reference to a test or a difference`,
    `${file}:4: names no test of upstream`,
  ]);
});

test('repeated names what a file lists twice', () => {
  expect(repeated(rows)).toEqual([]);
  expect(repeated([...rows, ...rows])).toEqual([
    `${file}:6: TestGet is listed twice`,
    `${file}:7: TestList is listed twice`,
  ]);
});
