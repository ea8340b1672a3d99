import { expect, test } from 'vitest';
import { duplicateErrors, JsonSyntaxError, parseJson } from './json-text.ts';

test.each([
  ['', 'unexpected end of JSON input'],
  ['{', 'unexpected end of JSON input'],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['[1 2]', "invalid character '2' after array element"],
  ['{"a":1 "b"', "invalid character '\"' after object key:value pair"],
  ['tru', 'unexpected end of JSON input'],
  ['trux', "invalid character 'x' in literal true (expecting 'e')"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ['"\\x"', "invalid character 'x' in string escape code"],
  ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
  ['01', "invalid character '1' after top-level value"],
  ['1.x', "invalid character 'x' after decimal point in numeric literal"],
  ['-x', "invalid character 'x' in numeric literal"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['é', "invalid character 'Ã' looking for beginning of value"],
])('parseJson says of %s what Go says', (text, message) => {
  expect(() => parseJson(text)).toThrow(new JsonSyntaxError(message));
});

test.each([
  ['objects', '{"a":', '1', '}'],
  ['arrays', '[ ', '', ']'],
  ['what never ends', '[', '', ''],
])('parseJson reads 1,000 levels of %s and refuses the next as Go refuses too many', (name, open, inner, close) => {
  const nested = (levels: number): string => open.repeat(levels) + inner + close.repeat(levels);
  if (name !== 'what never ends') expect(parseJson(nested(1_000)).duplicates.size).toBe(0);
  for (const levels of [1_001, 200_000]) {
    expect(() => parseJson(nested(levels))).toThrow(
      new JsonSyntaxError(`invalid character '${open[0]}' exceeded max depth`),
    );
  }
});

test('parseJson counts no brackets in texts, and none that are closed again', () => {
  const value = { a: '['.repeat(2_000), '{"': `\\"${'{'.repeat(2_000)}`, b: Array.from({ length: 2_000 }, () => [{}]) };
  expect(parseJson(JSON.stringify(value)).value).toEqual(value);
});

test('duplicateErrors names what stands twice, wherever it stands', () => {
  const { value, duplicates } = parseJson('{"a":1,"b":[{"c":1,"c":2}],"a":2,"d":{"e":{"f":1,"f":1}}}');
  expect(duplicateErrors(value, duplicates)).toEqual([
    'duplicate field "b[0].c"',
    'duplicate field "a"',
    'duplicate field "d.e.f"',
  ]);
});
