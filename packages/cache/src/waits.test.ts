import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { type Machine, machine } from './doubles.fixture.ts';
import { Indexer } from './indexer.ts';

test('Indexer.synced waits for a full state, rejects with the reason of its signal, and leaves no listener on it', async () => {
  const indexer = new Indexer<Machine>();
  const [gone, stays] = [new AbortController(), new AbortController()];
  let isSynced = false;
  const synced = indexer.synced(stays.signal).then(() => {
    isSynced = true;
  });
  const aborted = expect(indexer.synced(gone.signal)).rejects.toThrow('enough');
  indexer.add(machine('a')); // no full state
  gone.abort(new Error('enough'));
  await aborted;
  expect(isSynced).toBe(false);
  await indexer.replace().commit('1');
  await synced;
  expect(getEventListeners(stays.signal, 'abort')).toHaveLength(0);
});

test('Indexer finds objects under several values each, whichever of them change or go, in any order', () => {
  const indexer = new Indexer<Machine>({}, { indexes: { tag: ({ spec }) => spec.tags } });
  for (const key of ['a', 'b', 'c', 'd']) indexer.add(machine(key, { spec: { tags: ['x', 'y', key] } }));
  indexer.delete('a'); // d takes its place in both
  indexer.update(machine('d', { spec: { tags: ['y', 'z'] } }));
  expect(indexer.indexKeys('tag', 'x')).toEqual(['b', 'c']);
  expect(indexer.indexKeys('tag', 'y')).toEqual(['b', 'c', 'd']);
  indexer.delete('b');
  indexer.delete('d');
  expect(indexer.indexKeys('tag', 'y')).toEqual(['c']);
  expect(indexer.indexValues('tag').sort()).toEqual(['c', 'x', 'y']);
});
