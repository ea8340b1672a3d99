import type { Item, Transition } from '@bowline/apimachinery';
import { expect, test } from 'vitest';
import { Backlog } from './backlog.ts';
import { ItemDelivery, ObjectDelivery } from './delivery.ts';

const item = (version: number): Item<string> => ({
  key: 'a',
  uid: 'a',
  resourceVersion: String(version),
  get object(): string {
    return `a@${version}`;
  },
});
const update: Transition<string> = {
  key: 'a',
  old: item(1),
  new: item(2),
  initial: false,
  finalStateUnknown: false,
};

function backlogOf(...transitions: readonly Transition<string>[]): Backlog<string> {
  const backlog = new Backlog<string>(Number.POSITIVE_INFINITY);
  backlog.push(transitions);
  return backlog;
}

test('ObjectDelivery calls the handler once for each change, and then keeps no object', () => {
  const calls: string[] = [];
  const delivery = new ObjectDelivery<string>({ onUpdate: (old, now) => void calls.push(`${old} → ${now}`) });
  const backlog = backlogOf(update);
  expect([delivery.next(backlog), delivery.call, delivery.key]).toEqual([true, 'onUpdate', 'a']);
  void delivery.run();
  void delivery.run();
  expect(calls).toEqual(['a@1 → a@2']);
  expect(delivery.next(backlog)).toBe(false);
});

test('ObjectDelivery asks for no object that the handler does not take', () => {
  const unread = {
    ...item(2),
    get object(): string {
      throw new Error('nobody takes it');
    },
  };
  const delivery = new ObjectDelivery<string>({ onDelete: () => {} });
  const backlog = backlogOf({ ...update, new: unread }, { ...update, old: undefined, new: unread });
  while (delivery.next(backlog)) expect(delivery.run()).toBeUndefined();
});

test('ItemDelivery gives a batch once, and then keeps none', () => {
  const batches: number[] = [];
  const delivery = new ItemDelivery<string>({ onTransitions: (batch) => void batches.push(batch.length) });
  const backlog = backlogOf(update, update);
  expect(delivery.next(backlog)).toBe(true);
  void delivery.run();
  void delivery.run();
  expect(batches).toEqual([2, 0]);
  expect(delivery.next(backlog)).toBe(false);
});
