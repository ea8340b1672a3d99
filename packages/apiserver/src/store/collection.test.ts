import { FakeClock, seededRandom } from '@bowline/apimachinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ServerObject } from '../object.ts';
import type { Collection } from './collection.ts';
import { Store } from './store.ts';

const limits = { maxEvents: 1_000, maxAgeMs: 60_000, minEvents: 10 };

function object(value: number): ServerObject {
  return { apiVersion: 'v1', kind: 'Thing', metadata: {}, value };
}

function names(entries: readonly { readonly key: string }[] | undefined): string[] | undefined {
  return entries?.map(({ key }) => key);
}

test('Collection returns a range in the order of keys, from a key on', () => {
  const things = new Store(new FakeClock(), limits).collection('things');
  for (const key of ['b/2', 'a/1', 'b/1', 'c/1']) things.put(key, object(0));
  expect(names(things.range(''))).toEqual(['a/1', 'b/1', 'b/2', 'c/1']);
  expect(names(things.range('b/'))).toEqual(['b/1', 'b/2']);
  expect(names(things.range('b/', 'b/1\0'))).toEqual(['b/2']);
});

test('Collection counts the revisions of the whole store', () => {
  const store = new Store(new FakeClock(), limits);
  const [a, b] = [store.collection('a'), store.collection('b')];
  expect([a.put('x', object(0)), b.put('x', object(0)), a.put('x', object(1))].map(({ revision }) => revision)).toEqual(
    [2, 3, 4],
  );
  expect(a.revision).toBe(4);
  expect(a.delete('x')?.object.metadata.resourceVersion).toBe('5');
});

test('Collection says that it no longer knows what is older than its history', async () => {
  const clock = new FakeClock();
  const things = new Store(clock, { ...limits, maxEvents: 3, minEvents: 1 }).collection('things');
  for (let value = 0; value < 5; value++) things.put('x', object(value));
  expect(things.since(2)).toBeUndefined();
  expect(things.since(3)?.map(({ revision }) => revision)).toEqual([4, 5, 6]);
  await clock.advance(60_001);
  expect(things.since(4)).toBeUndefined();
  expect(things.since(5)?.map(({ revision }) => revision)).toEqual([6]);
  things.compact(6);
  expect(things.since(5)).toBeUndefined();
  expect(things.since(6)).toEqual([]);
});

test('Collection tells each change in the turn of the write, with the state before', () => {
  const things = new Store(new FakeClock(), limits).collection('things');
  const seen: string[] = [];
  const stop = things.listen(({ type, entry, previous }) => {
    seen.push(`${type} ${entry.revision} after ${previous?.revision ?? 'nothing'}`);
  });
  things.put('x', object(0));
  things.put('x', object(1));
  things.delete('x');
  stop();
  things.put('x', object(2));
  expect(seen).toEqual(['added 2 after nothing', 'modified 3 after 2', 'deleted 4 after 3']);
});

/** Writes at random and keeps what the collection was after each write. */
function scribble(things: Collection, seed: number, writes: number): ReadonlyMap<number, readonly string[]> {
  const random = seededRandom(seed);
  const states = new Map<number, readonly string[]>();
  for (let write = 0; write < writes; write++) {
    const key = `${['a', 'b'][Math.floor(random.next() * 2)]}/${Math.floor(random.next() * 6)}`;
    if (random.next() < 0.3) things.delete(key);
    else things.put(key, object(write));
    states.set(
      things.revision,
      things.range('').map((entry) => entry.json),
    );
  }
  return states;
}

test('Collection shows any state of its past exactly, however writes follow each other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 60 }), (seed, writes) => {
      const things = new Store(new FakeClock(), limits).collection('things');
      for (const [revision, state] of scribble(things, seed, writes)) {
        expect(things.rangeAt(revision, '')?.map(({ json }) => json)).toEqual(state);
      }
    }),
  );
});

test('Collection replays changes that lead from any state of its past to the present', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 2, max: 60 }), (seed, writes) => {
      const things = new Store(new FakeClock(), limits).collection('things');
      const revisions = [...scribble(things, seed, writes).keys()];
      const from = revisions[Math.floor(revisions.length / 2)] ?? 0;
      const replica = new Map(things.rangeAt(from, '')?.map(({ key, json }) => [key, json]));
      for (const { type, entry } of things.since(from) ?? []) {
        if (type === 'deleted') replica.delete(entry.key);
        else replica.set(entry.key, entry.json);
      }
      const present = things.range('').map(({ key, json }) => [key, json]);
      expect([...replica].sort(([a], [b]) => (a < b ? -1 : 1))).toEqual(present);
    }),
  );
});

test('Store.reached waits for a revision, no longer than it is told', async () => {
  const clock = new FakeClock();
  const store = new Store(clock, limits);
  const things = store.collection('things');
  const soon = store.reached(3, 1_000);
  things.put('x', object(0));
  things.put('y', object(0));
  expect(await soon).toBe(true);
  const never = store.reached(99, 1_000);
  await clock.advance(1_000);
  expect(await never).toBe(false);
});
