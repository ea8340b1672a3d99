import { getEventListeners } from 'node:events';
import {
  defineKind,
  type ListCall,
  type Page,
  type ResourceQuery,
  silentLogger,
  statusError,
  type WatchCall,
  type WatchFrame,
} from '@bowline/apimachinery';
import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { definitionWatch } from './definition-watch.ts';
import { Widget } from './informer.fixture.ts';
import { type RunningInformer, startInformer } from './start-informer.ts';
import { FakeItemServer } from './testing.ts';

const Definition = defineKind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  resource: 'customresourcedefinitions',
  scope: 'Cluster',
});
const notFound = (): Error => statusError({ status: 'Failure', code: 404, reason: 'NotFound', message: 'gone' });
const forbidden = (): Error => statusError({ status: 'Failure', code: 403, reason: 'Forbidden', message: 'no' });

/** A server that may not know widgets, or not let anybody look at definitions. */
class ForgetfulServer extends FakeItemServer {
  readonly refusals: Map<string, () => Error> = new Map();

  override listItems<T>(query: ResourceQuery, call: ListCall<T>): Promise<Page<T>> {
    this.#refuse('list', query);
    return super.listItems(query, call);
  }

  override watchItems<T>(query: ResourceQuery, call: WatchCall): AsyncIterable<readonly WatchFrame<T>[]> {
    this.#refuse('watch', query);
    return super.watchItems(query, call);
  }

  asked(resource: string): number {
    return this.requests.filter(({ query }) => query.resource === resource).length;
  }

  #refuse(verb: 'list' | 'watch', { resource }: ResourceQuery): void {
    const refusal = this.refusals.get(resource);
    if (refusal) this.failNext(verb, refusal());
  }
}

async function atRest(): Promise<{ clock: FakeClock; server: ForgetfulServer; informer: RunningInformer<Widget> }> {
  const clock = new FakeClock();
  const server = new ForgetfulServer();
  server.put(Definition, { metadata: { name: 'gadgets.example.com' } });
  server.put(Widget, { metadata: { name: 'a' } });
  const ports = { clock, random: fixedRandom(0), logger: silentLogger };
  const informer = await startInformer(server, Widget, ports);
  await clock.settle();
  server.refusals.set(Widget.resource, notFound);
  server.breakWatches();
  return { clock, server, informer };
}

describe('definitionWatch', () => {
  test('SharedInformer that is Patient notices at once that the definition is back', async () => {
    const { clock, server, informer } = await atRest();
    await clock.advance(590_000);
    expect(informer.status()).toMatchObject({ state: 'waiting', lastErrorKind: 'not-found', objects: 1 });
    expect(server.openWatches).toBe(1); // that of the definition
    const { query } = server.requests.find((request) => request.query.resource === Definition.resource) ?? {};
    expect(query).toMatchObject({ fieldSelector: 'metadata.name=widgets.example.com', metadataOnly: true });

    const before = clock.now();
    server.refusals.clear();
    server.put(Definition, { metadata: { name: 'widgets.example.com' } });
    server.put(Widget, { metadata: { name: 'b' } });
    await clock.settle();
    expect(clock.now()).toBe(before);
    expect(informer.status()).toMatchObject({ state: 'watching', failures: 0, objects: 2, missingSince: undefined });
    expect(server.openWatches).toBe(1); // that of the widgets: the definition is of no interest any more
    await informer[Symbol.asyncDispose]();
    expect(server.openWatches).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('SharedInformer that is Patient asks again soon after a definition that is not served yet', async () => {
    const { clock, server, informer } = await atRest();
    await clock.advance(590_000);
    server.put(Definition, { metadata: { name: 'widgets.example.com' } });
    await clock.settle();
    expect(informer.status().state).toBe('waiting');
    server.refusals.clear();
    await clock.advance(2_000);
    expect(informer.status().state).toBe('watching');
    await informer[Symbol.asyncDispose]();
  });

  test('SharedInformer that is Patient starts within a minute where it may not watch definitions', async () => {
    const { clock, server, informer } = await atRest();
    server.refusals.set(Definition.resource, forbidden);
    await clock.advance(590_000);
    expect(server.openWatches).toBe(0);
    expect(server.asked(Definition.resource)).toBeLessThanOrEqual(4); // it does not ask for ever
    server.refusals.delete(Widget.resource);
    await clock.advance(60_000);
    expect(informer.status()).toMatchObject({ state: 'watching', objects: 1 });
    await informer[Symbol.asyncDispose]();
    expect(clock.pending).toBe(0);
  });

  test('SharedInformer that is Patient and is ended meanwhile leaves nothing behind', async () => {
    const { clock, server, informer } = await atRest();
    await clock.advance(100_000);
    await informer[Symbol.asyncDispose]();
    expect(server.openWatches).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('definitionWatch tells of every change of the definition, and of nothing else', async () => {
    const clock = new FakeClock();
    const server = new ForgetfulServer();
    const stop = new AbortController();
    let changes = 0;
    const definition = definitionWatch(server, Widget, { clock, random: fixedRandom(0) });
    const watching = definition?.watch(() => changes++, stop.signal);
    const seen = async (): Promise<number> => {
      await clock.settle();
      return changes;
    };
    expect(await seen()).toBe(0);
    server.put(Definition, { metadata: { name: 'widgets.example.com' } });
    expect(await seen()).toBe(1);
    server.put(Definition, { metadata: { name: 'gadgets.example.com' } });
    server.sendBookmarks();
    expect(await seen()).toBe(1);
    server.delete(Definition, 'widgets.example.com');
    expect(await seen()).toBe(2);
    stop.abort();
    await watching;
    expect(getEventListeners(stop.signal, 'abort').length).toBe(0);
    expect([server.openWatches, clock.pending]).toEqual([0, 0]);
  });

  test.each([
    [401, 'Unauthorized'],
    [403, 'Forbidden'],
    [404, 'NotFound'],
    [422, 'Invalid'],
  ])('definitionWatch ends at %d %s, which waiting does not mend', async (code, reason) => {
    const clock = new FakeClock();
    const server = new ForgetfulServer();
    server.refusals.set(Definition.resource, () => statusError({ status: 'Failure', code, reason, message: reason }));
    const { signal } = new AbortController();
    const definition = definitionWatch(server, Widget, { clock, random: fixedRandom(0) });
    let isOver = false;
    void definition
      ?.watch(() => {}, signal)
      .then(() => {
        isOver = true;
      });
    await clock.advance(5_000);
    expect(isOver).toBe(true);
    expect(getEventListeners(signal, 'abort').length).toBe(0);
  });

  test('definitionWatch goes on after failures that pass, and asks for nothing when it is aborted before', async () => {
    const clock = new FakeClock();
    const server = new ForgetfulServer();
    const stop = new AbortController();
    let changes = 0;
    const definition = definitionWatch(server, Widget, { clock, random: fixedRandom(0) });
    await definition?.watch(() => changes++, AbortSignal.abort());
    expect(server.requests).toEqual([]);
    server.failNext('watch', statusError({ status: 'Failure', code: 503, reason: 'ServiceUnavailable', message: 'x' }));
    server.failNext('list', statusError({ status: 'Failure', code: 503, reason: 'ServiceUnavailable', message: 'x' }));
    const watching = definition?.watch(() => changes++, stop.signal);
    await clock.advance(10_000);
    server.put(Definition, { metadata: { name: 'widgets.example.com' } });
    await clock.settle();
    expect(changes).toBe(1);
    stop.abort();
    await watching;
  });

  test('definitionWatch has nothing to watch for groups that are built in', () => {
    const ports = { clock: new FakeClock(), random: fixedRandom(0) };
    const resource = { version: 'v1', resource: 'things' };
    expect(definitionWatch(new FakeItemServer(), { group: '', ...resource }, ports)).toBeUndefined();
    expect(definitionWatch(new FakeItemServer(), { group: 'apps', ...resource }, ports)).toBeUndefined();
  });
});
