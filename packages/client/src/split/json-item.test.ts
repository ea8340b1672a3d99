import { describe, expect, test } from 'vitest';
import { JsonItem } from './json-item.ts';

function item(text: string, type?: { apiVersion: string; kind: string }): JsonItem<Record<string, unknown>> {
  return new JsonItem('a', 'u', '1', Buffer.from(text), type);
}

describe('JsonItem', () => {
  test('JsonItem decodes once, on first read, and freezes at every depth (Lazy)', () => {
    const one = item('{"spec":{"list":[{"a":1}]}}');
    const { object } = one;
    expect(one.object).toBe(object);
    expect(Object.isFrozen(object)).toBe(true);
    expect(Object.isFrozen((object as { spec: { list: object[] } }).spec.list[0])).toBe(true);
  });

  test('JsonItem completes type fields, but never overrides what the item says', () => {
    const type = { apiVersion: 'v1', kind: 'Pod' };
    expect(item('{"a":1}', type).object).toEqual({ apiVersion: 'v1', kind: 'Pod', a: 1 });
    expect(Object.keys(item('{"a":1}', type).object)).toEqual(['apiVersion', 'kind', 'a']);
    expect(item('{ }', type).object).toEqual(type);
    expect(item('{"kind":"Other"}', type).object).toEqual({ apiVersion: 'v1', kind: 'Other' });
    expect(item('{"a":1}', { apiVersion: '', kind: '' }).object).toEqual({ a: 1 });
    expect(item('{"a":1}', { apiVersion: 'v1', kind: '' }).object).toEqual({ apiVersion: 'v1', a: 1 });
  });

  test('JsonItem.decode gives plain mutable data each time', () => {
    const one = item('{"a":{"b":1}}');
    const before = one.decode();
    expect(one.decode()).not.toBe(before);
    void one.object;
    const after = one.decode() as { a: { b: number } };
    after.a.b = 2;
    expect(one.object).toEqual({ a: { b: 1 } });
    expect(Object.isFrozen(after)).toBe(false);
  });
});
