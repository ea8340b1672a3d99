import { describe, expect, test } from 'vitest';
import {
  type Machine,
  machine,
  machineItem,
  modified,
  SteppingClock,
  storages,
  TextStorage,
} from './doubles.fixture.ts';
import { Indexer } from './indexer.ts';
import { Lister } from './lister.ts';

describe.each(storages)('with %s', (_, storage) => {
  function tagged(...states: readonly (readonly string[])[]): Indexer<Machine> {
    const indexer = new Indexer<Machine>({ storage: storage() }, { indexes: { tag: ({ spec }) => spec.tags } });
    for (const tags of states) indexer.add(machine('a', { spec: { tags } }));
    return indexer;
  }

  test.each([
    { what: 'one of several changes', before: ['x', 'y'], now: ['x', 'z'] },
    { what: 'one is added behind the others', before: ['x', 'y'], now: ['x', 'y', 'z'] },
    { what: 'the last one goes', before: ['x', 'y', 'z'], now: ['x', 'y'] },
    { what: 'one of two goes', before: ['x', 'y'], now: ['x'] },
    { what: 'a second one is added', before: ['x'], now: ['x', 'y'] },
    { what: 'the only one changes', before: ['x'], now: ['y'] },
    { what: 'all go', before: ['x', 'y'], now: [] },
  ])('Indexer finds an object under exactly its values when $what', ({ before, now }) => {
    const indexer = tagged(before, now);
    expect(indexer.indexValues('tag').sort()).toEqual(now);
    for (const value of now) expect(indexer.indexKeys('tag', value)).toEqual(['a']);
    for (const value of before.filter((each) => !now.includes(each)))
      expect(indexer.indexKeys('tag', value)).toEqual([]);
  });

  test('Indexer.addIndex while the first state is prepared finds what that brings', async () => {
    const clock = new SteppingClock();
    const indexer = new Indexer<Machine>({ storage: storage(), clock });
    const replacement = indexer.replace();
    replacement.put(Array.from({ length: 500 }, (_, i) => machineItem(`m-${i}`, { spec: { on: i < 10 } })));
    let adding: Promise<void> | undefined;
    clock.onTurn = () => {
      if (clock.turns === 2) adding = indexer.addIndex('on', 'spec.on');
    };
    await replacement.commit('1');
    await adding;
    expect(indexer.indexKeys('on', 'true')).toHaveLength(10);
  });

  test('Indexer.addIndex follows changes of what it has filed already, and files it once', async () => {
    const clock = new SteppingClock();
    const indexer = new Indexer<Machine>({ storage: storage(), clock });
    for (let i = 0; i < 400; i++) indexer.add(machine(`m-${i}`, { spec: { node: 'old' } }));
    let filed = 0;
    const added = indexer.addIndex('node', ({ metadata, spec }) => {
      filed++;
      // The 300th is no longer among the first of a pass; what was filed before changes between two slices.
      if (metadata.name === 'm-300') clock.onTurn = change;
      return spec.node;
    });
    const change = (): void => {
      clock.onTurn = () => {};
      for (const gone of ['m-0', 'm-2']) indexer.delete(gone);
      indexer.update(machine('m-1', { spec: { node: 'new' } }));
      indexer.update(machine('m-1', { spec: { node: 'newer' } }));
      indexer.add(machine('m-400', { spec: { node: 'new' } }));
    };
    await added;
    const rest = Array.from({ length: 397 }, (_, i) => `m-${i + 3}`);
    expect(indexer.indexKeys('node', 'old')).toEqual(rest.sort());
    expect(indexer.indexKeys('node', 'new')).toEqual(['m-400']);
    expect(indexer.indexKeys('node', 'newer')).toEqual(['m-1']);
    expect(indexer.indexValues('node').sort()).toEqual(['new', 'newer', 'old']);
    expect(filed).toBe(402); // 400, and again what changed and what came
  });

  test('Indexer.addIndex gives way once more before it is done, and misses nothing that changes then', async () => {
    let turns = 0;
    const clock = {
      monotonic: () => 0,
      async turn(): Promise<void> {
        turns++;
        indexer.update(machine('a', { spec: { node: 'second' } }));
        indexer.add(machine('b', { spec: { node: 'second' } }));
        // Behind the rest of the build, were that to go on in small steps.
        void Promise.resolve().then(() => indexer.update(machine('b', { spec: { node: 'third' } })));
      },
    };
    const indexer: Indexer<Machine> = new Indexer({ storage: storage(), clock });
    indexer.add(machine('a', { spec: { node: 'first' } }));
    await indexer.addIndex('node', 'spec.node');
    expect(turns).toBe(1);
    const found = ['first', 'second', 'third'].map((node) => indexer.indexKeys('node', node));
    expect(found).toEqual([[], ['a'], ['b']]);
  });

  test('Indexer.addIndex is done at once while the cache is empty, also after a full state, and not while one is prepared', async () => {
    const indexer = new Indexer<Machine>({ storage: storage() });
    await indexer.replace().commit('1');
    void indexer.addIndex('node', 'spec.node');
    expect(indexer.indexNames).toEqual(['namespace', 'node']);
    const replacement = indexer.replace();
    replacement.put([machineItem('a', { spec: { on: true } })]);
    const committed = replacement.commit('2');
    const added = indexer.addIndex('on', 'spec.on');
    expect(indexer.indexNames).toEqual(['namespace', 'node']);
    await committed;
    await added;
    expect(indexer.indexKeys('on', 'true')).toEqual(['a']);
  });

  test('Indexer calls no index function for an object that goes', () => {
    let calls = 0;
    const indexes = { counted: () => String(calls++) };
    const indexer = new Indexer<Machine>({ storage: storage() }, { indexes });
    indexer.add(machine('a'));
    indexer.delete('a');
    expect(calls).toBe(1);
  });

  test('Indexer tells of an object that was to be kept and was listed after all', async () => {
    const indexer = new Indexer<Machine>({ storage: storage() });
    indexer.add(machine('a', { resourceVersion: 1 }));
    const told: unknown[] = [];
    indexer.onCommit({ committed: (all) => told.push(...Array.from(all, ({ old, new: now }) => [old, now])) });
    const replacement = indexer.replace();
    replacement.keep?.('a');
    replacement.put([machineItem('a', { resourceVersion: 2 })]);
    await replacement.commit('2');
    expect(told).toMatchObject([[{ resourceVersion: '1' }, { resourceVersion: '2' }]]);
  });

  test('Whole loops: a loop that was left early hands out nothing more', () => {
    const indexer = new Indexer<Machine>({ storage: storage() });
    for (const key of ['a', 'b', 'c']) indexer.add(machine(key));
    const loop = indexer.keys()[Symbol.iterator]();
    expect(loop.next()).toEqual({ done: false, value: 'a' });
    expect(loop.return?.()).toEqual({ done: true, value: undefined });
    indexer.apply([modified('d')], '');
    expect(loop.next()).toEqual({ done: true, value: undefined });
  });
});

test('Indexer names what an index function threw or returned instead of values', () => {
  const results: Record<string, () => unknown> = {
    text: () => {
      throw 'just text';
    },
    mixed: () => ['a', 5],
    none: () => null,
    object: () => ({}),
  };
  const of = ({ metadata }: Machine): string => results[metadata.name]?.() as string;
  const indexer = new Indexer<Machine>({}, { indexes: { of } });
  const why = (name: string): string => {
    try {
      indexer.add(machine(name));
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
    return 'added';
  };
  const must = 'it must return a string, an array of strings or undefined, got';
  expect(why('text')).toBe('CacheError: Index "of" failed for object "text": just text');
  expect(why('mixed')).toBe(`CacheError: Index "of" failed for object "mixed": ${must} an array with something else`);
  expect(why('none')).toBe(`CacheError: Index "of" failed for object "none": ${must} null`);
  expect(why('object')).toBe(`CacheError: Index "of" failed for object "object": ${must} object`);
  expect(why('other')).toBe('added');
});

test('Indexer finds nothing under an empty uid, nor under fields that are there without a value', () => {
  const indexer = new Indexer<Machine>({}, { indexes: { uid: 'metadata.uid', node: 'spec.node' } });
  indexer.add(machine('a', { uid: '', spec: { node: undefined } }));
  expect([indexer.indexValues('uid'), indexer.indexValues('node')]).toEqual([[], []]);
});

test('Indexer whose keys are not namespace and name reads both from the objects', () => {
  const keyOf = ({ metadata }: Machine): string => `machine/of/${metadata.uid}`;
  const indexer = new Indexer<Machine>({}, { keyOf, indexes: { name: 'metadata.name' } });
  indexer.add(machine('ns/a', { uid: '7' }));
  expect(indexer.indexKeys('namespace', 'ns')).toEqual(['machine/of/7']);
  expect(indexer.indexKeys('name', 'a')).toEqual(['machine/of/7']);
});

test('Frozen: an index over a field does not freeze what nobody has read', () => {
  const indexer = new Indexer<Machine>({}, { indexes: { node: 'spec.node' } });
  const object = machine('a', { spec: { node: 'n1' } });
  indexer.add(object);
  expect(indexer.indexKeys('node', 'n1')).toEqual(['a']);
  expect(Object.isFrozen(object.spec)).toBe(false);
  expect([...indexer.byIndex('node', 'n1')].map(Object.isFrozen)).toEqual([true]);
});

test.each<[unknown, string]>([
  ['', '""'],
  [null, 'null'],
  [undefined, 'undefined'],
  [7, 'number'],
])('Indexer says what a key function returned instead of a key: %j', (key, got) => {
  const indexer = new Indexer<Machine>({}, { keyOf: () => key as string });
  expect(() => indexer.update(machine('a'))).toThrow(
    `Cannot update object: its key must be a non-empty string, got ${got}`,
  );
  expect(indexer.size).toBe(0);
});

test('Indexer takes objects that have no uid and no version yet', () => {
  const indexer = new Indexer<Machine>();
  indexer.add({ apiVersion: 'v1', kind: 'Machine', metadata: { name: 'a' }, spec: {} } as unknown as Machine);
  expect(indexer.item('a')).toMatchObject({ key: 'a', uid: '', resourceVersion: '' });
  expect(indexer.resourceVersion).toBe('');
});

test('Lister selects by labels among objects that have no metadata', () => {
  const indexer = new Indexer<{ readonly id: string }>({}, { keyOf: ({ id }) => id });
  indexer.add({ id: 'a' });
  const lister = new Lister(indexer);
  expect([...lister.list({ labelSelector: 'app=web' })]).toEqual([]);
  expect([...lister.list({ labelSelector: '!app' })]).toEqual([{ id: 'a' }]);
});

test('Indexer lets go of what its storage holds when objects change, go or are replaced', async () => {
  const indexer = new Indexer<Machine>({ storage: new TextStorage() });
  const bytes = (...keys: readonly string[]): number =>
    keys.reduce((sum, key) => sum + JSON.stringify(machine(key)).length, 0);
  indexer.add(machine('a'));
  indexer.add(machine('b'));
  indexer.update(machine('a'));
  expect(indexer.sizeBytes).toBe(bytes('a', 'b'));
  indexer.delete('b');
  expect(indexer.sizeBytes).toBe(bytes('a'));
  const replacement = indexer.replace();
  replacement.put([machineItem('c'), machineItem('long-name'), machineItem('c')]);
  replacement.remove('long-name');
  await replacement.commit('2');
  expect(indexer.sizeBytes).toBe(bytes('c'));
});

test('Smooth: Indexer gives way no more often than its slices need, and also between steps that remove', async () => {
  const clock = new SteppingClock();
  const indexer = new Indexer<Machine>({ clock });
  const count = 1_920; // each look at this clock takes 1 ms: 96 objects a slice, so 20 slices in each pass
  const commit = async (fill: (replacement: ReturnType<Indexer<Machine>['replace']>) => void): Promise<number> => {
    clock.turns = 0;
    const replacement = indexer.replace();
    fill(replacement);
    await replacement.commit('1');
    return clock.turns;
  };
  const items = Array.from({ length: count }, (_, i) => machineItem(`m-${i}`));
  const first = await commit((replacement) => replacement.put(items));
  expect([first > 2 * 19, first < 2 * 21]).toEqual([true, true]); // staging, one index
  const again = await commit((replacement) => replacement.put(items));
  expect([again > 3 * 19, again < 3 * 21]).toEqual([true, true]); // and the comparison with what was there
  clock.turns = 0;
  await indexer.addIndex('node', 'spec.node');
  expect([clock.turns > 19, clock.turns < 22]).toEqual([true, true]); // and one turn at its end
  const emptied = await commit((replacement) => {
    for (let i = 0; i < count; i++) replacement.remove(`m-${i}`);
  });
  expect([emptied > 2 * 19, emptied < 2 * 21]).toEqual([true, true]); // the steps, and the comparison
});

test('Indexer throws all errors of its listeners as one that says whose they are', () => {
  const indexer = new Indexer<Machine>();
  for (const text of ['one', 'two']) {
    indexer.onCommit({
      committed() {
        throw new Error(text);
      },
    });
  }
  expect(() => indexer.add(machine('a'))).toThrow(
    new AggregateError([new Error('one'), new Error('two')], 'Commit listeners failed'),
  );
});

test.each<[() => unknown, string]>([
  [
    () => new Indexer({ storage: {} as never }),
    'ports.storage must be a storage (an object with keep, at, drop, empty), got an object',
  ],
  [() => new Indexer({ clock: {} as never }), 'ports.clock must be a clock (an object with monotonic, turn), got'],
  [
    () => new Indexer().onCommit({} as never),
    'listener must be a commit listener (an object with committed), got an object',
  ],
  [
    () => new Lister({} as never),
    'indexer must be a cache (an object with get, list, byIndex, items, itemsByIndex), got an object',
  ],
  [
    () => new Lister(new Indexer()).list({ labelSelector: 5 as never }),
    'query.labelSelector must be a string or a label selector (an object with matches), got 5',
  ],
  [
    () => new Indexer<Machine>().add(machine('')),
    'Cannot add object: metadata.name must be a non-empty string, got ""',
  ],
  [() => new Indexer().itemsByIndex('nope', 'x'), 'Index "nope" does not exist (there are "namespace")'],
  [() => new Indexer().itemsByIndex('namespace', 5 as never), 'Cannot find items: value must be a string, got 5'],
  [
    () => new Indexer<Machine>().index('namespace', machine('')),
    'Cannot find objects: metadata.name must be a non-empty string, got ""',
  ],
])('What a port or query lacks is named in full (%#)', (call, message) => {
  expect(call).toThrow(message);
});
