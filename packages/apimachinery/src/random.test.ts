import { describe, expect, test } from 'vitest';
import { fixedRandom, seededRandom } from './seeded-random.ts';
import { systemRandom } from './system-random.ts';

const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('systemRandom gives numbers in [0, 1) and version 4 UUIDs', () => {
  expect(systemRandom.next()).toBeLessThan(1);
  expect(systemRandom.uuid()).toMatch(uuidV4);
});

describe('seededRandom', () => {
  test('Repeatable: the same seed gives the same numbers and identifiers', () => {
    const draw = (seed: number | string) => {
      const random = seededRandom(seed);
      return [random.next(), random.uuid(), random.next()];
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw('a')).toEqual(draw('a'));
    expect(draw(1)).toEqual([0.8339096653713082, 'fe2b5441-fd52-47f5-8cb0-5d01fb978827', 0.29197783951998646]);
  });

  test('is uniform in [0, 1)', () => {
    const random = seededRandom(3);
    const buckets = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 20_000; draw++) {
      const bucket = Math.floor(random.next() * 10);
      buckets[bucket] = (buckets[bucket] ?? Number.NaN) + 1;
    }
    expect(buckets).toHaveLength(10);
    for (const count of buckets) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });

  test('makes version 4 UUIDs that differ', () => {
    const random = seededRandom(1);
    const uuids = new Set(Array.from({ length: 1_000 }, () => random.uuid()));
    expect(uuids.size).toBe(1_000);
    for (const uuid of uuids) expect(uuid).toMatch(uuidV4);
  });
});

test('fixedRandom always gives its number, and identifiers that count', () => {
  const random = fixedRandom(0.5);
  expect([random.next(), random.next()]).toEqual([0.5, 0.5]);
  expect([random.uuid(), random.uuid()]).toEqual([
    '00000000-0000-4000-8000-000000000001',
    '00000000-0000-4000-8000-000000000002',
  ]);
  expect(() => fixedRandom(1)).toThrow('value must be in [0, 1), got 1');
});
