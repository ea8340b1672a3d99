import { expect, test } from 'vitest';
import { outputMatches, snippetsOfMarkdown, snippetsOfSource } from './snippet-parser.ts';

test('snippetsOfMarkdown pairs a block with the output that follows it', () => {
  const text = [
    '```ts',
    "console.log('a');",
    '```',
    'Output:',
    '```text',
    'a',
    '```',
    '```ts no-run',
    'connect();',
    '```',
  ].join('\n');
  expect(snippetsOfMarkdown('README.md', text)).toEqual([
    { where: 'README.md:2', code: "console.log('a');", runs: true, output: 'a' },
    { where: 'README.md:9', code: 'connect();', runs: false },
  ]);
});

test('snippetsOfMarkdown ignores a text block that promises nothing', () => {
  const text = ['```ts', 'f();', '```', 'Its error:', '```text', 'boom', '```'].join('\n');
  expect(snippetsOfMarkdown('README.md', text)).toEqual([{ where: 'README.md:2', code: 'f();', runs: true }]);
});

test('snippetsOfMarkdown refuses a block that does not end', () => {
  expect(() => snippetsOfMarkdown('README.md', '```ts\nf();')).toThrow('README.md:1: the code block does not end');
});

test('snippetsOfSource finds blocks in doc comments with their line', () => {
  const text = [
    'const a = 1;',
    '/**',
    ' * @example',
    ' * ```ts',
    ' * f();',
    ' * ```',
    ' */',
    'export const f = a;',
  ].join('\n');
  expect(snippetsOfSource('f.ts', text)).toEqual([{ where: 'f.ts:5', code: 'f();', runs: true }]);
});

test('outputMatches accepts … for what differs from run to run', () => {
  expect(outputMatches('ready in 12 ms\ndone\n', 'ready in … ms\ndone')).toBe(true);
  expect(outputMatches('ready\n', 'ready\ndone')).toBe(false);
  expect(outputMatches('a.b', 'axb')).toBe(false);
});
