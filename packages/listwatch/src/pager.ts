import { isExpired, type ListCall, type Page } from '@bowline/apimachinery';
import type { ListerWatcher } from './ports.ts';

/** client-go tools/pager/pager.go `defaultPageSize` */
export const DEFAULT_PAGE_SIZE = 500;

/** Settings of a `Pager`. */
export interface PagerOptions {
  /** Objects per request, 0 for no limit. A call's own `limit` wins. @default 500 */
  readonly pageSize?: number | undefined;
  /** Whether an expired page after the first is answered with one unpaged list instead of the error. @default true */
  readonly fullListIfExpired?: boolean | undefined;
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
 * @throws {RangeError} when `pageSize` is not a whole number of 0 or more.
 * @see client-go tools/pager/pager.go `ListPager`
 */
export class Pager<T> {
  readonly #source: Pick<ListerWatcher<T>, 'list'>;
  readonly #pageSize: number;
  readonly #fullListIfExpired: boolean;

  constructor(source: Pick<ListerWatcher<T>, 'list'>, options: PagerOptions = {}) {
    const { pageSize = DEFAULT_PAGE_SIZE, fullListIfExpired = true } = options;
    if (!(Number.isInteger(pageSize) && pageSize >= 0)) {
      throw new RangeError(`Cannot create pager: pageSize must be a whole number of 0 or more, got ${pageSize}`);
    }
    this.#source = source;
    this.#pageSize = pageSize;
    this.#fullListIfExpired = fullListIfExpired;
  }

  /** Yields each answer as it arrives, and asks for the next one only when it is asked itself. */
  async *pages(call: ListCall): AsyncGenerator<PagedAnswer<T>, void, undefined> {
    const { resourceVersion, resourceVersionMatch, signal } = call;
    const limit = (call.limit ?? this.#pageSize) || undefined;
    let next = call.continue;
    for (let restart = true; ; restart = false) {
      let page: Page<T>;
      try {
        page = await this.#source.list(next === undefined ? { ...call, limit } : { limit, continue: next, signal });
      } catch (error) {
        if (!this.#fullListIfExpired || next === undefined || !isExpired(error)) throw error;
        yield { page: await this.#source.list({ resourceVersion, resourceVersionMatch, signal }), restart: true };
        return;
      }
      yield { page, restart };
      next = page.continue;
      if (next === undefined || next === '') return;
    }
  }

  /** All pages as one list. */
  async list(call: ListCall): Promise<PagedList<T>> {
    let answers: Page<T>[] = [];
    let paginated = false;
    for await (const { page, restart } of this.pages(call)) {
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
}
