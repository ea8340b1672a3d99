import type { Item } from '@bowline/apimachinery';
import { expect, test } from 'vitest';
import { type Machine, machine, machineItem, SteppingClock } from './doubles.fixture.ts';
import { Indexer } from './indexer.ts';
import type { Storage } from './ports.ts';

/** Writes down what storages of one family are asked for, by the order in which they were made after the first. */
class Witness implements Storage<Machine> {
  readonly sizeBytes = 0;
  readonly lines: string[];
  readonly #number: number;
  readonly #made: { count: number };
  readonly #held: Item<Machine>[] = [];

  constructor(lines: string[], made: { count: number } = { count: -1 }) {
    this.lines = lines;
    this.#made = made;
    this.#number = made.count++;
  }

  keep(slot: number, item: Item<Machine>): void {
    if (item.uid === 'bad') throw new RangeError('no room');
    this.#held[slot] = item;
    this.lines.push(`${this.#number} keeps ${item.key}`);
  }

  at(slot: number): Item<Machine> | undefined {
    return this.#held[slot];
  }

  drop(slot: number): void {
    this.lines.push(`${this.#number} drops ${this.#held[slot]?.key}`);
    delete this.#held[slot];
  }

  empty(): Storage<Machine> {
    return new Witness(this.lines, this.#made);
  }

  release(): void {
    this.lines.push(`${this.#number} is released`);
  }
}

function setUp() {
  const lines: string[] = [];
  const clock = new SteppingClock();
  const indexer = new Indexer<Machine>({ storage: new Witness(lines), clock });
  /** What was written since the last call. */
  const news = () => lines.splice(0);
  return { indexer, clock, news };
}

test('Staging stores what is put at once, and drops what is taken back or put again', async () => {
  const { indexer, news } = setUp();
  const staging = indexer.replace();
  staging.put([machineItem('a'), machineItem('b')]);
  expect(news()).toEqual(['1 keeps a', '1 keeps b']);
  staging.remove('a');
  staging.put([machineItem('b')]);
  staging.remove('none');
  expect(news()).toEqual(['1 drops a', '1 keeps b']);
  await staging.commit('1');
  expect(news()).toEqual(['0 is released']);
  expect([...indexer.keys()]).toEqual(['b']);
});

test('Staging that is abandoned, or whose commit fails, lets go of its storage', async () => {
  const { indexer, news } = setUp();
  indexer.add(machine('a'));
  const first = indexer.replace();
  first.put([machineItem('b')]);
  const second = indexer.replace();
  second.put([machineItem('c')]);
  expect(news()).toEqual(['0 keeps a', '1 keeps b', '1 is released', '2 keeps c']);
  second.abandon?.();
  second.abandon?.();
  expect(news()).toEqual(['2 is released']);
  expect(() => second.put([])).toThrow('Cannot use replacement: it has been abandoned');
  const third = indexer.replace();
  await expect(third.commit('1', AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
  third.abandon?.();
  expect(news()).toEqual(['3 is released']);
  expect([...indexer.keys()]).toEqual(['a']);
});

test('Staging keeps what is held under a key unless that is put before or after', async () => {
  const { indexer, news } = setUp();
  for (const key of ['a', 'b', 'c', 'd']) indexer.add(machine(key));
  news();
  const staging = indexer.replace();
  staging.put([machineItem('a', { resourceVersion: 2 })]);
  for (const key of ['a', 'b', 'c', 'd', 'none']) staging.keep?.(key);
  staging.put([machineItem('b', { resourceVersion: 2 })]);
  staging.remove('d');
  expect(news()).toEqual(['1 keeps a', '1 keeps b']);
  await staging.commit('2');
  expect(news()).toEqual(['1 keeps c', '0 is released']);
  expect(Array.from(indexer.items(), ({ key, resourceVersion }) => `${key} ${resourceVersion}`)).toEqual([
    'a 2',
    'b 2',
    'c 1',
  ]);
});

test('Staging whose storage fails rejects its commit, and nothing has changed', async () => {
  const { indexer, news } = setUp();
  indexer.add(machine('old'));
  const staging = indexer.replace();
  staging.put([machineItem('a'), machineItem('b', { uid: 'bad' }), machineItem('c')]);
  staging.put([machineItem('d')]);
  await expect(staging.commit('2')).rejects.toThrow(new RangeError('no room'));
  expect(news()).toEqual(['0 keeps old', '1 keeps a', '1 is released']);
  expect([...indexer.keys()]).toEqual(['old']);
});

test('Smooth: Staging that is handed very much at once goes on in later turns, in order, until it is abandoned', async () => {
  const { indexer, clock, news } = setUp();
  const many = Array.from({ length: 1_000 }, (_, i) => machineItem(`m-${i}`));
  const staging = indexer.replace();
  staging.put(many);
  staging.remove('m-999');
  staging.put([machineItem('last')]);
  expect(news()).toHaveLength(96);
  await staging.commit('1');
  expect(clock.turns).toBeGreaterThan(7);
  expect(indexer.size).toBe(1_000);
  expect([...indexer.keys()].at(-1)).toBe('last');
  news();
  clock.turns = 0;
  const abandoned = indexer.replace();
  abandoned.put(many);
  abandoned.abandon?.();
  for (let i = 0; i < 10; i++) await Promise.resolve();
  expect(clock.turns).toBe(1);
  expect(news().at(-1)).toBe('2 is released');
});

test('Staging refuses to commit with a version or a signal that is none, and can still be told to commit', async () => {
  const { indexer } = setUp();
  const replacement = indexer.replace();
  replacement.put([machineItem('a')]);
  expect(() => replacement.commit('1', {} as never)).toThrow(
    new TypeError('Cannot commit replacement: signal must be an AbortSignal, got an object'),
  );
  expect(() => replacement.commit(1 as never)).toThrow('resourceVersion must be a string, got 1');
  await replacement.commit('1', new AbortController().signal);
  expect([...indexer.keys()]).toEqual(['a']);
});
