import { defineKind, type ItemClient, type ListCall, type WatchCall, type WatchFrame } from '@bowline/apimachinery';
import { describe, expect, test } from 'vitest';
import { FakeItemServer } from './testing.ts';

const Widget = defineKind({
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  resource: 'widgets',
  scope: 'Namespaced',
});
const draft = (name: string, labels: Record<string, string> = {}): { metadata: object } => ({
  metadata: { name, namespace: 'a', labels },
});

async function list(server: ItemClient, call: Partial<ListCall> = {}, query: object = {}): Promise<string> {
  const page = await server.listItems({ ...Widget, ...query }, { signal: new AbortController().signal, ...call });
  return `${page.resourceVersion}: ${page.items.map((item) => `${item.key}@${item.resourceVersion}`).join(' ')}${page.continue ? ' …' : ''}`;
}

/** Opens a watch; the function gives what has come since it was last called. */
function watch(server: ItemClient, call: Partial<WatchCall> = {}, query: object = {}): () => Promise<string[]> {
  const stop = new AbortController();
  const seen: string[] = [];
  void (async () => {
    const options = {
      resourceVersion: '',
      allowWatchBookmarks: true,
      timeoutSeconds: 300,
      signal: stop.signal,
      ...call,
    };
    try {
      for await (const frames of server.watchItems({ ...Widget, ...query }, options)) seen.push(...frames.map(format));
      seen.push('end');
    } catch (error) {
      seen.push(`threw ${(error as Error).message}`);
    }
  })();
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return seen.splice(0);
  };
}

function format(frame: WatchFrame<unknown>): string {
  switch (frame.type) {
    case 'bookmark':
      return `bookmark ${frame.resourceVersion}${frame.initialEventsEnd ? ' end' : ''}`;
    case 'error':
      return `error ${frame.error.message}`;
    default:
      return `${frame.type} ${frame.item.key}@${frame.item.resourceVersion}`;
  }
}

describe('FakeItemServer', () => {
  test('FakeItemServer stamps objects, keeps the uid over changes, and lists them sorted', async () => {
    const server = new FakeItemServer({ resourceVersion: 0 });
    const first = server.put(Widget, draft('b'));
    server.put(Widget, draft('a'));
    const second = server.put(Widget, draft('b'));
    expect(first).toMatchObject({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { resourceVersion: '1' } });
    expect(second.metadata.uid).toBe(first.metadata.uid);
    server.delete(Widget, 'a/b');
    expect(server.put(Widget, draft('b')).metadata.uid).not.toBe(first.metadata.uid);
    expect(await list(server)).toBe('5: a/a@2 a/b@5');
    expect(server.objects(Widget).map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  });

  test('FakeItemServer pages from one snapshot, unless any version will do', async () => {
    const server = new FakeItemServer({ resourceVersion: 0 });
    for (const name of ['a', 'b', 'c']) server.put(Widget, draft(name));
    const { signal } = new AbortController();
    const page = await server.listItems(Widget, { limit: 2, signal });
    server.put(Widget, draft('aa'));
    expect(await list(server, { continue: page.continue, limit: 2 })).toBe('3: a/c@3');
    expect(await list(server, { resourceVersion: '0', limit: 2 })).toBe('4: a/a@1 a/aa@4 a/b@2 a/c@3');
    expect(
      await list(new FakeItemServer({ watchCache: false, resourceVersion: 0 }), { resourceVersion: '0', limit: 2 }),
    ).toBe('0: ');
    server.compact();
    await expect(list(server, { continue: page.continue })).rejects.toMatchObject({ code: 'API_EXPIRED' });
    await expect(list(server, { resourceVersion: '99' })).rejects.toMatchObject({ code: 'API_TIMEOUT' });
  });

  test('FakeItemServer watches from a version on, and says when its history is gone', async () => {
    const server = new FakeItemServer({ resourceVersion: 0 });
    server.put(Widget, draft('a'));
    server.put(Widget, draft('b'));
    const read = watch(server, { resourceVersion: '1' });
    server.delete(Widget, 'a/a');
    server.sendBookmarks();
    expect(await read()).toEqual(['added a/b@2', 'deleted a/a@3', 'bookmark 3']);
    server.endWatches();
    expect(await read()).toEqual(['end']);
    server.compact();
    expect(await watch(server, { resourceVersion: '2' })()).toEqual(['error too old resource version: 2 (3)', 'end']);
    expect(server.openWatches).toBe(0);
  });

  test('FakeItemServer streams the initial state, when it knows how', async () => {
    const server = new FakeItemServer({ resourceVersion: 0 });
    server.put(Widget, draft('a'));
    expect(await watch(server, { sendInitialEvents: true })()).toEqual(['added a/a@1', 'bookmark 1 end']);
    const old = new FakeItemServer({ watchList: false, resourceVersion: 0 });
    old.put(Widget, draft('a'));
    expect(await watch(old, { sendInitialEvents: true })()).toEqual(['added a/a@1']);
  });

  test('FakeItemServer maps changes to what a watch with selectors sees', async () => {
    const server = new FakeItemServer({ resourceVersion: 0 });
    const read = watch(
      server,
      { sendInitialEvents: true },
      { labelSelector: 'on=yes', fieldSelector: 'metadata.name=a' },
    );
    server.put(Widget, draft('a'));
    server.put(Widget, draft('b', { on: 'yes' }));
    server.put(Widget, draft('a', { on: 'yes' }));
    server.put(Widget, draft('a', { on: 'yes', more: 'x' }));
    server.put(Widget, draft('a'));
    expect(await read()).toEqual(['bookmark 0 end', 'added a/a@3', 'modified a/a@4', 'deleted a/a@5']);
    expect(await list(server, {}, { labelSelector: 'on=yes' })).toBe('5: a/b@2');
    expect(await list(server, {}, { namespace: 'b' })).toBe('5: ');
  });

  test('FakeItemServer stores objects frozen, with a time of creation, and says its version', () => {
    const server = new FakeItemServer({ resourceVersion: 4 });
    expect(server.resourceVersion).toBe('4');
    const stored = server.put(Widget, draft('a'));
    expect(stored.metadata.creationTimestamp).toBe('2026-01-01T00:00:00Z');
    expect(Object.isFrozen(stored.metadata)).toBe(true);
    expect(server.resourceVersion).toBe('5');
  });

  test('FakeItemServer deletes by either form of key, and nothing happens when there is no such object', async () => {
    const server = new FakeItemServer({ resourceVersion: 0 });
    server.put(Widget, draft('a'));
    server.delete(Widget, 'a/b');
    expect(server.resourceVersion).toBe('1');
    server.delete(Widget, { namespace: 'a', name: 'a' });
    expect(await list(server)).toBe('2: ');
  });

  test('FakeItemServer keeps resources apart', async () => {
    const server = new FakeItemServer({ resourceVersion: 0 });
    const Gadget = defineKind({ ...Widget, kind: 'Gadget', resource: 'gadgets' });
    const read = watch(server, { resourceVersion: '', sendInitialEvents: true });
    server.put(Gadget, draft('g'));
    expect(await list(server)).toBe('1: ');
    expect(await list(server, {}, Gadget)).toBe('1: a/g@1');
    expect(await read()).toEqual(['bookmark 0 end']);
  });

  test('FakeItemServer gives pages of the size that is asked for, and says no more when nothing follows', async () => {
    const server = new FakeItemServer({ resourceVersion: 0 });
    for (const name of ['a', 'b', 'c']) server.put(Widget, draft(name));
    expect(await list(server, { limit: 2 })).toBe('3: a/a@1 a/b@2 …');
    expect(await list(server, { limit: 3 })).toBe('3: a/a@1 a/b@2 a/c@3');
  });

  test('FakeItemServer gives the first half of an answer before its end to one who takes it', async () => {
    const server = new FakeItemServer({ resourceVersion: 0 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) server.put(Widget, draft(name));
    const given: string[] = [];
    const onItems: ListCall['onItems'] = (items, restart) =>
      given.push(`${items.map(({ key }) => key).join(' ')} ${restart}`);
    expect(await list(server, { onItems })).toBe('5: a/d@4 a/e@5');
    expect(await list(server, { onItems, limit: 3 })).toBe('5: a/c@3 …');
    expect(given).toEqual(['a/a a/b a/c true', 'a/a a/b true']);
  });

  test('FakeItemServer ends a list whose signal has aborted', async () => {
    const reason = new Error('enough');
    await expect(list(new FakeItemServer(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('FakeItemServer begins a watch without a version with what exists, and opens one at the version of its compaction', async () => {
    const server = new FakeItemServer({ watchList: false, resourceVersion: 0 });
    server.put(Widget, draft('b', { on: 'yes' }));
    server.put(Widget, draft('a'));
    server.put(Widget, draft('b', { on: 'yes' }));
    expect(await watch(server)()).toEqual(['added a/a@2', 'added a/b@3']);
    expect(await watch(server, {}, { labelSelector: 'on=yes' })()).toEqual(['added a/b@3']);
    server.compact();
    expect(await watch(server, { resourceVersion: '3' })()).toEqual([]);
    expect(await watch(server, { resourceVersion: '2' })()).toEqual(['error too old resource version: 2 (3)', 'end']);
  });

  test('FakeItemServer accepts a watch at once, also one in which nothing happens', async () => {
    const { signal } = new AbortController();
    const server = new FakeItemServer();
    const call = { resourceVersion: '1', allowWatchBookmarks: false, timeoutSeconds: 300, signal };
    for await (const frames of server.watchItems(Widget, call)) {
      expect(frames).toEqual([]);
      break;
    }
    expect(server.openWatches).toBe(0);
  });

  test('FakeItemServer sends bookmarks only where they are allowed, and nothing to a watch that was left', async () => {
    const server = new FakeItemServer({ resourceVersion: 0 });
    const read = watch(server, { resourceVersion: '', allowWatchBookmarks: false });
    const streaming = watch(server, { sendInitialEvents: true, allowWatchBookmarks: false });
    server.sendBookmarks();
    expect([await read(), await streaming()]).toEqual([[], []]);
  });

  test('FakeItemServer tells a watch only of objects that it selects', async () => {
    const server = new FakeItemServer({ resourceVersion: 0 });
    server.put(Widget, draft('b'));
    const read = watch(server, { resourceVersion: '1' }, { namespace: 'a', fieldSelector: 'metadata.name=a' });
    server.delete(Widget, 'a/b');
    server.put(Widget, draft('a'));
    expect(await read()).toEqual(['added a/a@3']);
    expect(await list(server, {}, { namespace: 'a' })).toBe('3: a/a@3');
  });

  test('FakeItemServer selects by fields that an object does not have', async () => {
    const server = new FakeItemServer({ resourceVersion: 0 });
    server.put(Widget, { ...draft('a'), spec: null } as never);
    server.put(Widget, { ...draft('b'), spec: { on: true } } as never);
    expect(await list(server, {}, { fieldSelector: 'spec.on=true' })).toBe('2: a/b@2');
    expect(await list(server, {}, { fieldSelector: 'spec.on=undefined' })).toBe('2: ');
    expect(await list(server, {}, { fieldSelector: 'metadata.name.length=1' })).toBe('2: ');
  });

  test('FakeItemServer fails as a server does: with a Status that says why', async () => {
    const server = new FakeItemServer({ resourceVersion: 0 });
    const tooLarge = {
      code: 'API_TIMEOUT',
      retryAfterMs: 1_000,
      status: {
        kind: 'Status',
        status: 'Failure',
        reason: 'Timeout',
        code: 504,
        message: 'Too large resource version: 99',
        details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] },
      },
    };
    await expect(list(server, { resourceVersion: '99' })).rejects.toMatchObject(tooLarge);
    expect(await watch(server, { resourceVersion: '99', sendInitialEvents: true })()).toEqual([
      'threw Too large resource version: 99',
    ]);
    await expect(list(server, { continue: 'token-1' })).rejects.toMatchObject({
      message: 'The provided continue parameter is too old',
      status: { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 },
    });
  });

  test('FakeItemServer answers pings until one of its watches is dead', async () => {
    const server = new FakeItemServer({ ping: true });
    expect(new FakeItemServer().ping).toBeUndefined();
    const read = watch(server);
    await read();
    await server.ping?.(new AbortController().signal);
    server.muteWatches();
    watch(server);
    const stop = new AbortController();
    const reason = new Error('no answer');
    const ping = server.ping?.(stop.signal);
    stop.abort(reason);
    await expect(ping).rejects.toBe(reason);
    expect(server.pings).toBe(2);
  });

  test('FakeItemServer misbehaves as it is told', async () => {
    const server = new FakeItemServer({ resourceVersion: 0 });
    const boom = new Error('boom');
    server.failNext('list', boom);
    server.failNext('watch', boom);
    await expect(list(server)).rejects.toBe(boom);
    expect(await list(server)).toBe('0: ');
    expect(await watch(server)()).toEqual(['threw boom']);
    const read = watch(server);
    server.inject({ type: 'error', error: boom });
    server.breakWatches();
    expect(await read()).toEqual(['bookmark 0 end', 'error boom', 'threw read ECONNRESET'].slice(1));
    const { signal } = new AbortController();
    const call = { resourceVersion: '', allowWatchBookmarks: true, timeoutSeconds: 300, signal };
    const broken = server.watchItems(Widget, call)[Symbol.asyncIterator]();
    await broken.next();
    server.breakWatches();
    await expect(broken.next()).rejects.toMatchObject({ code: 'ECONNRESET' });
    const mute = watch(server);
    server.muteWatches();
    server.put(Widget, draft('a'));
    expect(await mute()).toEqual([]);
    expect(server.openWatches).toBe(1);
  });
});
