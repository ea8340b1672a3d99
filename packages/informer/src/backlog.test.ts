import type { Item, Transition } from '@bowline/apimachinery';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Backlog } from './backlog.ts';

type T = Transition<string>;

function item(key: string, version: number, uid: string = 'u'): Item<string> {
  return { key, uid, resourceVersion: String(version), object: `${key}@${version}` };
}

const add = (now: Item<string>, initial = false): T => ({ key: now.key, new: now, initial, finalStateUnknown: false });
const update = (old: Item<string>, now: Item<string>): T => ({
  key: now.key,
  old,
  new: now,
  initial: false,
  finalStateUnknown: false,
});
const remove = (old: Item<string>, finalStateUnknown = false): T => ({
  key: old.key,
  old,
  initial: false,
  finalStateUnknown,
});

const format = ({ old, new: now, initial, finalStateUnknown }: T): string =>
  [old?.object, '>', now?.object, initial && 'initial', finalStateUnknown && 'unseen'].filter(Boolean).join(' ');

function drain(backlog: Backlog<string>): string[] {
  const seen: string[] = [];
  for (let next = backlog.shift(); next; next = backlog.shift()) seen.push(format(next));
  return seen;
}

const a1 = item('a', 1);
const a2 = item('a', 2);
const a3 = item('a', 3);
const b1 = item('b', 1);

describe('Backlog', () => {
  test('Backlog gives changes in their order, and counts them', () => {
    const backlog = new Backlog<string>(100);
    backlog.push([add(a1, true), add(b1)]);
    backlog.push([update(a1, a2)]);
    backlog.push([]);
    expect(backlog.size).toBe(3);
    expect(drain(backlog)).toEqual(['> a@1 initial', '> b@1', 'a@1 > a@2']);
    expect(backlog.size).toBe(0);
  });

  test('Backlog leaves out updates that change nothing', () => {
    const backlog = new Backlog<string>(100);
    backlog.push([update(a1, item('a', 1)), update(a1, a2)]);
    expect(drain(backlog)).toEqual(['a@1 > a@2']);
  });

  test('Backlog makes a deletion and an addition of an object with another uid under the same key', () => {
    const backlog = new Backlog<string>(100);
    backlog.push([update(a1, item('a', 1, 'other'))]);
    expect(format(backlog.shift() as T)).toBe('a@1 > unseen');
    expect(backlog.size).toBe(1);
    expect(drain(backlog)).toEqual(['> a@1']);
  });

  test('Backlog gives a snapshot as additions or as updates', () => {
    const backlog = new Backlog<string>(100);
    backlog.pushSnapshot([a1, b1], 2, 'initial');
    backlog.pushSnapshot([a1], 1, 'resync');
    backlog.pushSnapshot([], 0, 'resync');
    expect(backlog.size).toBe(3);
    expect(drain(backlog)).toEqual(['> a@1 initial', '> b@1 initial', 'a@1 > a@1']);
  });

  test('Backlog counts what joins or is read again as waiting, but not as changes', () => {
    const backlog = new Backlog<string>(100);
    backlog.pushSnapshot([a1, b1], 2, 'initial');
    backlog.push([]);
    backlog.push([add(item('c', 2))]);
    backlog.pushSnapshot([a1, b1], 5, 'resync'); // of which three are gone when their time comes
    const counts: (readonly [number, number])[] = [[backlog.size, backlog.changes]];
    while (backlog.shift()) counts.push([backlog.size, backlog.changes]);
    counts.push([backlog.size, backlog.changes]);
    expect(counts).toEqual([
      [8, 1],
      [7, 1],
      [6, 1],
      [5, 0],
      [4, 0],
      [3, 0],
      [0, 0],
    ]);
    backlog.pushSnapshot([], 0, 'resync');
    backlog.push([add(a1), add(b1)]);
    backlog.clear();
    expect([backlog.size, backlog.changes, backlog.shift()]).toEqual([0, 0, undefined]);
  });

  test('Backlog says of an object that came while it was full, and changed, that it joined only if it did', () => {
    const backlog = new Backlog<string>(0);
    backlog.push([add(a1, true)]);
    backlog.push([update(a1, a2)]);
    backlog.push([add(b1)]);
    backlog.push([update(b1, item('b', 2))]);
    expect(drain(backlog)).toEqual(['> a@2 initial', '> b@2']);
  });

  test('Backlog passes a marker when what was before it has been dealt with', () => {
    const backlog = new Backlog<string>(100);
    const passed: string[] = [];
    backlog.pushMarker(() => passed.push('first'));
    backlog.push([add(a1)]);
    backlog.pushMarker(() => passed.push('second'));
    backlog.push([add(b1)]);
    expect(backlog.shift(false)).toBeUndefined();
    expect(passed).toEqual([]);
    backlog.shift();
    expect(passed).toEqual(['first']);
    expect(backlog.shift(false)).toBeUndefined();
    expect(passed).toEqual(['first']);
    backlog.shift();
    expect(passed).toEqual(['first', 'second']);
  });

  test.each([
    ['updates', [update(a1, a2), update(a2, a3)], ['a@1 > a@3']],
    ['an addition and an update', [add(a1, true), update(a1, a2)], ['> a@2 initial']],
    ['an addition and a deletion', [add(a1), remove(a1)], []],
    ['an update and a deletion', [update(a1, a2), remove(a3)], ['a@3 >']],
    ['a deletion and an addition', [remove(a1), add(item('a', 9, 'other'))], ['a@1 > unseen', '> a@9']],
    [
      'a deletion, an addition and a deletion',
      [remove(a1), add(item('a', 9, 'other')), remove(item('a', 9, 'other'))],
      ['a@1 > unseen'],
    ],
  ])('Backlog merges %s of one object when it is full', (_, transitions, expected) => {
    const backlog = new Backlog<string>(1);
    backlog.push([add(b1)]);
    for (const transition of transitions) backlog.push([transition]);
    expect(backlog.isMerging).toBe(true);
    expect(backlog.merged).toBe(transitions.length - 1);
    expect(drain(backlog)).toEqual(['> b@1', ...expected]);
    expect(backlog.size).toBe(0);
  });

  test('Backlog stays as small as the number of objects', () => {
    const backlog = new Backlog<string>(10);
    for (let version = 1; version < 10_000; version++) {
      const key = `k${version % 7}`;
      backlog.push([update(item(key, version), item(key, version + 7))]);
    }
    expect(backlog.size).toBe(17);
  });

  test('Backlog keeps a big batch as it came, so that taking it is quick, and merges the next', () => {
    const backlog = new Backlog<string>(1);
    const batch = Array.from({ length: 10_000 }, (_, index) => add(item(`k${index}`, 1)));
    backlog.push([add(a1)]);
    backlog.push(batch);
    expect(backlog.isMerging).toBe(false);
    expect(backlog.size).toBe(10_001);
    for (let round = 0; round < 5; round++) backlog.push(batch);
    expect(backlog.isMerging).toBe(true);
    expect(backlog.size).toBe(20_001);
  });

  test('Backlog forgets all, and lets go of snapshots', () => {
    let returned = false;
    const items = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: a1 }),
        return: () => {
          returned = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const backlog = new Backlog<string>(10);
    backlog.push([add(b1)]);
    backlog.pushSnapshot(items as Iterable<Item<string>>, 5, 'resync');
    backlog.clear();
    expect(returned).toBe(true);
    expect(backlog.size).toBe(0);
    expect(backlog.shift()).toBeUndefined();
  });

  test('Backlog tells a story that fits together and ends at the present, however little it may keep', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ do: fc.constant('put' as const), key: fc.constantFrom('a', 'b', 'c') }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), key: fc.constantFrom('a', 'b', 'c') }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('replace' as const), key: fc.constantFrom('a', 'b', 'c') }) },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constantFrom('shift' as const, 'resync' as const), key: fc.constant('') }),
      },
    );
    let count = 0;
    const histories = fc.array(step, { minLength: 60, maxLength: 60, size: 'max' });
    const tellsTheTruth = (Kind: typeof Backlog<string>) =>
      fc.property(fc.integer({ min: 1, max: 5 }), histories, (limit, steps) => {
        const backlog = new Kind(limit);
        const truth = new Map<string, Item<string>>();
        const told = new Map<string, Item<string>>();
        let version = 0;
        const tell = (transition: T | undefined): void => {
          if (!transition) return;
          const { key, old, new: now } = transition;
          const known = told.get(key);
          expect(known !== undefined).toBe(old !== undefined); // updates and deletions only of what is known
          if (old && now) expect(now.uid).toBe(known?.uid);
          if (now) expect(Number(now.resourceVersion)).toBeGreaterThanOrEqual(Number(known?.resourceVersion ?? 0));
          if (now) told.set(key, now);
          else told.delete(key);
        };
        for (const { do: action, key } of steps) {
          version += 1;
          count += 1;
          const old = truth.get(key);
          if (action === 'put' || action === 'replace') {
            const now = item(key, version, action === 'put' && old ? old.uid : `uid-${version}`);
            truth.set(key, now);
            backlog.push([old ? update(old, now) : add(now)]);
          } else if (action === 'delete' && old) {
            truth.delete(key);
            backlog.push([remove(old)]);
          } else if (action === 'resync') backlog.pushSnapshot([...truth.values()], truth.size, 'resync');
          else if (action === 'shift') tell(backlog.shift());
        }
        for (let next = backlog.shift(); next; next = backlog.shift()) tell(next);
        expect([...told.values()].map(({ object }) => object).sort()).toEqual(
          [...truth.values()].map(({ object }) => object).sort(),
        );
        expect(backlog.size).toBe(0);
      });
    fc.assert(tellsTheTruth(Backlog), { numRuns: 1_000 });
    console.log(`Backlog: ${count.toLocaleString('en-US')} random steps`);
    expect(count).toBeGreaterThanOrEqual(50_000);
    class Forgetful extends Backlog<string> {
      override push(transitions: readonly T[]): void {
        super.push(this.size === 3 ? [] : transitions);
      }
    }
    expect(fc.check(tellsTheTruth(Forgetful), { numRuns: 100, seed: 1, endOnFailure: true }).failed).toBe(true);
  });
});
