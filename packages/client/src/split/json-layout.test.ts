import { expect, test } from 'vitest';
import { type JsonLayout, JsonLayouts } from './json-layout.ts';
import { dropTreeOf } from './json-path.ts';
import { PLACE_NUMBERS } from './member-places.ts';

/** The layout of an object with these keys, which stands among other bytes. */
function find(layouts: JsonLayouts, ...keys: readonly string[]): JsonLayout {
  const before = '{"other":1},';
  const places = new Int32Array((1 + keys.length) * PLACE_NUMBERS);
  let text = '{';
  for (const [member, key] of keys.entries()) {
    const from = text.length + 1;
    text += `"${key}":0,`;
    places.set([from, from + key.length, text.length - 2, text.length - 1], (1 + member) * PLACE_NUMBERS);
  }
  return layouts.find(Buffer.from(before + text), before.length, places, PLACE_NUMBERS, keys.length);
}

test('JsonLayouts give one layout to all objects with the same keys in the same order', () => {
  const layouts = new JsonLayouts();
  const orders = [['a', 'b'], ['b', 'a'], ['a'], ['a', 'b', 'c'], ['A', 'b']];
  const first = orders.map((keys) => find(layouts, ...keys));
  expect(first.map(({ names }) => names)).toEqual(orders);
  expect(first.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  for (const [index, keys] of orders.entries()) {
    for (const same of [
      find(layouts, ...keys),
      find(layouts, ...keys),
      layouts.of(keys.map((key) => Buffer.from(key))),
    ])
      expect(same).toBe(first[index]);
    expect(layouts.at(index + 1)).toBe(first[index]);
  }
});

test('JsonLayouts tell keys apart that are the same letters, cut elsewhere', () => {
  const layouts = new JsonLayouts();
  for (const keys of [
    ['ab', 'c'],
    ['a', 'bc'],
    ['abc', ''],
    ['', 'abc'],
    ['ab', 'd'],
  ])
    expect(find(layouts, ...keys).names).toEqual(keys);
});

test('JsonLayout.without remembers what the last tree leaves', () => {
  const layouts = new JsonLayouts();
  const layout = find(layouts, 'a', 'b', 'c');
  const [without, all] = [dropTreeOf([['b'], ['c', 'd']]), dropTreeOf([['x']])];
  const left = layout.without(without, layouts);
  expect(left.layout.names).toEqual(['a', 'c']);
  expect(left.trees).toEqual([undefined, null, without.branches[0]?.tree]);
  expect(left.layout).toBe(find(layouts, 'a', 'c'));
  expect(layout.without(without, layouts)).toBe(left);
  expect(layout.without(all, layouts)).toEqual({ trees: [undefined, undefined, undefined], layout });
  expect(layout.without(all, layouts).layout).toBe(layout);
});
