import { expect, test } from 'vitest';
import { machine } from './doubles.fixture.ts';
import { itemOf } from './item-of.ts';

test('itemOf names an object by key, uid and version without reading it, and freezes it when it is read', () => {
  const object = machine('ns/a', { uid: 'u', resourceVersion: 7, labels: { app: 'web' } });
  const item = itemOf(object);
  expect([item.key, item.uid, item.resourceVersion]).toEqual(['ns/a', 'u', '7']);
  expect(Object.isFrozen(object)).toBe(false);
  expect(item.object).toBe(object);
  expect(Object.isFrozen(object.metadata.labels)).toBe(true);
});
