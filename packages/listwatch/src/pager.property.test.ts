import { type Item, type KubernetesObject, type ListCall, type Page, statusError } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PagedAnswer, Pager } from './pager.ts';
import { item } from './reflector.fixture.ts';

const expired = statusError({ code: 410, reason: 'Expired', message: 'The continue token is too old' });
const broken = new Error('read ECONNRESET');

/** What happens before a request is answered, and how it is answered. */
interface Turn {
  /** Objects that come, or go when they are there. */
  readonly toggle: readonly number[];
  readonly expire: boolean;
  readonly fail: boolean;
  /** How many objects fewer than asked for a page has: servers may do that. */
  readonly short: number;
}

/** Objects, their history, and pages of it. Each request takes one turn; after the last one the server behaves. */
class PagedServer {
  readonly calls: ListCall[] = [];
  /** What has existed, by version. */
  readonly history: Map<string, readonly string[]> = new Map();
  readonly #turns: Turn[];
  readonly #tokens: Map<string, { readonly version: string; readonly rest: readonly string[] }> = new Map();
  #present: readonly string[];
  #version = 1;
  steps = 0;

  constructor(objects: number, turns: readonly Turn[]) {
    this.#present = Array.from({ length: objects }, (_, index) => nameOf(index));
    this.#turns = [...turns];
    this.history.set('1', this.#present);
  }

  async list(call: ListCall): Promise<Page<KubernetesObject>> {
    call.signal.throwIfAborted();
    this.calls.push(call);
    this.steps += 1;
    const { toggle, expire, fail, short }: Turn = this.#turns.shift() ?? quiet;
    for (const index of toggle) this.#toggle(nameOf(index));
    if (expire) this.#tokens.clear();
    await new FakeClock().settle();
    call.signal.throwIfAborted();
    if (fail) throw broken;
    const from = call.continue === undefined ? undefined : this.#tokens.get(call.continue);
    if (call.continue !== undefined && !from) throw expired;
    const { version, rest } = from ?? { version: String(this.#version), rest: this.#present };
    const count = call.limit === undefined ? rest.length : Math.max(1, call.limit - short);
    const page = { items: rest.slice(0, count).map(objectOf), resourceVersion: version };
    if (count >= rest.length) return page;
    const token = `${version}/${rest.length - count}/${this.calls.length}`;
    this.#tokens.set(token, { version, rest: rest.slice(count) });
    return { ...page, continue: token };
  }

  #toggle(name: string): void {
    this.steps += 1;
    const isThere = this.#present.includes(name);
    this.#present = isThere ? this.#present.filter((each) => each !== name) : [...this.#present, name].sort();
    this.#version += 1;
    this.history.set(String(this.#version), this.#present);
  }
}

const quiet: Turn = { toggle: [], expire: false, fail: false, short: 0 };
const nameOf = (index: number): string => `w${String(index).padStart(2, '0')}`;
const objects: Map<string, Item<KubernetesObject>> = new Map();
function objectOf(name: string): Item<KubernetesObject> {
  const known = objects.get(name) ?? item(name, 1);
  objects.set(name, known);
  return known;
}

const turn = fc.record({
  toggle: fc.array(fc.nat(40), { maxLength: 6 }),
  expire: fc.boolean().chain((may) => (may ? fc.boolean() : fc.constant(false))),
  fail: fc.nat(19).map((number) => number === 0),
  short: fc.nat(2),
});
const story = fc.record({
  objects: fc.nat(40),
  turns: fc.array(turn, { maxLength: 24, size: 'max' }),
  pageSize: fc.integer({ min: 0, max: 9 }),
  pageBufferSize: fc.constantFrom(0, 1, 2, 10),
  fullListIfExpired: fc.boolean(),
  resourceVersion: fc.constantFrom(undefined, '', '0', '1'),
  /** After so many pages the reader leaves. */
  leaveAfter: fc.constantFrom(1, 2, 5, 1_000, 1_000, 1_000),
  /** Whether the reader lets the pager read ahead before it takes the next page. */
  slow: fc.boolean(),
});

const names = (items: readonly Item<KubernetesObject>[]): string[] => items.map(({ key }) => key);

/** Whatever the server does, pages add up to one state that there was, or the reader is told why not. */
function stories(PagerOfKind: typeof Pager<KubernetesObject>, count: { steps: number }) {
  return fc.asyncProperty(story, async ({ objects: size, turns, resourceVersion, leaveAfter, slow, ...options }) => {
    const { signal } = new AbortController();
    const { pageSize, pageBufferSize, fullListIfExpired } = options;
    const call = { resourceVersion, signal };

    const whole = new PagedServer(size, turns);
    let failure: unknown;
    const list = await new PagerOfKind(whole, options).list(call).catch((error: unknown) => {
      failure = error;
    });
    if (list) {
      expect(names(list.page.items)).toEqual(whole.history.get(list.page.resourceVersion));
      expect(list.page.continue).toBeUndefined();
      expect(list.paginated).toBe(whole.calls.some((each) => each.continue !== undefined));
    }
    checkCalls(whole.calls);
    checkFailure(failure);

    const server = new PagedServer(size, turns);
    let taken = 0;
    let items: string[] = [];
    let version = '';
    let problem: unknown;
    let left = false;
    const clock = new FakeClock();
    try {
      for await (const { page, restart } of new PagerOfKind(server, options).pages(call)) {
        if (slow) await clock.settle();
        taken += 1;
        expect(server.calls.length).toBeLessThanOrEqual(taken + pageBufferSize + (fullListIfExpired ? 1 : 0));
        if (restart) items = [];
        items.push(...names(page.items));
        version = page.resourceVersion;
        left = taken === leaveAfter;
        if (left) break;
      }
    } catch (error) {
      problem = error;
    }
    const { length } = server.calls;
    await clock.settle();
    expect(server.calls.length).toBe(length);
    if (!left) {
      // The reader sees the same, whether it reads ahead or not.
      expect(problem).toBe(failure);
      if (problem === undefined) {
        expect(items).toEqual(server.history.get(version));
        expect(version).toBe(list?.page.resourceVersion);
      }
    }
    checkCalls(server.calls);
    count.steps += whole.steps + server.steps + taken;

    function checkFailure(error: unknown): void {
      if (error === undefined || error === broken) return;
      expect(error).toBe(expired);
      expect(fullListIfExpired).toBe(false);
    }

    /** The first request has the version, the next ones the token, a full list after an expiry the version again, and no limit. */
    function checkCalls(calls: readonly ListCall[]): void {
      const limit = pageSize || undefined;
      for (const [index, each] of calls.entries()) {
        const isLast = index === calls.length - 1;
        const isFull = index > 0 && isLast && each.continue === undefined;
        if (isFull) expect(fullListIfExpired).toBe(true);
        else expect(each.continue === undefined).toBe(index === 0);
        expect(each.limit).toBe(isFull ? undefined : limit);
        expect(each.resourceVersion).toBe(each.continue === undefined ? resourceVersion : undefined);
      }
    }
  });
}

test('Pager gives one state that there was, whatever happens between its pages', { timeout: 60_000 }, async () => {
  const count = { steps: 0 };
  await fc.assert(stories(Pager, count), { numRuns: 4_000 });
  console.log(`Pager: ${count.steps} random steps`);
  expect(count.steps).toBeGreaterThan(50_000);
});

test('Random stories find a Pager that forgets to say that a full list replaces its pages', async () => {
  class Forgetful<T> extends Pager<T> {
    override async *pages(call: ListCall<T>): AsyncGenerator<PagedAnswer<T>, void, undefined> {
      for await (const { page } of super.pages(call)) yield { page, restart: false };
    }
  }
  const { failed } = await fc.check(stories(Forgetful, { steps: 0 }), { numRuns: 200, seed: 1, endOnFailure: true });
  expect(failed).toBe(true);
});
