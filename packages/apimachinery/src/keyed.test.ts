import { expect, test } from 'vitest';
import type { Change, Item } from './item.ts';
import { type KeyError, keyedChanges, keyedItems } from './keyed.ts';

const item = (key: unknown): Item<string> => ({ key: key as string, uid: 'u', resourceVersion: '1', object: 'x' });
const change = (key: unknown): Change<string> => ({ type: 'modified', item: item(key) });

test('keyedItems and keyedChanges return what they are given when every key is usable', () => {
  const items = [item('a'), item('ns/b')];
  const changes = [change('a'), change('ns/b')];
  expect(keyedItems('put items', items)).toBe(items);
  expect(keyedChanges('apply changes', changes)).toBe(changes);
  expect(keyedItems('put items', [])).toEqual([]);
});

test.each([
  ['first', ['', 'a', 'b'], 0],
  ['middle', ['a', undefined, 'b'], 1],
  ['last', ['a', 'b', 7], 2],
  ['only', [null], 0],
])(
  'KeyError of the %s one names its place; with onKeyError it is told of and the others are kept',
  (_, keys, place) => {
    const got = ['""', 'undefined', '7', 'null'].find((text) => text === String(keys[place]) || keys[place] === '');
    for (const [read, field] of [
      [(told?: (error: KeyError) => void) => keyedItems('put', keys.map(item), told).map(({ key }) => key), 'items['],
      [
        (told?: (error: KeyError) => void) => keyedChanges('put', keys.map(change), told).map((each) => each.item.key),
        'changes[',
      ],
    ] as const) {
      const path = `${field}${place}]${field === 'items[' ? '' : '.item'}.key`;
      const message = `Cannot put: ${path} must be a non-empty string, got ${got}`;
      const expected = { name: 'KeyError', code: 'APIMACHINERY_KEY_INVALID', message, object: item(keys[place]) };
      expect(() => read()).toThrow(expect.objectContaining(expected));
      const told: KeyError[] = [];
      expect(read((error) => told.push(error))).toEqual(keys.filter((_, index) => index !== place));
      expect(told).toEqual([expect.objectContaining(expected)]);
    }
  },
);

test('keyedItems and keyedChanges tell of each key that is not usable', () => {
  const told: string[] = [];
  const kept = keyedItems('put', ['', 'a', '', '', 'b'].map(item), (error) => told.push(error.message.slice(12, 24)));
  expect([kept.map(({ key }) => key), told]).toEqual([
    ['a', 'b'],
    ['items[0].key', 'items[2].key', 'items[3].key'],
  ]);
});

test.each([
  [() => keyedItems('put', undefined as never), 'Cannot put: items must be an array, got undefined'],
  [() => keyedItems('put', 'ab' as never), 'Cannot put: items must be an array, got "ab"'],
  [() => keyedItems('put', [item('a'), null as never]), 'Cannot put: items[1] must be an object, got null'],
  [() => keyedChanges('put', {} as never), 'Cannot put: changes must be an array, got an object'],
  [() => keyedChanges('put', [undefined as never]), 'Cannot put: changes[0] must be an object, got undefined'],
  [() => keyedChanges('put', [{ type: 'modified' } as never]), 'Cannot put: changes[0].item must be an object, got un'],
  [
    () => keyedChanges('put', [{ item: item('a') } as never]),
    'Cannot put: changes[0].type must be "added", "modified" or "deleted", got undefined',
  ],
])('keyedItems and keyedChanges refuse what is no array of them (%#)', (call, message) => {
  expect(call).toThrow(TypeError);
  expect(call).toThrow(message);
});
