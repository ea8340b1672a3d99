import { encodedItem } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { machine, machineItem, TestEncoding } from './doubles.fixture.ts';
import { plainStorage } from './plain-storage.ts';

test('plainStorage keeps items as they are, with bytes or without', () => {
  const storage = plainStorage();
  for (const [slot, item] of [machineItem('a'), encodedItem(machine('b'))].entries()) {
    storage.keep(slot, item);
    expect(storage.at(slot)).toBe(item);
  }
  storage.drop(0);
  expect([storage.at(0), storage.at(1)?.key, storage.at(2), storage.sizeBytes]).toEqual([undefined, 'b', undefined, 0]);
});

test('plainStorage copies the bytes of an item that stands in a buffer of more than twice its length and 1 KiB', () => {
  const encoding = new TestEncoding();
  const object = machine('ns/a', { resourceVersion: 3, spec: { node: 'n1' } });
  const length = JSON.stringify(object).length;
  const inside = encodedItem(object, { encoding, before: 24, after: length + 1_000 });
  const storage = plainStorage();
  storage.keep(0, inside);
  expect(storage.at(0)).toBe(inside);
  const item = encodedItem(object, { encoding, before: 24, after: length + 1_001 });
  storage.keep(0, item);
  const kept = storage.at(0) as typeof item;
  item.bytes.fill(0);
  expect([kept.key, kept.uid, kept.resourceVersion]).toEqual(['ns/a', 'uid of ns/a', '3']);
  expect([kept.start, kept.end, kept.bytes.buffer.byteLength]).toEqual([0, length, length]);
  expect(kept.read(['spec', 'node'])).toBe('n1');
  expect(encoding.objects).toBe(0);
  expect(kept.object).toEqual(object);
  expect(kept.object).toBe(kept.object);
  expect(encoding.objects).toBe(1);
});
