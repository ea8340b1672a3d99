import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecentObjects, type Source } from './recent-objects.ts';

/** Remembers what it is told. */
class Numbers implements Source {
  readonly numbers: number[] = [0, 0, 0, 0, 0, 0, 0];

  recentOf(place: number): number {
    return this.numbers[place] ?? 0;
  }

  setRecent(place: number, number: number): void {
    this.numbers[place] = number;
  }
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
    const recents = new RecentObjects<string>(limit);
    const model = new Model(limit);
    const [first, second] = [new Numbers(), new Numbers()];
    const placeOf = (name: string): [Source, number] => [name < 'd' ? first : second, names.indexOf(name)];
    for (const [index, { type, name }] of steps.entries()) {
      const [source, place] = placeOf(name);
      if (type === 'read') {
        const known = recents.get(source, place);
        expect(known).toBe(model.get(name));
        if (known !== undefined) continue;
        recents.set(source, place, `${name}${index}`);
        model.set(name, `${name}${index}`);
      } else if (type === 'forget') {
        recents.forget(source, place);
        model.held.delete(name);
      } else if (type === 'forgetAll') {
        recents.forgetAll(source);
        for (const held of [...model.held.keys()]) if (placeOf(held)[0] === source) model.held.delete(held);
      } else {
        recents.clear();
        model.held.clear();
      }
    }
    const held = names.filter((name) => recents.get(...placeOf(name)) !== undefined);
    expect(held).toEqual([...model.held.keys()].sort());
  });
  fc.assert(history, { numRuns: 2_000 });
});

test('RecentObjects gives nobody the object of another place that has its number now', () => {
  const recents = new RecentObjects<string>(1);
  const [source, other] = [new Numbers(), new Numbers()];
  const all = () => [source, other].flatMap((each) => [0, 1].map((place) => recents.get(each, place)));
  recents.set(source, 0, 'A');
  recents.set(source, 1, 'B');
  expect(all()).toEqual([undefined, 'B', undefined, undefined]);
  recents.set(other, 1, 'C');
  expect(all()).toEqual([undefined, undefined, undefined, 'C']);
  expect([...source.numbers, ...other.numbers].filter((number) => number > 0)).toEqual([1, 1, 1]);
  recents.forget(source, 0);
  recents.forget(source, 1);
  expect(all()).toEqual([undefined, undefined, undefined, 'C']);
  recents.forgetAll(other);
  expect(all()).toEqual([undefined, undefined, undefined, undefined]);
  recents.set(source, 0, 'D');
  recents.clear();
  expect(all()).toEqual([undefined, undefined, undefined, undefined]);
});
