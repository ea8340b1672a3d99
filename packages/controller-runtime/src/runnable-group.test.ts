import { untilAborted } from '@bowline/apimachinery';
import { expect, test } from 'vitest';
import { RunnableGroup } from './runnable-group.ts';

function setup() {
  const failures: unknown[] = [];
  const group = new RunnableGroup({ failed: (error) => failures.push(error) });
  const events: string[] = [];
  const member = (name: string, run?: () => Promise<void>) => ({
    name,
    run: async (signal: AbortSignal) => {
      events.push(`${name} starts`);
      await (run?.() ?? untilAborted(signal));
      events.push(`${name} ends`);
    },
  });
  return { group, failures, events, member };
}

function defer() {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const never = new AbortController().signal;

test('RunnableGroup starts members that were added before the start with it, and later ones at once', async () => {
  const { group, events, member } = setup();
  group.add(member('a'));
  expect(events).toEqual([]);
  await group.start(never);
  group.add(member('b'));
  expect(events).toEqual(['a starts', 'b starts']);
  await group.stop('test');
});

test('RunnableGroup.start resolves once all members are ready', async () => {
  const { group, member } = setup();
  const ready = defer();
  group.add({ ...member('a'), ready: () => ready.promise });
  let started = false;
  const starting = group.start(never).then(() => {
    started = true;
  });
  await Promise.resolve();
  expect(started).toBe(false);
  ready.resolve();
  await starting;
  await group.stop('test');
});

test('RunnableGroup.stop waits for all members, also for those that were added meanwhile', async () => {
  const { group, events, member } = setup();
  const slow = defer();
  group.add(member('slow', () => slow.promise));
  group.add(member('quick'));
  await group.start(never);
  const stopping = group.stop('test');
  group.add(member('late'));
  await Promise.resolve();
  expect(group.running()).toContain('slow');
  slow.resolve();
  await stopping;
  expect(group.running()).toEqual([]);
  expect(events.slice(-1)).toEqual(['slow ends']);
});

test('RunnableGroup reports a member that fails, and takes one that ends early for done', async () => {
  const { group, failures, member } = setup();
  group.add(member('quick', async () => {}));
  group.add(member('bad', async () => Promise.reject(new Error('boom'))));
  group.add({
    run: () => {
      throw new Error('at once');
    },
  });
  await group.start(never);
  await group.stop('test');
  expect(failures).toEqual([new Error('at once'), new Error('boom')]);
});

test('RunnableGroup takes a rejection with the reason of the stop for an end', async () => {
  const { group, failures } = setup();
  group.add({
    run: async (signal) => {
      await untilAborted(signal);
      throw signal.reason;
    },
  });
  await group.start(never);
  await group.stop(new Error('stop'));
  expect(failures).toEqual([]);
});

test('RunnableGroup never starts members after it was stopped before its start', async () => {
  const { group, events, member } = setup();
  group.add(member('a'));
  await group.stop('test');
  expect(events).toEqual([]);
});
