import type { Change, Item, Transition } from '@bowline/apimachinery';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Machine, machineItem, SteppingClock, storages, tinySlabs } from './doubles.fixture.ts';
import { Indexer } from './indexer.ts';

interface Entry {
  readonly version: number;
  readonly node: string | undefined;
  readonly tags: readonly string[];
}

const key = fc.integer({ min: 0, max: 149 }).map((i) => `ns-${i % 3}/m-${i}`);
const fields = fc.record({
  node: fc.option(fc.constantFrom('n1', 'n2', 'n3'), { nil: undefined }),
  tags: fc.array(fc.constantFrom('red', 'green', 'blue'), { maxLength: 3 }),
});
const change = fc.record({ key, fields, isDeletion: fc.boolean() });
const changes = fc.array(change, { maxLength: 5 });
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ type: fc.constant('apply' as const), changes }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('replace' as const),
      items: fc.uniqueArray(fc.record({ key, fields }), {
        selector: (each) => each.key,
        minLength: 50,
        maxLength: 150,
      }),
      removed: fc.array(key, { maxLength: 5 }),
      /** Changes that come while the commit is being prepared, by turn. */
      meanwhile: fc.array(fc.tuple(fc.integer({ min: 0, max: 8 }), changes), { maxLength: 4 }),
      isAborted: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('addIndex' as const), meanwhile: fc.array(changes, { maxLength: 4 }) }),
  },
);

/** `expect(…).toBe` is too slow for a million times. */
function same(got: unknown, expected: unknown): void {
  if (got !== expected) throw new Error(`got ${got} instead of ${expected}`);
}

/** What a listener is told, in words that are right for as long as the transition says the same. */
function words({ key, old, new: now, initial, finalStateUnknown }: Transition<Machine>): string {
  const said = [old, now].map((item) => item && [item.key, item.uid, item.resourceVersion, item.object.spec]);
  return JSON.stringify([key, said, initial, finalStateUnknown]);
}

function append(map: Map<string, string[]>, value: string, key: string): void {
  const keys = map.get(value);
  if (keys) keys.push(key);
  else map.set(value, [key]);
}

/** A cache equals a map that is searched from end to end, and what its listeners are told adds up to it. */
function histories(Cache: typeof Indexer<Machine>, count: { steps: number }) {
  const histories = fc.array(step, { maxLength: 60, size: 'max' });
  return fc.asyncProperty(
    histories,
    fc.constantFrom(...storages, ['tiny slabs', tinySlabs] as const),
    async (steps, [, makeStorage]) => {
      const clock = new SteppingClock();
      const tags = ({ spec }: Machine): readonly string[] | undefined => spec.tags;
      const indexer = new Cache({ storage: makeStorage(), clock }, { indexes: { node: 'spec.node', tags } });
      const model = new Map<string, Entry>();
      let version = 0;
      let names = ['node', 'tags'];

      // What listeners are told, put together, is the state of the cache, in the same turn.
      const mirror = new Map<string, string>();
      indexer.onCommit({
        committed(transitions) {
          for (const { key, old, new: now } of transitions) {
            same(old !== undefined, mirror.has(key));
            if (now) mirror.set(key, now.resourceVersion);
            else mirror.delete(key);
          }
          same(indexer.size, mirror.size);
          for (const [key, version] of mirror) same(indexer.item(key)?.resourceVersion, version);
        },
      });

      // Whoever begins in that turn may go on whenever he likes.
      const late: { readonly rest: Iterator<Transition<Machine>>; readonly told: readonly string[]; at: number }[] = [];
      indexer.onCommit({
        committed(transitions) {
          const told = Array.from(transitions, words);
          same(told.length, transitions.length);
          late.push({ rest: transitions[Symbol.iterator](), told, at: 0 });
        },
      });
      const readOn = (loops: number, steps: number): void => {
        for (const loop of late.splice(0, loops)) {
          for (let i = 0; i < steps && loop.at <= loop.told.length; i++) {
            const { value } = loop.rest.next();
            same(value && words(value), loop.told[loop.at++]);
          }
          if (loop.at <= loop.told.length) late.push(loop);
        }
      };

      const itemOf = (key: string, { node, tags }: Omit<Entry, 'version'>): Item<Machine> =>
        machineItem(key, { resourceVersion: ++version, spec: { node, tags } });
      const apply = (all: readonly { key: string; fields: Omit<Entry, 'version'>; isDeletion: boolean }[]): void => {
        count.steps += all.length;
        const made = all.map(({ key, fields, isDeletion }) => {
          const item = itemOf(key, fields);
          if (isDeletion) model.delete(key);
          else model.set(key, { ...fields, version });
          return isDeletion
            ? { type: 'deleted' as const, item, finalStateUnknown: false }
            : { type: 'modified' as const, item };
        });
        indexer.apply(made, String(version));
      };
      const check = (): void => {
        let seen = 0;
        for (const { key, resourceVersion } of indexer.items()) {
          same(Number(resourceVersion), model.get(key)?.version);
          seen++;
        }
        same(seen, model.size);
        for (const name of names) {
          const expected = new Map<string, string[]>();
          for (const [key, { node, tags }] of model) {
            const values = name === 'tags' ? new Set(tags) : node === undefined ? [] : [node];
            for (const value of values) append(expected, value, key);
          }
          same(indexer.indexValues(name).sort().join(), [...expected.keys()].sort().join());
          for (const [value, keys] of expected) {
            same(indexer.indexKeys(name, value).join(), keys.sort().join());
            const found = Array.from(indexer.byIndex(name, value), ({ metadata }) => metadata.name);
            same(
              found.sort().join(),
              keys
                .map((key) => key.slice(5))
                .sort()
                .join(),
            );
          }
        }
      };

      for (const each of steps) {
        count.steps++;
        if (each.type === 'apply') {
          apply(each.changes);
        } else if (each.type === 'addIndex') {
          const name = `node ${names.length}`;
          const loop = indexer.list()[Symbol.iterator]();
          const size = indexer.size;
          loop.next();
          let turns = 0;
          clock.onTurn = () => apply(each.meanwhile[turns++] ?? []);
          await indexer.addIndex(name, 'spec.node');
          clock.onTurn = () => {};
          names = [...names, name];
          let seen = size > 0 ? 1 : 0;
          while (!loop.next().done) seen++;
          same(seen, size);
        } else {
          const replacement = indexer.replace();
          const staged = new Map<string, Entry>();
          const items = each.items.map(({ key, fields }) => {
            const item = itemOf(key, fields);
            staged.set(key, { ...fields, version });
            return item;
          });
          replacement.put(items.slice(0, 70));
          replacement.put(items.slice(70));
          for (const key of each.removed) {
            replacement.remove(key);
            staged.delete(key);
          }
          const stop = new AbortController();
          const committed = String(++version);
          const before = new Map(model);
          const changed: string[] = [];
          let turns = 0;
          clock.onTurn = () => {
            for (const [turn, changes] of each.meanwhile) {
              if (turn !== turns) continue;
              apply(changes);
              changed.push(...changes.map(({ key }) => key));
            }
            if (each.isAborted && ++turns === 3) stop.abort(new Error('stop'));
            else if (!each.isAborted) turns++;
          };
          const isCommitted = await replacement.commit(committed, stop.signal).then(
            () => true,
            () => false,
          );
          clock.onTurn = () => {};
          if (isCommitted) {
            for (const key of before.keys()) if (!changed.includes(key)) model.delete(key);
            for (const [key, entry] of staged) if (!changed.includes(key)) model.set(key, entry);
          }
        }
        check();
        readOn(5, 20);
      }
      readOn(late.length, Number.POSITIVE_INFINITY);
    },
  );
}

test('Indexer equals a map that is searched from end to end, through random histories', async () => {
  const count = { steps: 0 };
  await fc.assert(histories(Indexer, count), { numRuns: 600 });
  console.log(`Indexer: ${count.steps.toLocaleString('en-US')} random steps`);
  expect(count.steps).toBeGreaterThan(50_000);
});

test('Random histories find an Indexer that loses the last of five changes', async () => {
  class Lossy extends Indexer<Machine> {
    override apply(changes: readonly Change<Machine>[], resourceVersion: string): void {
      super.apply(changes.slice(0, 4), resourceVersion);
    }
  }
  const { failed } = await fc.check(histories(Lossy, { steps: 0 }), { numRuns: 100, seed: 1 });
  expect(failed).toBe(true);
});
