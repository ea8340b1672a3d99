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

test('Turns leaves nothing behind', async () => {
  const clock = new FakeClock();
  const turns = new Turns(clock);
  await turns.next();
  await turns.next();
  expect(clock.pending).toBe(0);
});
