import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clone, deepFreeze, equal } from './json.ts';
import { applyMergePatch, createMergePatch } from './merge-patch.ts';

describe('applyMergePatch', () => {
  // The table of RFC 7396, appendix A.
  test.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%o patched with %o is %o', (document, patch, result) => {
    expect(applyMergePatch(deepFreeze(document), deepFreeze(patch))).toEqual(result);
  });

  test('Untouched: __proto__ is data, never a prototype', () => {
    const result = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}')) as object;
    expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":true}}');
    expect('polluted' in result).toBe(false);
    expect('polluted' in {}).toBe(false);
    expect(JSON.stringify(applyMergePatch(result, JSON.parse('{"__proto__":null}')))).toBe('{}');
  });
});

describe('createMergePatch', () => {
  test('Round trip: applying it gives the target, as far as nulls count as absent', () => {
    const withoutNulls = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value), (_name, member) => member ?? undefined);
    const json = fc.object({ maxDepth: 3, values: [fc.constantFrom(0, 1, 'x', true, null)], withNullPrototype: false });
    fc.assert(
      fc.property(json, json, (from, to) => {
        const patch = createMergePatch(deepFreeze(clone(from)), deepFreeze(clone(to)));
        expect(equal(withoutNulls(applyMergePatch(from, patch)), withoutNulls(to))).toBe(true);
        if (equal(withoutNulls(from), withoutNulls(to))) expect(patch).toEqual({});
      }),
    );
  });

  test('names only what differs', () => {
    expect(createMergePatch({ a: 1, b: { c: 1, d: 2 }, e: [1] }, { b: { c: 1, d: 3 }, e: [1] })).toEqual({
      a: null,
      b: { d: 3 },
    });
  });
});
