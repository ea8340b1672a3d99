import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FieldSelector } from './field-selector.ts';

const read = (fields: Record<string, string>) => (path: string) => fields[path];

describe('FieldSelector', () => {
  test.each([
    ['', ''],
    ['a=b', 'a=b'],
    ['a==b', 'a=b'],
    ['c!=d,a=b', 'a=b,c!=d'],
    ['a=', 'a='],
    [',a=b,', 'a=b'],
    ['=', ''],
    ['a=b\\,c\\=d\\\\', 'a=b\\,c\\=d\\\\'],
  ])('prints "%s" in canonical form', (text, printed) => {
    expect(FieldSelector.parse(text).toString()).toBe(printed);
  });

  test.each([
    ['spec.nodeName=n1', { 'spec.nodeName': 'n1' }, true],
    ['spec.nodeName=n1', {}, false],
    ['spec.nodeName=', {}, true],
    ['spec.nodeName!=n1', {}, true],
    ['spec.nodeName!=n1', { 'spec.nodeName': 'n1' }, false],
    ['a=1,b!=2', { a: '1', b: '3' }, true],
    ['a=1,b!=2', { a: '1', b: '2' }, false],
    ['a=x\\,y', { a: 'x,y' }, true],
    ['', {}, true],
  ])('"%s" on %o: %s', (text, fields, matches) => {
    expect(FieldSelector.parse(text).matches(read(fields))).toBe(matches);
  });

  test.each([
    ['a', "invalid selector: 'a'; can't understand 'a'", 0],
    ['a=b,c', "invalid selector: 'a=b,c'; can't understand 'c'", 4],
    ['a=b\\x', 'invalid field selector: invalid escape sequence: \\x', 3],
    ['a=b\\', 'invalid field selector: invalid escape sequence: \\', 3],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61', 3],
  ])('Server\'s words: refuses "%s" as the server does and names the position', (text, reason, position) => {
    expect(() => FieldSelector.parse(text)).toThrow(
      expect.objectContaining({ code: 'APIMACHINERY_SELECTOR_INVALID', reason, position }),
    );
  });

  test('Round trip: reads back what any selector prints', () => {
    const requirement = fc.record({
      path: fc.stringMatching(/^[a-z][a-zA-Z.]{0,10}$/),
      operator: fc.constantFrom('=' as const, '!=' as const),
      value: fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('\\', ',', '=', 'a') })),
    });
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), (requirements) => {
        const selector = new FieldSelector(requirements);
        expect(FieldSelector.parse(selector.toString()).requirements).toEqual(selector.requirements);
      }),
    );
  });
});
