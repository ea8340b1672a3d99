import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatRequest, parseRequest } from './request.ts';

const part = fc.string({ minLength: 1 }).filter((text) => !text.includes('/'));

test('parseRequest reverses formatRequest', () => {
  const key = fc.record({ cluster: part, namespace: part, name: part }, { requiredKeys: ['name'] });
  fc.assert(
    fc.property(key, (each) => {
      expect(parseRequest(formatRequest(each))).toEqual(each);
    }),
  );
});

test('formatRequest keeps clusters apart', () => {
  expect(formatRequest({ name: 'a' })).toBe('a');
  expect(formatRequest({ namespace: 'default', name: 'a' })).toBe('default/a');
  expect(formatRequest({ cluster: 'east', namespace: 'default', name: 'a' })).toBe('east/default/a');
  expect(formatRequest({ cluster: 'east', name: 'a' })).toBe('east//a');
});

test('formatRequest refuses names that could be mistaken for another key', () => {
  expect(() => formatRequest({ name: '' })).toThrow(
    new TypeError('Cannot enqueue request: name must be a non-empty string without slashes, got ""'),
  );
  expect(() => formatRequest({ name: 'a/b' })).toThrow(TypeError);
  expect(() => formatRequest({ namespace: 'a/b', name: 'c' })).toThrow(TypeError);
  expect(() => formatRequest({ cluster: 'a/b', name: 'c' })).toThrow(TypeError);
});
