import { FakeClock } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('Turns gives one turn per round of the event loop, first come, first served', async () => {
  let rounds = 0;
  const turns = new Turns({
    turn: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      rounds += 1;
    },
  });
  const taken: string[] = [];
  const worker = async (name: string): Promise<void> => {
    for (let slice = 0; slice < 3; slice++) {
      await turns.next();
      taken.push(`${name}${rounds}`);
    }
  };
  await Promise.all([worker('a'), worker('b')]);
  expect(taken).toEqual(['a1', 'b2', 'a3', 'b4', 'a5', 'b6']);
});

test('Turns asks for one round at a time, however many wait, and for none when nobody does', async () => {
  const rounds: (() => void)[] = [];
  const turns = new Turns({ turn: () => new Promise((resolve) => rounds.push(resolve)) });
  const taken: string[] = [];
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  for (const name of ['a', 'b', 'c']) void turns.next().then(() => taken.push(name));
  for (const expected of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
    expect(rounds.length).toBe(expected.length);
    rounds.at(-1)?.();
    await settle();
    expect(taken).toEqual(expected);
  }
  expect(rounds.length).toBe(3);
  void turns.next().then(() => taken.push('d'));
  expect(rounds.length).toBe(4);
});

test('Turns leaves nothing behind', async () => {
  const clock = new FakeClock();
  const turns = new Turns(clock);
  await turns.next();
  await turns.next();
  expect(clock.pending).toBe(0);
});
