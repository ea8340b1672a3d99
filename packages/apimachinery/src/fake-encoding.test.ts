import { expect, test } from 'vitest';
import { encodedItem } from './fake-encoding.ts';

test('FakeEncoding.copy drops fields, keys with dots, and fields of the elements of lists', () => {
  const metadata = { name: 'a', uid: 'u', resourceVersion: '1', annotations: { 'example.com/notes': 'n', other: 'o' } };
  const item = encodedItem({ metadata, list: [{ a: 1, b: 2 }, { b: 3 }] } as never);
  const drop = [
    ['metadata', 'annotations', 'example', 'com/notes'],
    ['list', 'b'],
    ['none', 'a'],
    ['__proto__', 'x'],
    [],
  ];
  const target = Buffer.alloc(200);
  const { encoding } = item;
  const length = encoding.copy(item, target, 3, drop);
  const left = { metadata: { ...metadata, annotations: { other: 'o' } }, list: [{ a: 1 }, {}] };
  expect(encoding.decode(target, 3, 3 + length)).toEqual(left);
  expect(item.object).toEqual({ metadata, list: [{ a: 1, b: 2 }, { b: 3 }] });
});
