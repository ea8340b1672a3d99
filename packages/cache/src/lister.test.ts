import { LabelSelector } from '@bowline/apimachinery';
import { encodedItem } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { countingItem, type Machine, type MachineFields, machine, storages, TestEncoding } from './doubles.fixture.ts';
import { Indexer } from './indexer.ts';
import { Lister, type ListerQuery } from './lister.ts';
import { packedStorage } from './packed/packed-storage.ts';
import { plainStorage } from './plain-storage.ts';
import type { Storage } from './ports.ts';

const items = [
  countingItem('x/a', { labels: { app: 'web' } }),
  countingItem('x/b', { labels: { app: 'api' } }),
  countingItem('y/a', { labels: { app: 'web' } }),
  countingItem('z/a'),
  countingItem('global', { labels: { app: 'web' } }),
];

function setUp(storage: Storage<Machine> = plainStorage()): Lister<Machine> {
  const indexer = new Indexer<Machine>({ storage });
  indexer.apply(
    items.map((item) => ({ type: 'added' as const, item })),
    '1',
  );
  return new Lister(indexer);
}

function reads(): number {
  return items.reduce((sum, item) => sum + item.reads, 0);
}

describe.each(storages)('with %s', (_, storage) => {
  test('Lister.get finds an object by name or key, and says undefined for one that is not there', () => {
    const lister = setUp(storage());
    expect(lister.get('x/a')?.metadata.namespace).toBe('x');
    expect(lister.get({ namespace: 'y', name: 'a' })?.metadata.namespace).toBe('y');
    expect(lister.get({ name: 'global' })?.metadata.name).toBe('global');
    expect(lister.get({ namespace: 'x', name: 'c' })).toBeUndefined();
  });

  test.each<[ListerQuery | undefined, string[]]>([
    [undefined, ['/global', 'x/a', 'x/b', 'y/a', 'z/a']],
    [{ namespace: '' }, ['/global', 'x/a', 'x/b', 'y/a', 'z/a']],
    [{ namespace: 'x' }, ['x/a', 'x/b']],
    [{ namespace: 'none' }, []],
    [{ labelSelector: 'app=web' }, ['/global', 'x/a', 'y/a']],
    [{ namespace: 'x', labelSelector: LabelSelector.from({ matchLabels: { app: 'web' } }) }, ['x/a']],
    [{ labelSelector: '!app' }, ['z/a']],
    [{ labelSelector: LabelSelector.everything }, ['/global', 'x/a', 'x/b', 'y/a', 'z/a']],
  ])('Lister.list of %o', (query, keys) => {
    const found = Array.from(
      setUp(storage()).list(query),
      ({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`,
    );
    expect(found.sort()).toEqual(keys);
  });
});

test('Lazy: Lister.list reads only the namespace that is asked for, and nothing for a selector that matches nothing', () => {
  const lister = setUp();
  const before = reads();
  expect([...lister.list({ labelSelector: LabelSelector.nothing })]).toEqual([]);
  expect(reads()).toBe(before);
  expect([...lister.list({ namespace: 'x', labelSelector: 'app=web' })]).toHaveLength(1);
  expect(reads()).toBe(before + 1);
});

test('Lazy: indexes by path and label selectors read the bytes of packed and plain items, and decode only what they find', () => {
  for (const storage of [packedStorage<Machine>(), plainStorage<Machine>()]) {
    const encoding = new TestEncoding();
    const indexer = new Indexer<Machine>({ storage }, { indexes: { node: 'spec.node', size: 'spec.disks.sizeGiB' } });
    const change = (key: string, fields: MachineFields) => ({
      type: 'added' as const,
      item: encodedItem(machine(key, fields), { encoding, after: 5_000 }),
    });
    const disks = [{ class: 'ssd', sizeGiB: 10 }];
    indexer.apply([change('x/a', { labels: { app: 'web' }, spec: { node: 'n1', disks } }), change('x/b', {})], '1');
    const lister = new Lister(indexer);
    expect([indexer.indexKeys('node', 'n1'), indexer.indexKeys('size', '10')]).toEqual([['x/a'], ['x/a']]);
    expect([...lister.list({ labelSelector: 'app=api' })]).toEqual([]);
    expect(Array.from(indexer.itemsByIndex('node', 'n1'), ({ key }) => key)).toEqual(['x/a']);
    expect(encoding.objects).toBe(0);
    for (const namespace of ['x', undefined])
      expect([...lister.list({ namespace, labelSelector: 'app=web' })]).toHaveLength(1);
    expect(encoding.objects).toBe(1);
  }
});

test('Lister.list refuses a selector that cannot be parsed at once', () => {
  expect(() => setUp().list({ labelSelector: 'a in' })).toThrow(
    `Cannot list objects: query.labelSelector must be a selector in kubectl's syntax, got "a in"; unable to parse requirement: found '' expected: '('`,
  );
});

test('Lister refuses what plain JavaScript may call it with', () => {
  const lister = setUp();
  const none = undefined as never;
  const bad: [() => unknown, string][] = [
    [() => new Lister(none), 'Cannot create lister: indexer must be a cache (an object with get, list'],
    [() => new Lister({} as never), 'Cannot create lister: indexer must be a cache (an object with get, list'],
    [() => lister.get(none), 'Cannot get object: key must be a string or an object, got undefined'],
    [() => lister.get({} as never), 'Cannot get object: key.name must be a non-empty string, got undefined'],
    [() => lister.get({ namespace: 'x', name: '' }), 'Cannot get object: key.name must be a non-empty string, got ""'],
    [() => lister.list('x' as never), 'Cannot list objects: query must be an object, got "x"'],
    [() => lister.list({ nameSpace: 'x' } as never), 'got "nameSpace"; did you mean "namespace"?'],
    [() => lister.list({ namespace: 5 as never }), 'Cannot list objects: query.namespace must be a string, got 5'],
    [
      () => lister.list({ labelSelector: { app: 'web' } as never }),
      'Cannot list objects: query.labelSelector must be a string or a label selector (an object with',
    ],
  ];
  for (const [call, message] of bad) expect(call).toThrow(message);
});

test('Lister refuses keys and namespaces that no object of a known scope has', () => {
  const indexer = new Indexer<Machine>();
  indexer.apply(
    items.map((item) => ({ type: 'added' as const, item })),
    '1',
  );
  const namespaced = new Lister(indexer, { scope: 'Namespaced' });
  const cluster = new Lister(indexer, { scope: 'Cluster' });
  expect(namespaced.get('x/a')).toBe(namespaced.get({ namespace: 'x', name: 'a' }));
  expect(namespaced.get('x/none')).toBeUndefined();
  expect(cluster.get('none')).toBeUndefined();
  expect(cluster.get({ namespace: '', name: 'global' })).toBe(cluster.get('global'));
  expect([...cluster.list({ namespace: '', labelSelector: 'app=web' })]).toHaveLength(3);
  const inNamespace = 'key must be "namespace/name" or { namespace, name }, as the objects live in namespaces, got ';
  const inNone = 'key must be a name without a namespace, as the objects are cluster-scoped, got ';
  const bad: [() => unknown, string][] = [
    [() => namespaced.get('a'), `Cannot get object: ${inNamespace}"a"`],
    [() => namespaced.get({ name: 'a' }), `Cannot get object: ${inNamespace}"a"`],
    [() => namespaced.get('x/a/b'), `Cannot get object: ${inNamespace}"x/a/b"`],
    [() => namespaced.get('x/'), `Cannot get object: ${inNamespace}"x/"`],
    [() => namespaced.get(''), `Cannot get object: ${inNamespace}""`],
    [() => cluster.get('x/b2'), `Cannot get object: ${inNone}"x/b2"`],
    [() => cluster.get({ namespace: 'x', name: 'b2' }), `Cannot get object: ${inNone}"x/b2"`],
    [() => cluster.get(''), `Cannot get object: ${inNone}""`],
    [
      () => cluster.list({ namespace: 'x' }),
      'Cannot list objects: query.namespace must be absent, as the objects are cluster-scoped, got "x"',
    ],
  ];
  for (const [call, message] of bad) expect(call).toThrow(new RangeError(message));
  expect(() => new Lister(indexer, { scope: 'cluster' as never })).toThrow('scope must be "Namespaced" or "Cluster"');
  expect(() => namespaced.get({ namespace: 5 as never, name: 'a' })).toThrow('key.namespace must be a string, got 5');
});
