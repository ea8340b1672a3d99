import { describe, expect, test } from 'vitest';
import { jsonBody } from './json-body.ts';

const circle: Record<string, unknown> = { name: 'a' };
circle.self = [circle];
const shared = { a: 1 };

describe('jsonBody', () => {
  test.each<[string, unknown]>([
    ['an object', { spec: { n: 1, when: new Date(0), gone: undefined, list: [undefined, 'x'] } }],
    ['nulls', { metadata: { creationTimestamp: null }, list: [null, 0] }],
    ['the word null', { text: 'null', null: 1 }],
    ['one object twice', { a: shared, b: [shared, shared], c: null }],
    ['empty objects', { emptyDir: {}, mine: new (class Empty {})(), bare: Object.create(null), list: [] }],
    ['a map that says its own form', { data: Object.assign(new Map(), { toJSON: () => ({ a: {} }) }) }],
    ['what says its own form', { toJSON: () => ({ a: null, date: new Date(0) }) }],
  ])('jsonBody is JSON.stringify for %s', (_, body) => {
    expect(jsonBody(body, 'create x')).toBe(JSON.stringify(body));
  });

  test.each<[unknown, string]>([
    [{ spec: { n: Number.NaN } }, 'spec.n must be a finite number, got NaN'],
    [{ list: [1, { n: Number.POSITIVE_INFINITY }] }, 'list[1].n must be a finite number, got Infinity'],
    [{ data: { 'a/b': Number.NaN } }, 'data["a/b"] must be a finite number, got NaN'],
    [[{ value: Number.NaN }], '[0].value must be a finite number, got NaN'],
    [{ a: { toJSON: () => Number.NaN } }, 'a must be a finite number, got NaN'],
    [{ a: new Date(Number.NaN) }, 'a must be a valid date, got an invalid one'],
    [{ spec: { n: 5n } }, 'spec.n must be a number or a string, got a bigint'],
    [{ data: new Map([['a', 1]]) }, 'data must be a plain object or an array, got an object (Map)'],
    [{ list: [{}, new Set(['a'])] }, 'list[1] must be a plain object or an array, got an object (Set)'],
    [{ data: Promise.resolve({}) }, 'data must be a plain object or an array, got an object (Promise); await it first'],
    [new Map(), 'it must be a plain object or an array, got an object (Map)'],
    [{ spec: new Error('no') }, 'spec must be a plain object or an array, got an object (Error)'],
    [circle, 'self[0] must be free of circles, got an object that holds itself'],
  ])('jsonBody names the path of what JSON cannot hold: %o (Early errors)', (body, message) => {
    expect(() => jsonBody(body, 'create Web "a/b"')).toThrow(new TypeError(`Cannot create Web "a/b": ${message}`));
  });

  test.each([
    ['{"spec":{"n":9007199254740993}}', 'spec.n', '9007199254740992'],
    ['{"spec":{"list":[1,{"n":-9223372036854775808}]}}', 'spec.list[1].n', '-9223372036854776000'],
    ['{"n":9223372036854775807}', 'n', '9223372036854776000'],
  ])(
    'jsonBody refuses to replace an object by one with an integer that a read has rounded: %s (Nothing is lost)',
    (text, path, got) => {
      const body: unknown = JSON.parse(text);
      expect(() => jsonBody(body, 'update Web "a/b"', true)).toThrow(
        new RangeError(
          `Cannot update Web "a/b": ${path} must be an integer between -(2^53 - 1) and 2^53 - 1, got ${got}: beyond that it may have been rounded when it was read; change what you want to change with a patch`,
        ),
      );
      expect(jsonBody(body, 'patch Web "a/b"')).toBe(JSON.stringify(body));
    },
  );

  test.each([
    ['the largest exact integer', { n: Number.MAX_SAFE_INTEGER, m: Number.MIN_SAFE_INTEGER }],
    ['a float that is no int64', { n: 1e21, m: 1e19, o: 0.12345678901234568 }],
    ['digits in text', { text: '9007199254740993' }],
  ])('jsonBody replaces an object by one with %s', (_, body) => {
    expect(jsonBody(body, 'update Web "a/b"', true)).toBe(JSON.stringify(body));
  });

  test('jsonBody passes on what else goes wrong', () => {
    const body = {
      toJSON(): never {
        throw new Error('odd');
      },
    };
    expect(() => jsonBody(body, 'x')).toThrow('odd');
  });
});
