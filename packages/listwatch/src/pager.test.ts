import { type Item, type KubernetesObject, type ListCall, type Page, statusError } from '@bowline/apimachinery';
import { describe, expect, test } from 'vitest';
import { Pager } from './pager.ts';
import { itemOf } from './testing.ts';

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

  test('Pager asks for the next page only when it is wanted', async () => {
    const source = script(page('a', 't1'), page('b'));
    for await (const _ of new Pager(source).pages({ signal })) break;
    expect(source.calls.length).toBe(1);
  });

  test('Pager refuses a page size that is none', () => {
    expect(() => new Pager(script(), { pageSize: -1 })).toThrow(
      'Cannot create pager: pageSize must be a whole number of 0 or more, got -1',
    );
    expect(() => new Pager(script(), { pageSize: Number.NaN })).toThrow(RangeError);
  });
});
