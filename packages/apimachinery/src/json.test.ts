import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clone, deepFreeze, equal } from './json.ts';

test('deepFreeze freezes at every depth, also below what was frozen before', () => {
  const value = deepFreeze({ a: Object.freeze({ b: [{ c: 1 }] }) });
  expect(Object.isFrozen(value.a.b[0])).toBe(true);
});

test('clone gives a mutable copy that shares nothing', () => {
  const original = deepFreeze({ a: { b: [{ c: 1 }] }, gone: undefined });
  const copy = clone(original);
  copy.a.b.push({ c: 2 });
  expect(original.a.b).toHaveLength(1);
  expect(Object.keys(copy)).toEqual(['a']);
});

test('clone copies dates as their text', () => {
  expect(clone({ at: new Date(0) })).toEqual({ at: '1970-01-01T00:00:00.000Z' });
});

test('clone keeps __proto__ as data', () => {
  const copy: object = clone(JSON.parse('{"__proto__":{"a":1}}'));
  expect(JSON.stringify(copy)).toBe('{"__proto__":{"a":1}}');
  expect('a' in copy).toBe(false);
});

test('equal agrees with the order-free text of any JSON data', () => {
  const sorted = (value: unknown): string =>
    JSON.stringify(value, (_name, member: unknown) =>
      member && typeof member === 'object' && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
        : member,
    );
  const small = fc.jsonValue({ maxDepth: 2 });
  fc.assert(
    fc.property(small, small, (a, b) => {
      expect(equal(a, b)).toBe(sorted(a) === sorted(b));
      expect(equal(a, clone(a))).toBe(true);
    }),
  );
});

test('equal counts undefined members as absent', () => {
  expect(equal({ a: 1, b: undefined }, { a: 1 })).toBe(true);
  expect(equal({ a: undefined }, { b: undefined })).toBe(true);
  expect(equal({ a: undefined, b: 1 }, { a: 1, b: undefined })).toBe(false);
  expect(equal({ a: null }, {})).toBe(false);
  expect(equal({ toString: 1 }, {})).toBe(false);
  expect(equal([], {})).toBe(false);
});

test('clone types recursive data without end', () => {
  type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
  interface Schema {
    readonly items?: Schema | readonly Schema[];
    readonly properties?: Readonly<Record<string, Schema>>;
  }
  const json: Json = { a: [1, { b: null }] };
  const schema: Schema = { items: [{ properties: { a: {} } }] };
  const draft = clone(schema);
  draft.items = {};
  expect(clone(json)).toEqual(json);
  expect(schema.items).toHaveLength(1);
});
