import { expect, test } from 'vitest';
import { formatYaml, parseYaml, YamlSyntaxError } from './yaml.ts';

test.each([
  ['a: yes', true],
  ['a: y', true],
  ['a: 012', 10],
  ['a: 0o12', 10],
  ['a: 1_000', 1000],
  ['a: 2001-01-01', '2001-01-01'],
  ['a: 1:30', '1:30'],
  ['a: !!binary aGk=', 'hi'],
  ['a: 1e3', 1000],
  ['a: ~', null],
  ['b: &x {c: 1}\na: {<<: *x, d: 2}', { c: 1, d: 2 }],
])('parseYaml reads %s as Go does', (text, expected) => {
  expect((parseYaml(text).value as { a: unknown }).a).toEqual(expected);
});

test('parseYaml names keys that stand twice', () => {
  expect(parseYaml('a: 1\nb: {c: 1, c: 2}\na: 2\n').duplicates.toSorted()).toEqual([
    'line 2: key "c" already set in map',
    'line 3: key "a" already set in map',
  ]);
});

test.each([
  ['a: [b', "yaml: line 1: did not find expected ',' or ']'"],
  ['a: {b: }}', 'yaml: did not find expected node content'],
  ['a: .inf', 'json: unsupported value: +Inf'],
])('parseYaml refuses %s in the words of Go', (text, message) => {
  expect(() => parseYaml(text)).toThrow(new YamlSyntaxError(message));
});

test('formatYaml sorts keys and quotes what would be read as something else', () => {
  expect(formatYaml({ b: ['x'], a: '2026-01-01T00:00:00Z', c: 'yes', d: '1', e: 1 })).toBe(
    'a: "2026-01-01T00:00:00Z"\nb:\n- x\nc: "yes"\nd: "1"\ne: 1\n',
  );
});
