import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LabelSelector, type LabelSelectorSource } from './label-selector.ts';
import { SelectorError } from './selector-error.ts';

const canonical: readonly [text: string, printed: string][] = [
  ['', ''],
  ['x=a,y=b,z=c', 'x=a,y=b,z=c'],
  ['z=c, y == b ,x', 'x,y==b,z=c'],
  ['!x', '!x'],
  ['x!=a', 'x!=a'],
  ['x=', 'x='],
  ['x=,y', 'x=,y'],
  ['x in (b,a , b)', 'x in (a,b)'],
  ['x notin (a)', 'x notin (a)'],
  ['x in ()', 'x in ()'],
  ['x in (,)', 'x in ()'],
  ['x in (,a)', 'x in (,a)'],
  ['x in (a,,c,)', 'x in (,a,c)'],
  ['in in (in,notin)', 'in in (in,notin)'],
  ['notin=in', 'notin=in'],
  ['y<5,x>1', 'x>1,y<5'],
  ['example.com/tier=web', 'example.com/tier=web'],
  ['  x\t=\n a ', 'x=a'],
];

const matching: readonly [text: string, labels: Record<string, string> | undefined, matches: boolean][] = [
  ['', undefined, true],
  ['x=a', { x: 'a' }, true],
  ['x=a', { x: 'b' }, false],
  ['x=a', undefined, false],
  ['x==a', { x: 'a' }, true],
  ['x=', { x: '' }, true],
  ['x=', {}, false],
  ['x!=a', { x: 'a' }, false],
  ['x!=a', {}, true],
  ['x in (a,b)', { x: 'b' }, true],
  ['x in (a,b)', {}, false],
  ['x notin (a,b)', { x: 'b' }, false],
  ['x notin (a,b)', { x: 'c' }, true],
  ['x notin (a,b)', {}, true],
  ['x', { x: '' }, true],
  ['x', {}, false],
  ['!x', {}, true],
  ['!x', { x: '' }, false],
  ['x>1', { x: '2' }, true],
  ['x>9007199254740993', { x: '9007199254740994' }, true],
  ['x>1', { x: '1' }, false],
  ['x>1', { x: 'many' }, false],
  ['x>1', {}, false],
  ['x<1', { x: '-3' }, true],
  ['x=a,!y', { x: 'a', y: '' }, false],
  ['constructor', {}, false],
  ['!toString', {}, true],
];

const refused: readonly [text: string, reason: string, position: number][] = [
  [',', "found ',', expected: !, identifier, or 'end of string'", 0],
  ['x,', "found '', expected: identifier after ','", 2],
  ['x,,y', "found ',', expected: identifier after ','", 2],
  ['x y', "unable to parse requirement: found 'y', expected: in, notin, =, ==, !=, gt, lt", 2],
  ['!x=a', "found '=', expected: ',' or 'end of string'", 2],
  ['x in a', "unable to parse requirement: found 'a' expected: '('", 5],
  ['x in (a', "unable to parse requirement: found '', expected: ',' or ')'", 7],
  ['x in (a b)', "unable to parse requirement: found 'b', expected: ',' or ')'", 8],
  ['x in (=)', "unable to parse requirement: found '=', expected: ',', ')' or identifier", 6],
  ['x in (,=)', "unable to parse requirement: found '=', expected: ',', or identifier", 7],
  ['x=(a)', "unable to parse requirement: found '(', expected: identifier", 2],
  ['x=a b', "found 'b', expected: ',' or 'end of string'", 4],
  ['!', "unable to parse requirement: found '', expected: identifier", 1],
];

describe('LabelSelector.parse', () => {
  test.each(canonical)('prints "%s" in canonical form', (text, printed) => {
    expect(LabelSelector.parse(text).toString()).toBe(printed);
  });

  test.each(refused)(
    'Server\'s words: refuses "%s" as the server does and names the position',
    (text, reason, position) => {
      const parse = () => LabelSelector.parse(text);
      expect(parse).toThrow(SelectorError);
      expect(parse).toThrow(
        expect.objectContaining({ code: 'APIMACHINERY_SELECTOR_INVALID', reason, position, retryable: false }),
      );
      expect(parse).toThrow(`at position ${position}`);
    },
  );

  test.each(['-x', 'a/b/c', '/x', 'A.com/x', 'x='.padEnd(66, 'v'), 'k'.repeat(64), 'x=v_', 'x>one', 'x in (a,b_)'])(
    'refuses invalid keys and values: "%s"',
    (text) => {
      expect(() => LabelSelector.parse(text)).toThrow(/Invalid value/);
    },
  );

  test('reports every problem of a requirement', () => {
    expect(() => LabelSelector.parse('x>a_')).toThrow(
      /^unable to parse requirement: \[values\[0\]: .*, values\[0\]\[x\]: /,
    );
  });

  test('Round trip: reads back what any selector prints', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,10}[A-Za-z0-9])?$/);
    const key = fc.oneof(
      name,
      name.map((text) => `example.com/${text}`),
      fc.constantFrom('in', 'notin'),
    );
    const value = fc.oneof(name, fc.constant(''), fc.constantFrom('in', 'notin'));
    const requirement = fc.oneof(
      fc.record({
        key,
        operator: fc.constantFrom('=' as const, '==' as const, '!=' as const),
        values: fc.tuple(value),
      }),
      fc.record({
        key,
        operator: fc.constantFrom('in' as const, 'notin' as const),
        values: fc.array(value, { minLength: 1, maxLength: 4 }),
      }),
      fc.record({ key, operator: fc.constantFrom('exists' as const, '!' as const), values: fc.constant([]) }),
      fc.record({
        key,
        operator: fc.constantFrom('gt' as const, 'lt' as const),
        values: fc.tuple(fc.nat().map(String)),
      }),
    );
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 5 }), (requirements) => {
        const selector = new LabelSelector(requirements);
        expect(LabelSelector.parse(selector.toString()).requirements).toEqual(selector.requirements);
      }),
    );
  });

  test('never throws anything but a SelectorError, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab in()=!,<>/. ') }), (text) => {
        try {
          LabelSelector.parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(SelectorError);
        }
      }),
    );
  });
});

describe('LabelSelector.matches', () => {
  test.each(matching)('"%s" on %o: %s', (text, labels, matches) => {
    expect(LabelSelector.parse(text).matches(labels)).toBe(matches);
  });
});

describe('LabelSelector.from', () => {
  test('joins matchLabels and matchExpressions', () => {
    const source: LabelSelectorSource = {
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['b', 'a'] },
        { key: 'env', operator: 'NotIn', values: ['dev'] },
        { key: 'owner', operator: 'Exists' },
        { key: 'canary', operator: 'DoesNotExist', values: [] },
      ],
    };
    expect(LabelSelector.from(source).toString()).toBe('app=web,!canary,env notin (dev),owner,tier in (a,b)');
  });

  test('selects everything when empty and nothing when absent', () => {
    expect(LabelSelector.from({}).isEmpty).toBe(true);
    expect(LabelSelector.from({}).matches({ any: 'thing' })).toBe(true);
    expect(LabelSelector.from(undefined).matches({})).toBe(false);
    expect(LabelSelector.from(null).matches(undefined)).toBe(false);
  });

  test('refuses an unknown operator', () => {
    const source = { matchExpressions: [{ key: 'x', operator: 'Near', values: ['a'] }] };
    expect(() => LabelSelector.from(source)).toThrow('"Near" is not a valid label selector operator');
  });

  test.each([
    [{ key: 'x', operator: 'In', values: [] }, "for 'in', 'notin' operators, values set can't be empty"],
    [{ key: 'x', operator: 'NotIn' }, "for 'in', 'notin' operators, values set can't be empty"],
    [{ key: 'x', operator: 'Exists', values: ['a'] }, 'values set must be empty for exists and does not exist'],
    [{ key: '', operator: 'Exists' }, 'name part must be non-empty'],
  ])('refuses %o', (expression, problem) => {
    expect(() => LabelSelector.from({ matchExpressions: [expression] })).toThrow(problem);
  });
});

test('LabelSelector.nothing still selects nothing after its text went through a server', () => {
  expect(LabelSelector.nothing.matches({ nothing: '' })).toBe(false);
  expect(LabelSelector.nothing.matches({})).toBe(false);
  expect(LabelSelector.parse(LabelSelector.nothing.toString()).matches({ nothing: '' })).toBe(false);
  expect(LabelSelector.nothing.isEmpty).toBe(false);
});

test('LabelSelector.everything is empty', () => {
  expect(LabelSelector.everything.toString()).toBe('');
  expect(LabelSelector.everything.matches(undefined)).toBe(true);
});
