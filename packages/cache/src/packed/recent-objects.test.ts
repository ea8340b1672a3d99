import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Decodable, RecentObjects } from './recent-objects.ts';

interface Thing extends Decodable<Thing, string> {
  readonly name: string;
}

/** The same in a map, which is slower and plain to see. */
class Model {
  readonly held = new Map<string, { readonly object: string; wasRead: boolean }>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(name: string): string | undefined {
    const recent = this.held.get(name);
    if (recent) recent.wasRead = true;
    return recent?.object;
  }

  set(name: string, object: string): void {
    if (this.#limit === 0) return;
    for (const [first, recent] of this.held.size === this.#limit ? this.held : []) {
      this.held.delete(first);
      if (!recent.wasRead) break;
      this.held.set(first, { ...recent, wasRead: false });
    }
    this.held.set(name, { object, wasRead: false });
  }
}

/** Two of them, for all names. */
const sourceOf = (name: string): string => (name < 'd' ? 'first' : 'second');
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const name = fc.constantFrom(...names);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('read' as const), name }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('forget' as const), name }) },
  fc.record({ type: fc.constant('forgetAll' as const), name }),
  fc.record({ type: fc.constant('clear' as const), name }),
);

test('RecentObjects holds what was decoded last, and what is read again longer, whatever is forgotten between', () => {
  const history = fc.property(fc.nat(4), fc.array(step, { maxLength: 80 }), (limit, steps) => {
    const recents = new RecentObjects<Thing, string>(limit);
    const model = new Model(limit);
    const things = new Map(names.map((each): [string, Thing] => [each, { name: each, recent: undefined }]));
    for (const [index, { type, name }] of steps.entries()) {
      const thing = things.get(name) as Thing;
      if (type === 'read') {
        const known = recents.get(thing);
        expect(known).toBe(model.get(name));
        if (known !== undefined) continue;
        recents.set(thing, `${name}${index}`, sourceOf(name));
        model.set(name, `${name}${index}`);
      } else if (type === 'forget') {
        recents.forget(thing);
        model.held.delete(name);
      } else if (type === 'forgetAll') {
        recents.forgetAll(sourceOf(name));
        for (const held of [...model.held.keys()]) if (sourceOf(held) === sourceOf(name)) model.held.delete(held);
      } else {
        recents.clear();
        model.held.clear();
      }
    }
    const held = [...things.values()].filter((thing) => thing.recent !== undefined);
    expect(held.map((thing) => thing.name).sort()).toEqual([...model.held.keys()].sort());
  });
  fc.assert(history, { numRuns: 2_000 });
});

test('RecentObjects lets go of what it does not hold any more', () => {
  const recents = new RecentObjects<Thing, string>(1);
  const [a, b]: Thing[] = ['a', 'b'].map((each) => ({ name: each, recent: undefined }));
  if (!a || !b) throw new Error('there are two');
  recents.set(a, 'A', 'slab');
  recents.set(b, 'B', 'slab');
  const { recent } = b;
  expect([a.recent, recent?.item, recent?.object, recent?.after]).toEqual([undefined, b, 'B', recent]);
  recents.forget(a);
  recents.forget(b);
  expect([b.recent, recent?.item, recent?.object]).toEqual([undefined, undefined, undefined]);
});
