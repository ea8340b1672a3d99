import { describe, expect, test } from 'vitest';
import {
  CommitLog,
  countingItem,
  deleted,
  type Machine,
  machine,
  machineItem,
  modified,
  SteppingClock,
  storages,
  TextStorage,
} from './doubles.fixture.ts';
import { Indexer } from './indexer.ts';

const never = new AbortController().signal;

function names(machines: Iterable<Machine>): string[] {
  return Array.from(machines, ({ metadata }) => metadata.name).sort();
}

describe.each(storages)('with %s', (_, storage) => {
  function setUp() {
    const clock = new SteppingClock();
    const indexes = { node: 'spec.node', tag: ({ spec }: Machine) => spec.tags } as const;
    const indexer = new Indexer<Machine>({ storage: storage(), clock }, { indexes });
    const log = new CommitLog();
    indexer.onCommit(log);
    return { clock, indexer, log };
  }

  test('Indexer is a store: add, update, get, list, keys and delete', () => {
    const { indexer, log } = setUp();
    indexer.add(machine('ns/a', { resourceVersion: 5, spec: { node: 'n1' } }));
    indexer.add(machine('b', { resourceVersion: 6 }));
    indexer.update(machine('ns/a', { resourceVersion: 7, spec: { node: 'n2' } }));
    expect(indexer.get('ns/a')?.spec).toEqual({ node: 'n2' });
    expect(indexer.item('ns/a')).toMatchObject({ key: 'ns/a', uid: 'uid of ns/a', resourceVersion: '7' });
    expect(indexer.get('ns/none')).toBeUndefined();
    expect(names(indexer.list())).toEqual(['a', 'b']);
    expect([...indexer.keys()]).toEqual(['ns/a', 'b']);
    expect(Array.from(indexer.items(), ({ resourceVersion }) => resourceVersion)).toEqual(['7', '6']);
    expect(indexer.delete('b')).toBe(true);
    expect(indexer.delete('b')).toBe(false);
    expect(indexer.size).toBe(1);
    expect(log.lines).toEqual(['5: ns/a >5', '6: b >6', '7: ns/a 5>7', '7: b 6>']);
  });

  test('Indexer finds by path, by function with many values, and by namespace', () => {
    const { indexer } = setUp();
    indexer.add(machine('x/a', { spec: { node: 'n1', tags: ['red', 'blue'] } }));
    indexer.add(machine('x/b', { spec: { node: 'n1', tags: ['blue', 'blue'] } }));
    indexer.add(machine('y/c', { spec: { node: 'n2', tags: [] } }));
    indexer.add(machine('d'));
    expect(names(indexer.byIndex('node', 'n1'))).toEqual(['a', 'b']);
    expect(names(indexer.byIndex('node', 'n3'))).toEqual([]);
    expect(indexer.indexKeys('tag', 'blue')).toEqual(['x/a', 'x/b']);
    expect(names(indexer.byIndex('namespace', 'x'))).toEqual(['a', 'b']);
    expect(indexer.indexValues('namespace')).toEqual(['x', 'y']);
    expect(indexer.indexNames).toEqual(['namespace', 'node', 'tag']);
  });

  test('Indexer moves objects between values as they change, and keeps no empty value', () => {
    const { indexer } = setUp();
    indexer.add(machine('a', { spec: { tags: ['one', 'two'] } }));
    indexer.add(machine('b', { spec: { tags: ['two'] } }));
    indexer.update(machine('a', { spec: { tags: ['two', 'three'] } }));
    expect(indexer.indexValues('tag').sort()).toEqual(['three', 'two']);
    indexer.update(machine('a', { spec: { tags: ['three'] } }));
    expect(indexer.indexKeys('tag', 'two')).toEqual(['b']);
    indexer.delete('b');
    expect(indexer.indexValues('tag')).toEqual(['three']);
    indexer.add(machine('b', { spec: { tags: ['three'] } }));
    indexer.update(machine('a'));
    expect(indexer.indexKeys('tag', 'three')).toEqual(['b']);
  });

  test('One turn: Indexer tells listeners of a change when store and indexes have it', () => {
    const { indexer } = setUp();
    const seen: unknown[] = [];
    indexer.onCommit({
      committed(transitions, resourceVersion) {
        const [n1, n2] = ['n1', 'n2'].map((node) => indexer.indexKeys('node', node));
        seen.push([transitions.length, resourceVersion, indexer.resourceVersion, indexer.size, n1, n2]);
      },
    });
    indexer.apply([modified('a', { spec: { node: 'n1' } }), modified('b', { spec: { node: 'n2' } })], '8');
    indexer.apply([deleted('a'), modified('b', { spec: { node: 'n1' } })], '9');
    indexer.apply([], '10');
    expect(seen).toEqual([
      [2, '8', '8', 2, ['a'], ['b']],
      [2, '9', '9', 1, ['b'], []],
      [0, '10', '10', 1, ['b'], []],
    ]);
  });

  test('Telling: Indexer hands out old and new state, also when another object took the key', () => {
    const { indexer } = setUp();
    const uids: unknown[] = [];
    indexer.onCommit({
      committed: (all) => uids.push(...Array.from(all, ({ old, new: now }) => [old?.uid, now?.uid])),
    });
    indexer.add(machine('a', { uid: 'first' }));
    indexer.update(machine('a', { uid: 'second' }));
    expect(uids).toEqual([
      [undefined, 'first'],
      ['first', 'second'],
    ]);
  });

  test('Telling: Indexer hands out the last state that the server sent with a deletion, and nothing for one it did not hold', () => {
    const { indexer, log } = setUp();
    indexer.add(machine('a', { resourceVersion: 1 }));
    indexer.apply([deleted('a', { resourceVersion: 4 }), deleted('b', { resourceVersion: 5 })], '5');
    expect(log.lines).toEqual(['1: a >1', '5: a 4>']);
  });

  test('Telling: Indexer hands out a replacement as deletions of unknown final state, then what was listed, in order', async () => {
    const { indexer, log } = setUp();
    const first = indexer.replace();
    first.put([machineItem('c', { resourceVersion: 3 }), machineItem('a', { resourceVersion: 1 })]);
    first.put([machineItem('b', { resourceVersion: 2 })]);
    expect(indexer.hasSynced).toBe(false);
    await first.commit('10');
    expect(indexer.hasSynced).toBe(true);
    const second = indexer.replace();
    second.put([machineItem('d', { resourceVersion: 11 }), machineItem('b', { resourceVersion: 2 })]);
    await second.commit('12');
    expect(log.lines).toEqual([
      '10: c >3 initial, a >1 initial, b >2 initial',
      '12: c 3> unknown, a 1> unknown, d >11, b 2>2',
    ]);
  });

  test('Indexer.replace shows nothing before commit, takes removed keys back, and keeps what cannot be read', async () => {
    const { indexer, log } = setUp();
    indexer.add(machine('kept', { resourceVersion: 1, spec: { node: 'n1' } }));
    indexer.add(machine('gone', { resourceVersion: 2 }));
    const replacement = indexer.replace();
    replacement.put([machineItem('a'), machineItem('b'), machineItem('c')]);
    replacement.remove('b');
    replacement.keep?.('kept');
    replacement.keep?.('unknown');
    replacement.keep?.('c');
    replacement.keep?.('gone');
    replacement.remove('gone');
    expect(indexer.size).toBe(2);
    await replacement.commit('9');
    expect([...indexer.keys()].sort()).toEqual(['a', 'c', 'kept']);
    expect(indexer.indexKeys('node', 'n1')).toEqual(['kept']);
    expect(log.lines.at(-1)).toBe('9: gone 2> unknown, a >1 initial, c >1 initial');
  });

  test('Whole: a replacement that is abandoned, aborted or failed has changed nothing', async () => {
    const { indexer } = setUp();
    indexer.add(machine('a'));
    const abandoned = indexer.replace();
    abandoned.put([machineItem('b')]);
    const aborted = indexer.replace();
    expect(() => abandoned.put([])).toThrow('Cannot use replacement: it has been abandoned');
    expect(() => abandoned.commit('2')).toThrow('Cannot use replacement: it has been abandoned');
    aborted.put([machineItem('b')]);
    await expect(aborted.commit('2', AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    expect(() => aborted.remove('b')).toThrow('Cannot use replacement: it has been committed');
    expect([...indexer.keys()]).toEqual(['a']);
    expect(indexer.hasSynced).toBe(false);
  });

  test('Whole: an abort in the middle of a commit leaves the state before', async () => {
    const { clock, indexer, log } = setUp();
    indexer.add(machine('old'));
    const stop = new AbortController();
    clock.onTurn = () => stop.abort(new Error('stop'));
    const replacement = indexer.replace();
    replacement.put(Array.from({ length: 1_000 }, (_, i) => machineItem(`new-${i}`)));
    await expect(replacement.commit('2', stop.signal)).rejects.toThrow('stop');
    expect(clock.turns).toBe(1);
    expect([...indexer.keys()]).toEqual(['old']);
    expect(log.lines).toHaveLength(1);
  });

  test('Whole: changes during a commit are seen at once, and stand on top of the new state', async () => {
    const { clock, indexer, log } = setUp();
    indexer.add(machine('here', { resourceVersion: 1 }));
    const replacement = indexer.replace();
    const items = Array.from({ length: 500 }, (_, i) =>
      machineItem(`m-${i}`, { resourceVersion: 2, spec: { node: 'n' } }),
    );
    replacement.put([...items, machineItem('here', { resourceVersion: 2 })]);
    const committing = replacement.commit('10');
    indexer.apply([modified('m-0', { resourceVersion: 11, spec: { node: 'n1' } })], '11');
    clock.onTurn = () => {
      if (clock.turns === 2) indexer.apply([deleted('m-1', { resourceVersion: 12 }), deleted('here')], '12');
      if (clock.turns === 6) indexer.apply([modified('new', { resourceVersion: 13, spec: { node: 'n1' } })], '13');
    };
    expect(indexer.get('m-0')?.metadata.resourceVersion).toBe('11');
    await committing;
    expect(clock.turns).toBeGreaterThan(6);
    expect(indexer.size).toBe(500);
    expect(indexer.resourceVersion).toBe('13');
    expect(indexer.indexKeys('node', 'n1')).toEqual(['m-0', 'new']);
    expect(indexer.indexKeys('node', 'n')).toHaveLength(498);
    expect(log.lines.slice(1, 4)).toEqual(['11: m-0 >11', '12: here 1>', '13: new >13']);
    expect(log.lines).toHaveLength(5);
    expect(log.lines[4]).toMatch(/^13: m-2 >2 initial, .* m-499 >2 initial$/);
  });

  test('Smooth: Indexer prepares a replacement in slices, and tells of it in one turn', async () => {
    const { clock, indexer } = setUp();
    const log: number[] = [];
    indexer.onCommit({ committed: (transitions) => log.push(transitions.length, clock.turns) });
    for (const version of ['1', '2']) {
      clock.turns = 0;
      const replacement = indexer.replace();
      replacement.put(Array.from({ length: 10_000 }, (_, i) => machineItem(`m-${i}`)));
      await replacement.commit(version);
    }
    // Each look at this clock takes 1 ms. Staging, three indexes and the comparison with what was there: four or five passes, 128 items a slice.
    const [first, firstTurns, second, secondTurns] = log;
    expect([first, second]).toEqual([10_000, 10_000]);
    expect(firstTurns).toBeGreaterThan(300);
    expect(secondTurns).toBeGreaterThan(380);
  });

  test('Whole loops: a loop sees the state at its start to its end, whatever changes meanwhile', async () => {
    const { indexer } = setUp();
    for (let i = 0; i < 10; i++) indexer.add(machine(`m-${i}`, { resourceVersion: 1, spec: { node: 'n' } }));
    const all = indexer.list();
    for (const lookup of [all, indexer.byIndex('node', 'n')]) {
      const seen: string[] = [];
      for (const { metadata } of lookup) {
        seen.push(`${metadata.name} ${metadata.resourceVersion}`);
        if (seen.length === 3) {
          indexer.delete('m-0');
          indexer.delete('m-9');
          indexer.update(machine('m-5', { resourceVersion: 2 }));
          indexer.add(machine('m-10', { spec: { node: 'n' } }));
        }
        if (seen.length === 5) {
          const replacement = indexer.replace();
          replacement.put(Array.from({ length: 10 }, (_, i) => machineItem(`m-${i}`, { spec: { node: 'n' } })));
          await replacement.commit('20');
        }
      }
      expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => `m-${i} 1`));
    }
    indexer.delete('m-3');
    expect(names(all)).toHaveLength(9);
    for (const { metadata } of all) if (metadata.name === 'm-4') break;
    expect(names(all)).toHaveLength(9);
  });

  test('Indexer.addIndex builds an index over what is held already, in slices, and follows changes meanwhile', async () => {
    const { clock, indexer } = setUp();
    for (let i = 0; i < 500; i++) indexer.add(machine(`m-${i}`, { spec: { on: i % 2 === 0 } }));
    const adding = indexer.addIndex('on', 'spec.on');
    expect(() => indexer.byIndex('on', 'true')).toThrow('Index "on" does not exist');
    const replacement = indexer.replace();
    replacement.put(Array.from({ length: 500 }, (_, i) => machineItem(`m-${i}`, { spec: { on: i % 2 === 1 } })));
    clock.onTurn = () => {
      if (clock.turns === 2) indexer.apply([modified('m-1', { spec: { on: true } }), deleted('m-499')], '');
      if (clock.turns === 6) indexer.apply([modified('m-0', { spec: { on: false } }), deleted('m-2')], '');
      if (clock.turns === 6) indexer.apply([modified('m-400', { spec: {} }), modified('m-0', { spec: {} })], '');
    };
    await adding;
    expect(clock.turns).toBeGreaterThan(6);
    expect(indexer.indexKeys('on', 'true')).toHaveLength(248);
    expect(indexer.indexKeys('on', 'true')).toContain('m-1');
    expect(indexer.indexKeys('on', 'false')).toHaveLength(248);
    const committing = replacement.commit('2');
    await indexer.addIndex('name', 'metadata.name');
    await committing;
    expect(indexer.indexKeys('on', 'true')).toHaveLength(250);
    expect(indexer.indexKeys('name', 'm-1')).toEqual(['m-1']);
  });

  test('Indexer.addIndex that waits for a commit indexes what came in between, too', async () => {
    const { indexer } = setUp();
    indexer.add(machine('a'));
    const adding = indexer.addIndex('on', 'spec.on');
    const replacement = indexer.replace();
    replacement.put([machineItem('b', { spec: { on: true } })]);
    const committing = replacement.commit('2');
    indexer.add(machine('c', { spec: { on: true } }));
    await Promise.all([adding, committing]);
    expect(indexer.indexKeys('on', 'true')).toEqual(['b', 'c']);
  });
});

test('Frozen: what is read is frozen in depth, on first read and not before', () => {
  const indexer = new Indexer<Machine>();
  const object = machine('a', { spec: { disks: [{ class: 'ssd', sizeGiB: 1 }] } });
  indexer.add(object);
  expect(Object.isFrozen(object.spec)).toBe(false);
  const read = indexer.get('a');
  expect(read).toBe(object);
  expect([read, read?.spec, read?.spec.disks, read?.spec.disks?.[0]].every(Object.isFrozen)).toBe(true);
});

test('Lazy: Indexer decodes nothing that nobody reads', async () => {
  const indexer = new Indexer<Machine>({}, { indexes: { uid: 'metadata.uid', name: 'metadata.name' } });
  const items = ['x/a', 'x/b', 'c'].map((key) => countingItem(key));
  const replacement = indexer.replace();
  replacement.put(items);
  await replacement.commit('1');
  indexer.apply([{ type: 'modified', item: countingItem('x/a') }], '2');
  expect([...indexer.keys()]).toHaveLength(3);
  expect(indexer.indexKeys('namespace', 'x')).toEqual(['x/a', 'x/b']);
  expect(indexer.indexKeys('uid', 'uid of c')).toEqual(['c']);
  expect(indexer.indexKeys('name', 'b')).toEqual(['x/b']);
  const [first] = indexer.byIndex('namespace', 'x');
  expect(first?.metadata.name).toBe('a');
  expect(items.map(({ reads }) => reads)).toEqual([0, 0, 0]);
});

test('Indexer.resourceVersion follows changes, bookmarks and replacements, and is empty at first', async () => {
  const indexer = new Indexer<Machine>();
  expect(indexer.resourceVersion).toBe('');
  indexer.add(machine('a', { resourceVersion: 3 }));
  expect(indexer.resourceVersion).toBe('3');
  indexer.apply([deleted('a')], '4');
  expect(indexer.resourceVersion).toBe('4');
  indexer.apply([], '5');
  expect(indexer.resourceVersion).toBe('5');
  await indexer.replace().commit('9');
  expect(indexer.resourceVersion).toBe('9');
  indexer.apply([modified('a')], '');
  expect(indexer.resourceVersion).toBe('9');
});

test('Indexer refuses index names that exist or do not', async () => {
  const indexer = new Indexer<Machine>({}, { indexes: { node: 'spec.node' } });
  expect(() => indexer.addIndex('node', 'spec.node')).toThrow(
    expect.objectContaining({ code: 'CACHE_INDEX_CONFLICT', index: 'node', message: 'Index "node" exists already' }),
  );
  expect(() => new Indexer<Machine>({}, { indexes: { namespace: 'spec.node' } })).toThrow('Index "namespace" exists');
  const unknown = expect.objectContaining({
    code: 'CACHE_INDEX_UNKNOWN',
    index: 'nod',
    message: 'Index "nod" does not exist (there are "namespace", "node")',
  });
  expect(() => indexer.byIndex('nod', 'x')).toThrow(unknown);
  expect(() => indexer.indexKeys('nod', 'x')).toThrow(unknown);
  expect(() => indexer.indexValues('nod')).toThrow(unknown);
  expect(() => indexer.addIndex('bad', 'spec..node' as 'spec.node')).toThrow(RangeError);
  void indexer.addIndex('bad', 'spec.node');
  expect(indexer.indexNames).toEqual(['namespace', 'node', 'bad']);
});

/** An index over node names that fails for some of them. */
function picky({ spec }: Machine): string {
  if (spec.node === 'bad') throw new RangeError('no such node');
  return (spec.node === 'odd' ? 7 : spec.node) as string;
}

test.each([
  ['bad', 'Index "picky" failed for object "b": RangeError: no such node'],
  ['odd', 'Index "picky" failed for object "b": it must return a string, an array of strings or undefined, got number'],
])(
  'Consistent: an index function that fails (%s) is named with its object, and nothing has changed',
  async (node, message) => {
    const indexer = new Indexer<Machine>({}, { indexes: { node: 'spec.node', picky } });
    const log = new CommitLog();
    indexer.onCommit(log);
    indexer.add(machine('a', { spec: { node: 'n' } }));
    const failed = expect.objectContaining({ code: 'CACHE_INDEX_FAILED', index: 'picky', key: 'b', message });
    expect(() => indexer.apply([deleted('a'), modified('b', { spec: { node } })], '2')).toThrow(failed);
    const replacement = indexer.replace();
    replacement.put([machineItem('c', { spec: { node: 'n' } }), machineItem('b', { spec: { node } })]);
    await expect(replacement.commit('3')).rejects.toThrow(failed);
    expect([...indexer.keys()]).toEqual(['a']);
    expect(indexer.indexKeys('node', 'n')).toEqual(['a']);
    expect(indexer.indexKeys('picky', 'n')).toEqual(['a']);
    expect(log.lines).toEqual(['1: a >1']);
  },
);

test('Consistent: with onIndexError an object is stored although an index function fails, and not found by that index', async () => {
  const errors: string[] = [];
  const onIndexError = (error: Error): number => errors.push(error.message);
  const indexer = new Indexer<Machine>({}, { indexes: { node: 'spec.node', picky }, onIndexError });
  indexer.add(machine('b', { spec: { node: 'bad' } }));
  expect(errors).toEqual(['Index "picky" failed for object "b": RangeError: no such node']);
  expect(indexer.indexKeys('node', 'bad')).toEqual(['b']);
  expect(indexer.indexValues('picky')).toEqual([]);
  await indexer.addIndex('again', picky);
  indexer.update(machine('b', { spec: { node: 'n' } }));
  expect(indexer.indexKeys('again', 'n')).toEqual(['b']);
});

test('Consistent: an index function that changes its mind leaves nothing behind', () => {
  let value = 'first';
  const indexer = new Indexer<Machine>({}, { indexes: { mood: () => value } });
  indexer.add(machine('a'));
  value = 'second';
  indexer.update(machine('a'));
  expect(indexer.indexValues('mood')).toEqual(['second']);
  value = 'third';
  indexer.delete('a');
  expect(indexer.indexValues('mood')).toEqual([]);
});

test('Indexer.addIndex rejects when its function fails, and the name is free again', async () => {
  const indexer = new Indexer<Machine>();
  indexer.add(machine('b', { spec: { node: 'bad' } }));
  await expect(indexer.addIndex('picky', picky)).rejects.toThrow(
    expect.objectContaining({ code: 'CACHE_INDEX_FAILED', key: 'b' }),
  );
  indexer.update(machine('b', { spec: { node: 'n' } }));
  await indexer.addIndex('picky', picky);
  expect(indexer.indexKeys('picky', 'n')).toEqual(['b']);
});

test('Indexer tells every listener although one throws, then throws that; one that changes the cache is refused', () => {
  const indexer = new Indexer<Machine>();
  const log = new CommitLog();
  const end = indexer.onCommit({
    committed() {
      throw new Error('boom');
    },
  });
  const endToo = indexer.onCommit({ committed: () => indexer.add(machine('b')) });
  indexer.onCommit(log);
  expect(() => indexer.add(machine('a'))).toThrow(
    expect.objectContaining({
      errors: [new Error('boom'), new Error('Cannot change cache: a commit listener must not do that')],
    }),
  );
  end();
  expect(() => indexer.add(machine('a'))).toThrow('Cannot change cache');
  endToo();
  indexer.delete('a');
  expect(log.lines).toEqual(['1: a >1', '1: a 1>1', '1: a 1>']);
});

test('Indexer always has room', () => {
  expect(new Indexer<Machine>().drained()).toBeUndefined();
});

test('Indexer says how many bytes its storage holds, if it can tell', () => {
  expect(new Indexer<Machine>().sizeBytes).toBe(0);
  const indexer = new Indexer<Machine>({ storage: new TextStorage() });
  indexer.add(machine('a'));
  expect(indexer.sizeBytes).toBe(JSON.stringify(machine('a')).length);
});

test('Indexer.synced resolves at the first full state', async () => {
  const indexer = new Indexer<Machine>();
  const synced = indexer.synced(never);
  await indexer.replace().commit('1');
  await synced;
  await indexer.synced(AbortSignal.abort());
});

test('Indexer.index finds what shares a value with an object, each once', () => {
  const indexer = new Indexer<Machine>({}, { indexes: { tag: ({ spec }) => spec.tags, node: 'spec.node' } });
  indexer.add(machine('a', { spec: { tags: ['red', 'blue'], node: 'n1' } }));
  indexer.add(machine('b', { spec: { tags: ['blue'], node: 'n2' } }));
  indexer.add(machine('c', { spec: { tags: ['green'] } }));
  const stranger = machine('x', { spec: { tags: ['blue', 'red'], node: 'n2' } });
  expect(names(indexer.index('tag', stranger))).toEqual(['a', 'b']);
  expect(names(indexer.index('node', stranger))).toEqual(['b']);
  expect(names(indexer.index('node', machine('y')))).toEqual([]);
  expect(Object.keys(indexer.indexes)).toEqual(['namespace', 'tag', 'node']);
  expect(indexer.indexes.node).toBe('spec.node');
});

test('Indexer holds any objects by a key function, and names the one that has no key', () => {
  const keyOf = ({ id }: { readonly id: string }): string => {
    if (id === 'bad') throw new Error('no');
    return id;
  };
  const indexer = new Indexer<{ readonly id: string; readonly color: string }>(
    {},
    { keyOf, indexes: { color: 'color' } },
  );
  indexer.add({ id: 'a/b/c', color: 'red' });
  indexer.update({ id: 'd', color: 'red' });
  expect(indexer.get('a/b/c')).toEqual({ id: 'a/b/c', color: 'red' });
  expect(indexer.indexKeys('color', 'red')).toEqual(['a/b/c', 'd']);
  expect(indexer.indexValues('namespace')).toEqual([]);
  const failed = { code: 'APIMACHINERY_KEY_INVALID', cause: new Error('no'), object: { id: 'bad', color: '' } };
  expect(() => indexer.add({ id: 'bad', color: '' })).toThrow(expect.objectContaining(failed));
  expect(() => indexer.add({ id: '', color: '' })).toThrow('Cannot add object: its key must be a non-empty string');
  expect(indexer.size).toBe(2);
});

test('Consistent: a batch with an item that has no key is refused, and nothing has changed', () => {
  const indexer = new Indexer<Machine>();
  const log = new CommitLog();
  indexer.onCommit(log);
  const broken = { ...machineItem('b'), key: '' };
  const refused = expect.objectContaining({ code: 'APIMACHINERY_KEY_INVALID', object: broken });
  expect(() => indexer.apply([modified('a'), { type: 'modified', item: broken }], '2')).toThrow(refused);
  expect(() => indexer.replace().put([machineItem('a'), broken])).toThrow(refused);
  expect([indexer.size, indexer.resourceVersion, log.lines]).toEqual([0, '', []]);
});

test('A listener can push the full list after every change, and reads push nothing', async () => {
  const indexer = new Indexer<Machine>();
  const pushed: string[] = [];
  indexer.onCommit({ committed: () => pushed.push(names(indexer.list()).join(' ')) });
  indexer.add(machine('a'));
  indexer.add(machine('b'));
  indexer.update(machine('a', { resourceVersion: 2 }));
  indexer.delete('b');
  indexer.get('a');
  for (const _ of indexer.list()) indexer.item('a');
  const replacement = indexer.replace();
  replacement.put([machineItem('c'), machineItem('d')]);
  await replacement.commit('3');
  expect(pushed).toEqual(['a', 'a b', 'a b', 'a', 'c d']);
});

test('Indexer and its replacements refuse what plain JavaScript may call them with', () => {
  const indexer = new Indexer<Machine>({}, { indexes: { node: 'spec.node' } });
  const none = undefined as never;
  const bad: [() => unknown, string][] = [
    [() => new Indexer(null as never), 'Cannot create indexer: ports must be an object, got null'],
    [() => new Indexer({ storage: {} as never }), 'Cannot create indexer: ports.storage must be a storage (an object'],
    [() => new Indexer({ clock: 5 as never }), 'Cannot create indexer: ports.clock must be a clock (an object with'],
    [
      () => new Indexer({}, { index: {} } as never),
      'options must have known names, got "index"; did you mean "indexes"?',
    ],
    [
      () => new Indexer({}, { indexes: { a: 1 as never } }),
      'Cannot create indexer: indexes.a must be a field path (names separated by dots, no brackets) or a function, got 1',
    ],
    [
      () => new Indexer({}, { indexes: { a: 'spec..x' as never } }),
      'Cannot create indexer: indexes.a must be a field path (names separated by dots, no brackets) or a function, got "spec..x"',
    ],
    ...['spec.nodes[0]', "spec['node']", '{.spec.node}'].map((path): [() => unknown, string] => [
      () => new Indexer({}, { indexes: { a: path as never } }),
      `indexes.a must be a field path (names separated by dots, no brackets) or a function, got "${path}"`,
    ]),
    [() => indexer.add(none), 'Cannot add object: object must be an object, got undefined'],
    [() => indexer.update({} as never), 'Cannot update object: metadata must be an object, got undefined'],
    [
      () => indexer.add({ metadata: {} } as never),
      'Cannot add object: metadata.name must be a non-empty string, got un',
    ],
    [() => indexer.get(none), 'Cannot get object: key must be a string, got undefined'],
    [() => indexer.item({ name: 'a' } as never), 'Cannot get item: key must be a string, got an object'],
    [() => indexer.replace().remove(none), 'Cannot remove item: key must be a string, got undefined'],
    [() => indexer.replace().keep?.(5 as never), 'Cannot keep item: key must be a string, got 5'],
    [() => indexer.delete(none), 'Cannot delete object: key must be a string, got undefined'],
    [() => indexer.addIndex('', 'spec.node'), 'Cannot add index: name must be a non-empty string, got ""'],
    [
      () => indexer.addIndex('x', none),
      'Cannot add index "x": definition must be a field path (names separated by dots, no brackets) or a function, got undefined',
    ],
    [
      () => indexer.addIndex('x', '.spec' as never),
      'Cannot add index "x": definition must be a field path (names separated by dots, no brackets) or a function, got ".spec"',
    ],
    [() => indexer.byIndex(5n as never, 'a'), 'Index a bigint does not exist (there are "namespace", "node")'],
    [() => indexer.byIndex(none, 'a'), 'Index undefined does not exist'],
    [() => indexer.byIndex((() => 'node') as never, 'a'), 'Index a function does not exist'],
    [() => indexer.byIndex('node', none), 'Cannot find objects: value must be a string, got undefined'],
    [() => indexer.indexKeys('node', 5 as never), 'Cannot find keys: value must be a string, got 5'],
    [() => indexer.onCommit({} as never), 'Cannot add commit listener: listener must be a commit listener (an object'],
    [() => indexer.apply(none, '1'), 'Cannot apply changes: changes must be an array, got undefined'],
    [() => indexer.apply([], none), 'Cannot apply changes: resourceVersion must be a string, got undefined'],
    [() => indexer.replace().put('a' as never), 'Cannot put items: items must be an array, got "a"'],
    [
      () => indexer.replace().commit(none),
      'Cannot commit replacement: resourceVersion must be a string, got undefined',
    ],
  ];
  for (const [call, message] of bad) expect(call).toThrow(message);
  expect([indexer.size, indexer.indexNames]).toEqual([0, ['namespace', 'node']]);
});
