import type { Item, ListCall, Page } from '@bowline/apimachinery';
import { checkOptions, checkValue, rules, withMethods } from '@bowline/apimachinery/arguments';
import { kindOf } from './classification.ts';
import type { ListerWatcher } from './ports.ts';
import { readAhead } from './read-ahead.ts';

/** client-go tools/pager/pager.go `defaultPageSize` */
export const DEFAULT_PAGE_SIZE = 500;
/** client-go tools/pager/pager.go `defaultPageBufferSize` */
const DEFAULT_PAGE_BUFFER_SIZE = 10;

/** Settings of a `Pager`. */
export interface PagerOptions {
  /** Objects per request, 0 for no limit. A call's own `limit` wins. @default 500 */
  readonly pageSize?: number | undefined;
  /** Whether an expired page after the first is answered with one unpaged list instead of the error. @default true */
  readonly fullListIfExpired?: boolean | undefined;
  /**
   * How many pages may be read before they are asked for, so that the network does not wait for whoever takes them. 0 for none.
   *
   * @default 10, see client-go tools/pager/pager.go `defaultPageBufferSize`
   */
  readonly pageBufferSize?: number | undefined;
}

/** One answer on the way through all pages. */
export interface PagedAnswer<T> {
  readonly page: Page<T>;
  /** The first answer, or one that replaces all answers before it: drop what they brought. */
  readonly restart: boolean;
}

/** A whole list. */
export interface PagedList<T> {
  /** All items; resource version and the rest are the last page's. */
  readonly page: Page<T>;
  /** Whether the first answer had a continuation. */
  readonly paginated: boolean;
}

/**
 * Reads long lists page by page.
 *
 * The first request carries the caller's resource version; the following ones carry only the continue token, which contains it.
 * When a token has expired, one full list with the caller's own resource version replaces what was read.
 *
 * @throws {TypeError} {RangeError} when `source` cannot list, or an option is wrong.
 * @example
 * ```ts
 * import { Pager } from '@bowline/listwatch';
 * import { FakeListerWatcher, itemOf } from '@bowline/listwatch/testing';
 *
 * const source = new FakeListerWatcher();
 * const all = new Pager(source, { pageSize: 1 }).list({ signal: new AbortController().signal });
 * (await source.nextList()).answer([], '7', { continue: 'more' });
 * (await source.nextList()).answer([], '7');
 * console.log((await all).paginated); // true
 * ```
 * @see client-go tools/pager/pager.go `ListPager`
 */
export class Pager<T> {
  readonly #source: Pick<ListerWatcher<T>, 'list'>;
  readonly #pageSize: number;
  readonly #fullListIfExpired: boolean;
  readonly #pageBufferSize: number;

  constructor(source: Pick<ListerWatcher<T>, 'list'>, options: PagerOptions = {}) {
    checkValue('create pager', 'source', source, withMethods('a source', 'list'));
    checkOptions('create pager', options, {
      pageSize: rules.count,
      fullListIfExpired: rules.boolean,
      pageBufferSize: rules.count,
    });
    const {
      pageSize = DEFAULT_PAGE_SIZE,
      fullListIfExpired = true,
      pageBufferSize = DEFAULT_PAGE_BUFFER_SIZE,
    } = options;
    this.#source = source;
    this.#pageSize = pageSize;
    this.#fullListIfExpired = fullListIfExpired;
    this.#pageBufferSize = pageBufferSize;
  }

  /**
   * Yields each answer, in order, and meanwhile asks for the next ones, up to `pageBufferSize`. An error comes after the answers before it.
   * `call.onItems` is for the first answer, which may be the only one and large; items that it was given are not in that answer's page.
   * Leaving early, or an abort of `call.signal`, ends the request that is under way.
   */
  pages(call: ListCall<T>): AsyncGenerator<PagedAnswer<T>, void, undefined> {
    checkCall('read pages', call);
    if (this.#pageBufferSize === 0) return this.#requests(call);
    return readAhead(call.signal, this.#pageBufferSize, (signal) => this.#requests({ ...call, signal }));
  }

  /**
   * Yields each item. When a continue token has expired, the items of the full list that replaces what was read follow, so that an item
   * may come twice; with `fullListIfExpired: false` the error is thrown instead.
   *
   * @see client-go tools/pager/pager.go `EachListItem`
   */
  items(call: Omit<ListCall<T>, 'onItems'>): AsyncGenerator<Item<T>, void, undefined> {
    return itemsOf(this.pages(call));
  }

  /** All pages as one list. */
  async list(call: Omit<ListCall<T>, 'onItems'>): Promise<PagedList<T>> {
    checkCall('list', call);
    let answers: Page<T>[] = [];
    let paginated = false;
    for await (const { page, restart } of this.#requests(call)) {
      if (restart) answers = [];
      answers.push(page);
      paginated ||= Boolean(page.continue);
    }
    const last = answers.at(-1);
    if (last === undefined || answers.length === 1)
      return { page: last ?? { items: [], resourceVersion: '' }, paginated };
    const undecodable = answers.flatMap((page) => page.undecodable ?? []);
    return {
      page: {
        items: answers.flatMap((page) => page.items),
        resourceVersion: last.resourceVersion,
        ...(undecodable.length > 0 ? { undecodable } : {}),
      },
      paginated,
    };
  }

  async *#requests(call: ListCall<T>): AsyncGenerator<PagedAnswer<T>, void, undefined> {
    const { resourceVersion, resourceVersionMatch, signal, onRetry } = call;
    const limit = (call.limit ?? this.#pageSize) || undefined;
    let next = call.continue;
    for (let restart = true; ; restart = false) {
      let page: Page<T>;
      try {
        page = await this.#source.list(
          next === undefined ? { ...call, limit } : { limit, continue: next, signal, onRetry },
        );
      } catch (error) {
        if (!this.#fullListIfExpired || next === undefined || kindOf(error) !== 'expired') throw error;
        yield {
          page: await this.#source.list({ resourceVersion, resourceVersionMatch, signal, onRetry }),
          restart: true,
        };
        return;
      }
      yield { page, restart };
      next = page.continue;
      if (next === undefined || next === '') return;
    }
  }
}

async function* itemsOf<T>(answers: AsyncIterable<PagedAnswer<T>>): AsyncGenerator<Item<T>, void, undefined> {
  for await (const { page } of answers) yield* page.items;
}

function checkCall(action: string, call: ListCall): void {
  checkValue(action, 'call', call, rules.object);
  checkValue(action, 'signal', call.signal, rules.signal);
}
