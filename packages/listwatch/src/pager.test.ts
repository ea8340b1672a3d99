import { getEventListeners } from 'node:events';
import { type Item, type KubernetesObject, type ListCall, type Page, statusError } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { Pager } from './pager.ts';
import { FakeListerWatcher, itemOf } from './testing.ts';

type Answer = Page<KubernetesObject> | Error;

function item(name: string): Item<KubernetesObject> {
  const metadata = { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
  return itemOf({ apiVersion: 'v1', kind: 'Widget', metadata });
}

function page(names: string, more?: string): Page<KubernetesObject> {
  return { items: [...names].map(item), resourceVersion: '10', ...(more === undefined ? {} : { continue: more }) };
}

const expired = statusError({ code: 410, reason: 'Expired', message: 'too old' });
const { signal } = new AbortController();

/** A source that gives these answers in turn, and the calls it got. */
function script(...answers: Answer[]): {
  list(call: ListCall): Promise<Page<KubernetesObject>>;
  calls: Omit<ListCall, 'signal'>[];
} {
  const calls: Omit<ListCall, 'signal'>[] = [];
  return {
    calls,
    async list({ signal: _, ...call }) {
      calls.push(JSON.parse(JSON.stringify(call)));
      const answer = answers.shift();
      if (!answer) throw new Error('no more answers');
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

const names = (list: Page<KubernetesObject>): string => list.items.map(({ key }) => key).join('');

describe('Pager', () => {
  test.each([
    { title: 'an empty list', answers: [page('')], all: '', paginated: false },
    { title: 'one object', answers: [page('a')], all: 'a', paginated: false },
    { title: 'two pages', answers: [page('ab', 't1'), page('c')], all: 'abc', paginated: true },
    { title: 'three pages', answers: [page('ab', 't1'), page('cd', 't2'), page('e')], all: 'abcde', paginated: true },
  ])('Pager reads $title', async ({ answers, all, paginated }) => {
    const list = await new Pager(script(...answers)).list({ resourceVersion: '', signal });
    expect(names(list.page)).toBe(all);
    expect(list.page.resourceVersion).toBe('10');
    expect(list.paginated).toBe(paginated);
  });

  test('Pager sends version and match with the first page only, and the limit with all', async () => {
    const source = script(page('a', 't1'), page('b', 't2'), page('c'));
    await new Pager(source, { pageSize: 1 }).list({ resourceVersion: '7', resourceVersionMatch: 'Exact', signal });
    expect(source.calls).toEqual([
      { resourceVersion: '7', resourceVersionMatch: 'Exact', limit: 1 },
      { limit: 1, continue: 't1' },
      { limit: 1, continue: 't2' },
    ]);
  });

  test('Pager asks for 500 objects by default, for what the call says, or for all', async () => {
    const source = script(page(''), page(''), page(''));
    await new Pager(source).list({ signal });
    await new Pager(source).list({ limit: 3, signal });
    await new Pager(source, { pageSize: 0 }).list({ signal });
    expect(source.calls).toEqual([{ limit: 500 }, { limit: 3 }, {}]);
  });

  test('Pager answers an expired page with one full list at the version of the call', async () => {
    const source = script(page('ab', 't1'), expired, page('xyz'));
    const list = await new Pager(source, { pageSize: 2 }).list({ resourceVersion: '7', signal });
    expect(names(list.page)).toBe('xyz');
    expect(source.calls).toEqual([
      { resourceVersion: '7', limit: 2 },
      { limit: 2, continue: 't1' },
      { resourceVersion: '7' },
    ]);
  });

  test('Pager throws when the first page has expired, or when full lists are switched off', async () => {
    await expect(new Pager(script(expired)).list({ signal })).rejects.toBe(expired);
    const pager = new Pager(script(page('a', 't1'), expired), { fullListIfExpired: false });
    await expect(pager.list({ signal })).rejects.toBe(expired);
  });

  test('Pager marks the answer that replaces the ones before it', async () => {
    const restarts: boolean[] = [];
    for await (const { restart } of new Pager(script(page('a', 't1'), page('b', 't2'), expired, page('abc'))).pages({
      signal,
    })) {
      restarts.push(restart);
    }
    expect(restarts).toEqual([true, false, true]);
  });

  test('Pager without a buffer asks for the next page only when it is wanted', async () => {
    const source = script(page('a', 't1'), page('b'));
    for await (const _ of new Pager(source, { pageBufferSize: 0 }).pages({ signal })) break;
    expect(source.calls.length).toBe(1);
  });

  test.each([
    [1, [2, 3, 4, 5]],
    [2, [3, 4, 5, 5]],
    [10, [5, 5, 5, 5]],
  ])('Pager reads up to %i pages ahead', async (pageBufferSize, expected) => {
    const source = script(page('a', '1'), page('b', '2'), page('c', '3'), page('d', '4'), page('e'));
    const clock = new FakeClock();
    const requests: number[] = [];
    for await (const _ of new Pager(source, { pageBufferSize }).pages({ signal })) {
      await clock.settle();
      requests.push(source.calls.length);
    }
    expect(requests).toEqual([...expected, 5]);
  });

  test('Pager reads ten pages ahead unless told otherwise', async () => {
    const source = script(...Array.from({ length: 20 }, (_, index) => page('a', `${index}`)));
    const pages = new Pager(source).pages({ signal });
    await pages.next();
    await new FakeClock().settle();
    expect(source.calls.length).toBe(11);
    await pages.return();
  });

  test('Pager gives the pages before an error, then the error', async () => {
    const source = script(page('a', '1'), page('b', '2'), new Error('boom'));
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const { page } of new Pager(source).pages({ signal })) {
        await new FakeClock().settle();
        seen.push(names(page));
      }
    };
    await expect(read()).rejects.toThrow('boom');
    expect(seen).toEqual(['a', 'b']);
  });

  test('Pager ends the request under way when its reader leaves, and when the signal aborts', async () => {
    const source = new FakeListerWatcher<KubernetesObject>();
    const pages = new Pager(source).pages({ signal });
    const first = pages.next();
    (await source.nextList()).answer([item('a')], '1', { continue: 't' });
    await first;
    const second = await source.nextList();
    await pages.return();
    expect(second.call.signal.aborted).toBe(true);
    expect(getEventListeners(signal, 'abort')).toEqual([]);

    const stop = new AbortController();
    const others = new Pager(source).pages({ signal: stop.signal });
    const answer = others.next();
    await source.nextList();
    stop.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    const late = new Pager(script(page('a'))).pages({ signal: AbortSignal.abort(new Error('before')) });
    expect((await late.next()).value?.page.items.length).toBe(1); // a source that does not look at its signal
  });

  test('Pager yields items one by one, up to an error or to where its reader leaves', async () => {
    const keys = async (limit: number, ...answers: Answer[]): Promise<string> => {
      let all = '';
      try {
        for await (const { key } of new Pager(script(...answers)).items({ signal })) {
          all += key;
          if (all.length === limit) break;
        }
      } catch (error) {
        all += `, ${(error as Error).message}`;
      }
      return all;
    };
    expect(await keys(9, page('ab', '1'), page('c', '2'), page(''))).toBe('abc');
    expect(await keys(2, page('ab', '1'), page('c', '2'), page(''))).toBe('ab');
    expect(await keys(9, page('ab', '1'), new Error('boom'))).toBe('ab, boom');
    expect(await keys(9, page('ab', '1'), expired, page('abc'))).toBe('ababc');
  });

  test('Pager puts pages together, with what could not be read', async () => {
    const undecodable = [{ key: 'x', message: 'broken' }];
    const source = script({ ...page('a', '1'), undecodable }, page('b'));
    const list = await new Pager(source).list({ signal });
    expect(list.page.undecodable).toEqual(undecodable);
    expect(list.page.continue).toBeUndefined();
    expect(
      Object.hasOwn((await new Pager(script(page('a', '1'), page('b'))).list({ signal })).page, 'undecodable'),
    ).toBe(false);
    const single = page('a');
    expect((await new Pager(script(single)).list({ signal })).page).toBe(single);
  });

  test('Pager goes on behind a token that it is given, and takes an empty token for the end', async () => {
    const source = script(page('b', ''));
    const list = await new Pager(source).list({ continue: 't1', resourceVersion: '7', signal });
    expect(source.calls).toEqual([{ limit: 500, continue: 't1' }]);
    expect(list.paginated).toBe(false);
  });

  test.each<[unknown, unknown, string]>([
    [script(), { pageSize: -1 }, 'Cannot create pager: pageSize must be a whole number, 0 or more, got -1'],
    [script(), { pageSize: Number.NaN }, 'Cannot create pager: pageSize must be a whole number, 0 or more, got NaN'],
    [script(), { pageBufferSize: -1 }, 'Cannot create pager: pageBufferSize must be a whole number, 0 or more, got -1'],
    [script(), { fullListIfExpired: 'yes' }, 'Cannot create pager: fullListIfExpired must be true or false, got "yes"'],
    [script(), { pagesize: 1 }, 'did you mean "pageSize"?'],
    [undefined, {}, 'Cannot create pager: source must be a source (an object with list), got undefined'],
  ])('Pager refuses %s with %j', (source, options, message) => {
    expect(() => new Pager(source as never, options as never)).toThrow(message);
  });

  test('Pager refuses a call without a signal, at once', async () => {
    const pager = new Pager(script());
    expect(() => pager.pages({} as never)).toThrow('Cannot read pages: signal must be an AbortSignal, got undefined');
    expect(() => pager.items(undefined as never)).toThrow('Cannot read pages: call must be an object, got undefined');
    await expect(pager.list({ signal: 1 } as never)).rejects.toThrow(
      'Cannot list: signal must be an AbortSignal, got 1',
    );
  });
});
