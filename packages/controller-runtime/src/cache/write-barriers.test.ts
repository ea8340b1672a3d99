import { expect, test } from 'vitest';
import { type BarrierStore, WriteBarriers } from './write-barriers.ts';

class FakeStore implements BarrierStore {
  resourceVersion = '10';
  readonly items = new Map<string, { uid: string; resourceVersion: string }>();
  readonly barriers = new WriteBarriers(this);

  item(key: string) {
    return this.items.get(key);
  }

  commit(resourceVersion: string, items: Record<string, { uid: string; resourceVersion: string } | undefined> = {}) {
    this.resourceVersion = resourceVersion;
    for (const [key, item] of Object.entries(items)) item ? this.items.set(key, item) : this.items.delete(key);
    this.barriers.committed([], resourceVersion);
  }
}

test('WriteBarriers raises nothing for a write that the store shows already', () => {
  const { barriers } = new FakeStore();
  expect(barriers.raise('a', { type: 'version', resourceVersion: '9' })).toBeUndefined();
  expect(barriers.raise('a', { type: 'version', resourceVersion: '10' })).toBeUndefined();
  expect(barriers.raise('a', { type: 'gone', uid: '1' })).toBeUndefined();
});

test('WriteBarriers lifts a version barrier when the store has reached the version, also by a bookmark', () => {
  const store = new FakeStore();
  const barrier = store.barriers.raise('a', { type: 'version', resourceVersion: '100' });
  store.commit('99');
  expect(barrier?.isLifted).toBe(false);
  store.commit('101');
  expect(barrier?.isLifted).toBe(true);
  expect(store.barriers.before()).toEqual([]);
});

test('WriteBarriers keeps the barriers of earlier writes when a later one is raised', () => {
  const store = new FakeStore();
  const first = store.barriers.raise('a', { type: 'version', resourceVersion: '11' });
  const second = store.barriers.raise('a', { type: 'version', resourceVersion: '12' });
  store.commit('11');
  expect([first?.isLifted, second?.isLifted]).toEqual([true, false]);
  expect(store.barriers.before('a')).toEqual([second]);
});

test('WriteBarriers.before names those of a key, or all', () => {
  const { barriers } = new FakeStore();
  const a = barriers.raise('a', { type: 'version', resourceVersion: '11' });
  const b = barriers.raise('b', { type: 'version', resourceVersion: '12' });
  expect(barriers.before('a')).toEqual([a]);
  expect(barriers.before()).toEqual([a, b]);
  expect(barriers.before('c')).toEqual([]);
});

test.each([
  ['is absent', undefined],
  ['has another uid', { uid: '2', resourceVersion: '12' }],
])('WriteBarriers lifts a deletion when the key %s', (_case, item) => {
  const store = new FakeStore();
  store.commit('10', { a: { uid: '1', resourceVersion: '10' } });
  const barrier = store.barriers.raise('a', { type: 'gone', uid: '1' });
  store.commit('11', { a: { uid: '1', resourceVersion: '11' } });
  expect(barrier?.isLifted).toBe(false);
  store.commit('12', { a: item });
  expect(barrier?.isLifted).toBe(true);
});

test('WriteBarriers waits for the very version when versions have no order', () => {
  const store = new FakeStore();
  const barrier = store.barriers.raise('a', { type: 'exact', resourceVersion: 'x7' });
  store.commit('x6', { a: { uid: '1', resourceVersion: 'x6' } });
  expect(barrier?.isLifted).toBe(false);
  store.commit('x7', { a: { uid: '1', resourceVersion: 'x7' } });
  expect(barrier?.isLifted).toBe(true);
});

test('WriteBarriers lifts everything when the version regresses: a restored server owes nothing', () => {
  const store = new FakeStore();
  store.commit('50');
  const barrier = store.barriers.raise('a', { type: 'version', resourceVersion: '60' });
  store.commit('20');
  expect(barrier?.isLifted).toBe(true);
});
