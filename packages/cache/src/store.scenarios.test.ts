import { describe, expect, test } from 'vitest';
import { CommitLog, deleted, type Machine, machine, machineItem, modified, storages } from './doubles.fixture.ts';
import { Indexer } from './indexer.ts';
import { Lister } from './lister.ts';

// What client-go's tests of its stores show and no other test of ours does; docs/scenarios/cache.md says which.

function names(machines: Iterable<Machine>): string[] {
  return Array.from(machines, ({ metadata }) => metadata.name).sort();
}

describe.each(storages)('with %s', (_, storage) => {
  const setUp = (): Indexer<Machine> =>
    new Indexer<Machine>({ storage: storage() }, { indexes: { tag: ({ spec }) => spec.tags } });

  test('Indexer is a store to its end: what was deleted is gone, and after a replacement there is only what was listed', async () => {
    const indexer = setUp();
    indexer.add(machine('a', { spec: { node: 'old' } }));
    indexer.add(machine('b'));
    indexer.add(machine('c'));
    indexer.delete('b');
    expect([indexer.get('b'), indexer.size, names(indexer.list())]).toEqual([undefined, 2, ['a', 'c']]);
    const replacement = indexer.replace();
    replacement.put([machineItem('a', { spec: { node: 'new' } }), machineItem('d')]);
    await replacement.commit('9');
    expect([...indexer.keys()]).toEqual(['a', 'd']);
    expect(names(indexer.list())).toEqual(['a', 'd']);
    expect([indexer.get('a')?.spec.node, indexer.get('c'), indexer.item('d')?.key]).toEqual(['new', undefined, 'd']);
    indexer.add(machine('c'));
    expect(names(indexer.list())).toEqual(['a', 'c', 'd']);
  });

  test('Indexer forgets a value with the last object under it, and keeps it while there is another', () => {
    const indexer = setUp();
    indexer.add(machine('a', { spec: { tags: ['both', 'mine'] } }));
    indexer.add(machine('b', { spec: { tags: ['both'] } }));
    indexer.delete('a');
    expect(indexer.indexValues('tag')).toEqual(['both']);
    expect(indexer.indexKeys('tag', 'both')).toEqual(['b']);
    indexer.add(machine('a', { spec: { tags: ['both'] } }));
    expect(indexer.indexKeys('tag', 'both')).toEqual(['a', 'b']);
    indexer.delete('a');
    indexer.delete('b');
    expect(indexer.indexValues('tag')).toEqual([]);
    expect(names(indexer.byIndex('tag', 'both'))).toEqual([]);
    indexer.add(machine('b', { spec: { tags: ['both'] } }));
    expect(indexer.indexKeys('tag', 'both')).toEqual(['b']);
  });

  test('Indexer finds each object under all of its values, through additions, changes, deletions and a replacement', async () => {
    const indexer = setUp();
    const users = (): Record<string, string[]> =>
      Object.fromEntries(
        indexer
          .indexValues('tag')
          .sort()
          .map((value) => [value, names(indexer.byIndex('tag', value))]),
      );
    indexer.add(machine('one', { spec: { tags: ['ernie', 'bert'] } }));
    indexer.add(machine('two', { spec: { tags: ['bert', 'oscar'] } }));
    indexer.add(machine('three', { spec: { tags: ['ernie', 'elmo'] } }));
    expect(users()).toEqual({
      bert: ['one', 'two'],
      elmo: ['three'],
      ernie: ['one', 'three'],
      oscar: ['two'],
    });
    indexer.delete('three');
    indexer.update(machine('two', { spec: { tags: ['oscar', 'bert', 'big-bird'] } }));
    expect(users()).toEqual({ bert: ['one', 'two'], 'big-bird': ['two'], ernie: ['one'], oscar: ['two'] });
    const replacement = indexer.replace();
    replacement.put([machineItem('two', { spec: { tags: ['bert'] } })]);
    await replacement.commit('9');
    expect(users()).toEqual({ bert: ['two'] });
  });

  test('Frozen: to change what was read throws where it is done, and the cache keeps what it has', () => {
    const indexer = setUp();
    indexer.add(machine('a', { spec: { tags: ['red'] } }));
    const read = indexer.get('a') as unknown as { metadata: { name: string }; spec: { node?: string; tags: string[] } };
    expect(() => {
      read.metadata.name = 'b';
    }).toThrow(TypeError);
    expect(() => {
      read.spec.node = 'n1';
    }).toThrow(TypeError);
    expect(() => read.spec.tags.push('blue')).toThrow(TypeError);
    expect(indexer.get('a')).toEqual(machine('a', { spec: { tags: ['red'] } }));
  });
});

test('Indexer.resourceVersion follows additions, updates and deletions, and stays where a change names none', () => {
  const indexer = new Indexer<Machine>();
  indexer.add(machine('a', { resourceVersion: 3 }));
  indexer.update(machine('a', { resourceVersion: 4 }));
  expect(indexer.resourceVersion).toBe('4');
  indexer.add({ ...machine('b'), metadata: { name: 'b' } } as Machine);
  expect(indexer.resourceVersion).toBe('4');
  indexer.apply([deleted('a', { resourceVersion: 6 })], '6');
  expect(indexer.resourceVersion).toBe('6');
  indexer.delete('b');
  expect(indexer.resourceVersion).toBe('6');
});

test.each(['first', 'middle', 'last'])(
  'Consistent: of a batch whose %s item has no key nothing is applied',
  (which) => {
    const indexer = new Indexer<Machine>();
    const log = new CommitLog();
    indexer.onCommit(log);
    const broken = { type: 'modified' as const, item: { ...machineItem('x'), key: '' } };
    const batch = [modified('a'), modified('b')];
    batch.splice({ first: 0, middle: 1, last: 2 }[which] ?? 0, 0, broken);
    expect(() => indexer.apply(batch, '2')).toThrow(expect.objectContaining({ code: 'APIMACHINERY_KEY_INVALID' }));
    expect([indexer.size, indexer.resourceVersion, log.lines]).toEqual([0, '', []]);
    indexer.apply([modified('a'), modified('b')], '2');
    expect(log.lines).toEqual(['2: a >1, b >1']);
  },
);

test('Lister.list gives all, those of a namespace, those with labels, and none for a selector that matches nothing', () => {
  const namespaced = new Indexer<Machine>();
  const plain = new Indexer<Machine>({}, { keyOf: ({ metadata }) => metadata.uid });
  for (const indexer of [namespaced, plain]) {
    indexer.add(machine('x/a', { labels: { app: 'web' } }));
    indexer.add(machine('x/b', { labels: { app: 'api' } }));
    indexer.add(machine('y/c', { labels: { app: 'web' } }));
    const lister = new Lister(indexer);
    expect(names(lister.list())).toEqual(['a', 'b', 'c']);
    expect(names(lister.list({ namespace: 'x' }))).toEqual(['a', 'b']);
    expect(names(lister.list({ labelSelector: 'app=web' }))).toEqual(['a', 'c']);
    expect(names(lister.list({ namespace: 'x', labelSelector: 'app=web' }))).toEqual(['a']);
    expect(names(lister.list({ labelSelector: 'app=web,app!=web' }))).toEqual([]);
    expect(names(lister.list({ namespace: 'z' }))).toEqual([]);
  }
});
