import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { toYaml } from './yaml.ts';

test('toYaml writes block style, and quotes only what needs it', () => {
  expect(
    toYaml({
      name: 'web',
      image: 'nginx:1',
      empty: '',
      yes: 'yes',
      version: '1.10',
      text: 'a b c',
      colon: 'a: b',
      'x-kubernetes-list-type': 'set',
      list: [{ a: 1, b: [true, null] }, [], {}, ['x']],
      none: undefined,
      lines: 'a\nb',
      quote: "it's",
    }),
  ).toBe(
    [
      'name: web',
      "image: 'nginx:1'",
      "empty: ''",
      "'yes': 'yes'",
      "version: '1.10'",
      'text: a b c',
      "colon: 'a: b'",
      'x-kubernetes-list-type: set',
      'list:',
      '- a: 1',
      '  b:',
      '  - true',
      '  - null',
      '- []',
      '- {}',
      '- - x',
      'lines: "a\\nb"',
      "quote: 'it''s'",
      '',
    ].join('\n'),
  );
});

test('toYaml is read back as the same data by YAML 1.1 and 1.2', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      'yes',
      'no',
      'on',
      '~',
      'null',
      '1e3',
      '0o7',
      '0x1',
      '.inf',
      '2020-01-01',
      '- a',
      '#',
      'a #b',
      ' a',
      'a ',
      '=',
      '<<',
      '12:30',
      '1_000',
    ),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(text, tie('value'), { noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(value, (data) => {
      const expected: unknown = JSON.parse(JSON.stringify(data));
      expect(parse(toYaml(data))).toEqual(expected);
      expect(parse(toYaml(data), { version: '1.1' })).toEqual(expected);
    }),
  );
});
