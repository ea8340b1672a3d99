import { expect, test } from 'vitest';
import { added, bookmark, byList, errorFrame, expired, item, start, status } from './reflector.fixture.ts';

// What client-go's tests of its reflector show and no other test of ours does; docs/scenarios/listwatch.md says which.

test('Reflector keeps its sink, and tells of the failure, when the watch after a watch-list cannot be opened at its version', async () => {
  const { source, sink, clock, reflector, end } = start();
  const first = (await source.nextWatch()).accept().send(added('a', 1), bookmark(11, true));
  await clock.advance(1_000);
  first.end();
  (await source.nextWatch()).fail(expired);
  await clock.settle();
  expect(reflector.status()).toMatchObject({ state: 'waiting', synced: true, failures: 1, lastErrorKind: 'expired' });
  expect(sink.contents).toEqual(['a@1']);
  await clock.advance(800);
  expect((await source.nextWatch()).call).toMatchObject({ resourceVersion: '11', sendInitialEvents: true });
  expect(sink.contents).toEqual(['a@1']);
  await end();
});

test('Reflector tells of each list and each watch that fails, and ends with the state of the server', async () => {
  const { source, sink, clock, reflector, end } = start(byList);
  const kinds: (string | undefined)[] = [];
  const fail = async (act: () => void): Promise<void> => {
    act();
    await clock.settle();
    kinds.push(reflector.status().lastErrorKind);
    await clock.advance(60_000);
  };
  const list = await source.nextList();
  await fail(() => list.fail(status(500, 'InternalError')));
  (await source.nextList()).answer([item('a', 1), item('b', 2)], '10');
  const refused = await source.nextWatch();
  await fail(() => refused.fail(status(403, 'Forbidden')));
  (await source.nextList()).answer([item('b', 2), item('c', 11)], '12');
  const broken = (await source.nextWatch()).accept().send(added('d', 13));
  await fail(() => broken.send(errorFrame(status(500, 'StoreReadError'))));
  (await source.nextList()).answer([item('d', 13), item('e', 14)], '15');
  (await source.nextWatch()).send(added('f', 16));
  await clock.settle();
  expect(kinds).toEqual(['internal', 'forbidden', 'internal']);
  expect(sink.contents).toEqual(['d@13', 'e@14', 'f@16']);
  expect(reflector.status()).toMatchObject({ state: 'watching', failures: 0, resourceVersion: '16' });
  await end();
});

test('Reflector answers an expired page of a relist by one full list at the version of that relist', async () => {
  const { source, sink, clock, end } = start({ ...byList, pageSize: 4 });
  (await source.nextList()).answer([item('a', 1)], '10');
  (await source.nextWatch()).accept().send(errorFrame(expired));
  await clock.advance(800);
  (await source.nextList()).answer([item('a', 1), item('b', 2)], '12', { continue: 't1' });
  (await source.nextList()).fail(expired);
  (await source.nextList()).answer([item('c', 11)], '13');
  await source.nextWatch();
  const lists = source.requests.filter(({ verb }) => verb === 'list').map(({ call }) => call);
  expect(lists.map((call) => [call.resourceVersion ?? '', 'limit' in call ? (call.limit ?? 0) : 0])).toEqual([
    ['0', 4],
    ['10', 4],
    ['', 4],
    ['10', 0],
  ]);
  expect(sink.contents).toEqual(['c@11']);
  await end();
});
