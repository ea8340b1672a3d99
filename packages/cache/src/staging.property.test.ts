import type { Item, Replacement } from '@bowline/apimachinery';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deleted, type Machine, machineItem, modified } from './doubles.fixture.ts';
import { Indexer } from './indexer.ts';
import type { CacheClock, Storage } from './ports.ts';

/** What all storages of one cache were asked for, and what of it breaks the rules. */
class Ledger {
  readonly storages = new Set<StrictStorage>();
  readonly broken: string[] = [];
}

/** Holds what it keeps until that is dropped, once, or it is released, once. */
class StrictStorage implements Storage<Machine> {
  readonly sizeBytes = 0;
  readonly held = new Map<number, Item<Machine>>();
  readonly #ledger: Ledger;
  #slots = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    ledger.storages.add(this);
  }

  keep(slot: number, { key, uid, resourceVersion, object }: Item<Machine>): void {
    this.#mustBeUsed('keep');
    const before = this.held.get(slot);
    if (before !== undefined && before.key !== key) this.#ledger.broken.push(`${key} in the slot of ${before.key}`);
    if (slot > this.#slots) this.#ledger.broken.push(`slot ${slot} after ${this.#slots} others`);
    this.#slots = Math.max(this.#slots, slot + 1);
    this.held.set(slot, { key, uid, resourceVersion, object });
  }

  at(slot: number): Item<Machine> | undefined {
    return this.held.get(slot);
  }

  drop(slot: number): void {
    this.#mustBeUsed('drop');
    if (!this.held.delete(slot)) this.#ledger.broken.push(`drop of ${slot}, which is not held`);
  }

  empty(): Storage<Machine> {
    return new StrictStorage(this.#ledger);
  }

  release(): void {
    this.#mustBeUsed('release');
    this.#ledger.storages.delete(this);
  }

  #mustBeUsed(call: string): void {
    if (!this.#ledger.storages.has(this)) this.#ledger.broken.push(`${call} after release`);
  }
}

/** Every look at it takes as long as a slice, and turns come when the test says so. */
class HeldClock implements CacheClock {
  readonly #waiting: (() => void)[] = [];
  #now = 0;

  monotonic(): number {
    this.#now += 4;
    return this.#now;
  }

  turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async next(): Promise<void> {
    for (const resolve of this.#waiting.splice(0)) resolve();
    for (let i = 0; i < 20; i++) await Promise.resolve();
  }
}

const key = fc.integer({ min: 0, max: 79 }).map((i) => `m-${i}`);
/** All but `abort` are of the last replacement. */
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant('replace' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('put' as const), keys: fc.array(key, { maxLength: 100, size: 'max' }) }),
  },
  fc.record({ type: fc.constantFrom('remove' as const, 'keep' as const), key }),
  { weight: 3, arbitrary: fc.record({ type: fc.constant('commit' as const) }) },
  fc.record({ type: fc.constant('abandon' as const) }),
  { weight: 3, arbitrary: fc.record({ type: fc.constant('abort' as const), before: fc.nat({ max: 2 }) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('apply' as const), key, isDeletion: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('turn' as const) }) },
);

interface Staged {
  readonly replacement: Replacement<Machine>;
  readonly stop: AbortController;
  isOpen: boolean;
}

test('Staging lets go of each storage once, and drops each item once, whatever is begun, given up and changed meanwhile', async () => {
  const count = { committed: 0, failed: 0 };
  const histories = fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
    const clock = new HeldClock();
    const ledger = new Ledger();
    const given = new StrictStorage(ledger);
    ledger.storages.delete(given); // others are made of it, and it holds nothing itself
    const indexer = new Indexer<Machine>({ storage: given, clock });
    const mirror = new Map<string, string>();
    indexer.onCommit({
      committed(transitions) {
        for (const { key, old, new: now } of transitions) {
          if (mirror.has(key) !== (old !== undefined)) ledger.broken.push(`old state of ${key}`);
          if (now) mirror.set(key, now.resourceVersion);
          else mirror.delete(key);
        }
      },
    });
    let version = 0;
    const all: Staged[] = [];
    const commits: Promise<unknown>[] = [];
    for (const each of steps) {
      const staged = all.at(-1);
      if (each.type === 'turn') await clock.next();
      else if (each.type === 'apply') {
        const resourceVersion = ++version;
        const make = each.isDeletion ? deleted : modified;
        indexer.apply([make(each.key, { resourceVersion })], String(resourceVersion));
      } else if (each.type === 'replace') {
        all.push({ replacement: indexer.replace(), stop: new AbortController(), isOpen: true });
      } else if (each.type === 'abort') all.at(-1 - each.before)?.stop.abort(new Error('stop'));
      else if (!staged?.isOpen) continue;
      else if (each.type === 'put') {
        staged.replacement.put(each.keys.map((key) => machineItem(key, { resourceVersion: ++version })));
      } else if (each.type === 'commit') {
        staged.isOpen = false;
        const done = staged.replacement.commit(String(++version), staged.stop.signal);
        commits.push(
          done.then(
            () => count.committed++,
            () => count.failed++,
          ),
        );
      } else if (each.type === 'abandon') {
        staged.isOpen = false;
        staged.replacement.abandon?.();
      } else if (each.type === 'remove') staged.replacement.remove(each.key);
      else staged.replacement.keep?.(each.key);
    }
    all.at(-1)?.replacement.abandon?.();
    let isSettled = false;
    void Promise.all(commits).then(() => {
      isSettled = true;
    });
    for (let turns = 0; !isSettled && turns < 1_000; turns++) await clock.next();
    expect(isSettled).toBe(true);
    expect(ledger.broken).toEqual([]);
    const [storage] = ledger.storages;
    expect(ledger.storages.size).toBe(1);
    const held = new Set(storage?.held.values());
    expect([...indexer.items()].every((item) => held.has(item))).toBe(true);
    expect(storage?.held.size).toBe(indexer.size);
    expect(new Map(Array.from(indexer.items(), (item) => [item.key, item.resourceVersion]))).toEqual(mirror);
  });
  await fc.assert(histories, { numRuns: 1_500 });
  expect(Math.min(count.committed, count.failed)).toBeGreaterThan(200);
});
