import { FakeClock } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { type Machine, machine } from './doubles.fixture.ts';
import { ExpirationCache, type ExpirationCacheOptions } from './expiration-cache.ts';

function setUp(ttlMs: ExpirationCacheOptions<Machine>['ttlMs'] = 100): {
  readonly clock: FakeClock;
  readonly cache: ExpirationCache<Machine>;
} {
  const clock = new FakeClock();
  return { clock, cache: new ExpirationCache<Machine>({ clock }, { ttlMs }) };
}

test('Expiry: ExpirationCache holds an object until its time has passed, and then neither gets, lists nor deletes it', async () => {
  const { clock, cache } = setUp();
  cache.add(machine('x/a'));
  await clock.advance(100);
  expect(cache.get('x/a')?.metadata.name).toBe('a');
  expect([cache.keys(), cache.list().length, cache.size]).toEqual([['x/a'], 1, 1]);
  await clock.advance(1);
  expect(cache.get('x/a')).toBeUndefined();
  expect([cache.keys(), cache.list(), cache.size]).toEqual([[], [], 0]);
  expect(cache.delete('x/a')).toBe(false);
});

test('ExpirationCache.delete says whether there was an object that had not expired', async () => {
  const { clock, cache } = setUp();
  cache.add(machine('a'));
  expect([cache.delete('a'), cache.delete('a')]).toEqual([true, false]);
  cache.add(machine('a'));
  await clock.advance(101);
  expect(cache.delete('a')).toBe(false);
});

test('Expiry: the time of an object begins anew when it is added again, expired or not', async () => {
  const { clock, cache } = setUp();
  cache.add(machine('a', { resourceVersion: 1 }));
  await clock.advance(60);
  cache.add(machine('a', { resourceVersion: 2 }));
  await clock.advance(60);
  expect(cache.get('a')?.metadata.resourceVersion).toBe('2');
  await clock.advance(60);
  expect(cache.get('a')).toBeUndefined();
  cache.add(machine('a', { resourceVersion: 3 }));
  await clock.advance(100);
  expect(cache.get('a')?.metadata.resourceVersion).toBe('3');
});

test('Expiry: ExpirationCache.list has what lives on, oldest first, and replace begins the time of all anew', async () => {
  const { clock, cache } = setUp();
  cache.replace([machine('a'), machine('b'), machine('c')]);
  await clock.advance(60);
  cache.add(machine('a'));
  expect(cache.keys()).toEqual(['b', 'c', 'a']);
  await clock.advance(60);
  expect(cache.list().map(({ metadata }) => metadata.name)).toEqual(['a']);
  cache.replace([machine('d'), machine('e')]);
  await clock.advance(100);
  expect(cache.keys()).toEqual(['d', 'e']);
});

test('Expiry: each object may have its own lifetime, which is asked for when it is added', async () => {
  const { clock, cache } = setUp(({ metadata }) => Number(metadata.labels?.ttl ?? Infinity));
  cache.add(machine('ever'));
  cache.add(machine('short', { labels: { ttl: '10' } }));
  cache.add(machine('long', { labels: { ttl: '1000' } }));
  await clock.advance(11);
  expect(cache.keys()).toEqual(['ever', 'long']);
  await clock.advance(1_000_000);
  expect(cache.keys()).toEqual(['ever']);
});

test('Expiry: ExpirationCache that is only added to does not grow, and sets no timer', () => {
  let now = 0;
  const cache = new ExpirationCache<Machine>({ clock: { monotonic: () => now } }, { ttlMs: 5 });
  cache.replace([machine('a'), machine('b')]);
  now = 6;
  cache.add(machine('c'));
  now = 0; // nothing has expired, so what is missing was dropped by the addition
  expect(cache.keys()).toEqual(['c']);
});

test('Expiry: an addition leaves what is at the last moment of its time', () => {
  let now = 0;
  const cache = new ExpirationCache<Machine>({ clock: { monotonic: () => now } }, { ttlMs: 5 });
  cache.add(machine('a'));
  now = 5;
  cache.add(machine('b'));
  expect(cache.keys()).toEqual(['a', 'b']);
  expect(cache.delete('a')).toBe(true);
});

test('Frozen: what ExpirationCache hands out is frozen in depth', () => {
  const { cache } = setUp();
  cache.add(machine('a', { spec: { tags: ['red'] } }));
  expect(Object.isFrozen(cache.get('a')?.spec.tags)).toBe(true);
  expect(Object.isFrozen(cache.list()[0]?.spec)).toBe(true);
});

test('ExpirationCache holds any objects by a key function', () => {
  const cache = new ExpirationCache<{ readonly user: string }>({}, { ttlMs: Infinity, keyOf: ({ user }) => user });
  cache.add({ user: 'ada' });
  expect([cache.get('ada'), cache.get('bob')]).toEqual([{ user: 'ada' }, undefined]);
  expect(() => cache.add({ user: '' })).toThrow(expect.objectContaining({ code: 'APIMACHINERY_KEY_INVALID' }));
});

test('ExpirationCache.replace with an object that has no key changes nothing', () => {
  const { cache } = setUp();
  cache.add(machine('a'));
  expect(() => cache.replace([machine('b'), { metadata: {} } as Machine])).toThrow(TypeError);
  expect(cache.keys()).toEqual(['a']);
});

const bad = undefined as never;
const make = (ports: unknown, options: unknown): unknown => new ExpirationCache(ports as never, options as never);
test.each<[() => unknown, ErrorConstructor, string]>([
  [
    () => make(undefined, { ttlMs: 1 }),
    TypeError,
    'Cannot create expiration cache: ports must be an object, got undefined',
  ],
  [
    () => make({ clock: {} }, { ttlMs: 1 }),
    TypeError,
    'ports.clock must be a clock (an object with monotonic), got an object',
  ],
  [() => make({}, undefined), TypeError, 'options must be an object, got undefined'],
  [() => make({}, {}), TypeError, 'ttlMs must be more than 0 or a function, got undefined'],
  [() => make({}, { ttl: 1 }), TypeError, 'got "ttl"; did you mean "ttlMs"?'],
  [() => make({}, { ttlMs: 0 }), RangeError, 'ttlMs must be more than 0 or a function, got 0'],
  [() => make({}, { ttlMs: Number.NaN }), RangeError, 'ttlMs must be more than 0 or a function, got NaN'],
  [() => make({}, { ttlMs: 1, keyOf: 'name' }), TypeError, 'keyOf must be a function, got "name"'],
  [() => setUp(() => -1).cache.add(machine('a')), RangeError, 'Cannot add object: ttlMs must be more than 0, got -1'],
  [() => setUp(() => bad).cache.add(machine('a')), TypeError, 'ttlMs must be more than 0, got undefined'],
  [() => setUp().cache.add(bad), TypeError, 'Cannot add object: object must be an object, got undefined'],
  [() => setUp().cache.get(bad), TypeError, 'Cannot get object: key must be a string, got undefined'],
  [() => setUp().cache.delete(bad), TypeError, 'Cannot delete object: key must be a string, got undefined'],
  [() => setUp().cache.replace(bad), TypeError, 'Cannot replace objects: objects must be an array, got undefined'],
])('ExpirationCache refuses wrong arguments (%#)', (call, error, message) => {
  expect(call).toThrow(error);
  expect(call).toThrow(message);
});
