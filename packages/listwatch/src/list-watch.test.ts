import { defineKind, type KubernetesObject } from '@bowline/apimachinery';
import { describe, expect, test } from 'vitest';
import { ListWatch } from './list-watch.ts';
import { FakeItemServer } from './testing.ts';

const Widget = defineKind({
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  resource: 'widgets',
  scope: 'Namespaced',
});
const call = (): { resourceVersion: string; signal: AbortSignal } => ({
  resourceVersion: '',
  signal: new AbortController().signal,
});

describe('ListWatch', () => {
  test('ListWatch asks for its resource, namespace, selectors and representation, and passes the call through', async () => {
    const server = new FakeItemServer();
    const source = new ListWatch<KubernetesObject>(server, {
      ...Widget,
      namespace: 'a',
      labelSelector: 'tier=web',
      fieldSelector: 'metadata.name!=x',
      metadataOnly: true,
    });
    const listCall = { ...call(), limit: 3 };
    await source.list(listCall);
    const watchCall = { ...call(), resourceVersion: '1', allowWatchBookmarks: true, timeoutSeconds: 300 };
    source.watch(watchCall);
    const query = {
      group: 'example.com',
      version: 'v1',
      resource: 'widgets',
      kind: 'Widget',
      namespace: 'a',
      labelSelector: 'tier=web',
      fieldSelector: 'metadata.name!=x',
      metadataOnly: true,
      shardSelector: undefined,
    };
    expect(server.requests).toEqual([
      { verb: 'list', query, call: listCall },
      { verb: 'watch', query, call: watchCall },
    ]);
  });

  test('ListWatch describes what it lists', () => {
    const server = new FakeItemServer();
    const describe = (query: object): string => new ListWatch(server, { ...Widget, ...query }).description;
    expect(describe({})).toBe('widgets.example.com');
    expect(describe({ group: '', version: 'v1', resource: 'pods', namespace: 'kube-system' })).toBe(
      'pods in namespace "kube-system"',
    );
    expect(describe({ labelSelector: 'a=b', fieldSelector: 'c=d' })).toBe('widgets.example.com with "a=b" and "c=d"');
  });

  test('ListWatch passes the wish for new connections on', () => {
    const server = new FakeItemServer();
    new ListWatch(server, Widget).retireConnections();
    expect(server.retired).toBe(1);
  });

  test('ListWatch names a shard, and says whether its client knows watch-lists and pings', async () => {
    const server = new FakeItemServer();
    const shardSelector = "shardRange(object.metadata.uid, '0x0', '0x8000000000000000')";
    const source = new ListWatch<KubernetesObject>(server, { ...Widget, shardSelector });
    await source.list(call());
    expect(server.requests[0]?.query.shardSelector).toBe(shardSelector);
    expect(source.description).toBe(`widgets.example.com with "${shardSelector}"`);
    expect(source.supportsWatchList).toBeUndefined();
    expect(source.ping).toBeUndefined();
    const pings: AbortSignal[] = [];
    const client = Object.assign(new FakeItemServer(), {
      supportsWatchList: false,
      async ping(this: unknown, signal: AbortSignal) {
        expect(this).toBe(client);
        pings.push(signal);
      },
    });
    const other = new ListWatch(client, Widget);
    expect(other.supportsWatchList).toBe(false);
    const { signal } = new AbortController();
    await other.ping?.(signal);
    expect(pings).toEqual([signal]);
  });

  test('ListWatch takes a client that cannot retire connections', () => {
    const client = { listItems: () => Promise.reject(new Error()), watchItems: () => [] as never };
    expect(() => new ListWatch(client, Widget).retireConnections()).not.toThrow();
  });

  test.each<[object, string]>([
    [{ resource: '' }, 'resource must be a plural name such as "pods", got ""'],
    [{ resource: 'pods/status' }, 'resource must be a plural name such as "pods", got "pods/status"'],
    [{ resource: undefined }, 'resource must be a plural name such as "pods", got undefined'],
    [{ version: '' }, 'version must be a version such as "v1", got ""'],
    [{ version: 'apps/v1' }, 'version must be a version such as "v1", got "apps/v1"'],
    [{ group: undefined }, 'group must be a group such as "apps", empty for the core group, got undefined'],
    [{ group: 'a/b' }, 'group must be a group such as "apps", empty for the core group, got "a/b"'],
    [{ namespace: '' }, 'or absent for all namespaces, got ""'],
    [{ namespace: 'a/b' }, 'namespace must be the name of one namespace (letters, digits and "-"), or absent'],
    [{ namespace: 'a-' }, 'got "a-"'],
    [{ namespace: 'A' }, 'got "A"'],
    [{ namespace: 7 }, 'got 7'],
    [{ labelSelector: 'a in (' }, 'labelSelector must be a selector in kubectl\'s syntax, got "a in ("; '],
    [{ fieldSelector: 'a' }, 'fieldSelector must be a selector in kubectl\'s syntax, got "a"; '],
    [{ labelSelector: {} }, 'labelSelector must be a string, got an object'],
    [{ metadataOnly: 'yes' }, 'metadataOnly must be true or false, got "yes"'],
    [{ shardSelector: '' }, 'shardSelector must be a non-empty string, got ""'],
    [{ kind: '' }, 'kind must be a non-empty string, got ""'],
    [{ labelselector: 'a=b' }, 'did you mean "labelSelector"?'],
    [{ fieldSelectors: 'a=b' }, 'did you mean "fieldSelector"?'],
    [{ scope: 'Cluster', namespace: 'a' }, 'namespace must be absent for widgets, which live in no namespace, got "a"'],
  ])('ListWatch refuses %j at once', (query, message) => {
    const make = (): unknown => new ListWatch(new FakeItemServer(), { ...Widget, ...query } as never);
    expect(make).toThrow('Cannot create list-watch: ');
    expect(make).toThrow(message);
  });

  test.each([
    { namespace: 'a' },
    { namespace: 'a'.repeat(63) },
    { namespace: 'a-1' },
    { group: '' },
    { scope: 'Cluster' },
  ])('ListWatch takes %j', (query) => {
    expect(() => new ListWatch(new FakeItemServer(), { ...Widget, ...query } as never)).not.toThrow();
  });

  test('ListWatch tells wrong types from wrong values, and takes handles that carry more', () => {
    const make = (client: unknown, query: unknown) => () => new ListWatch(client as never, query as never);
    const server = new FakeItemServer();
    expect(make(server, {})).toThrow(TypeError);
    expect(make(server, undefined)).toThrow('Cannot create list-watch: query must be an object, got undefined');
    expect(make(server, { ...Widget, namespace: 'a/b' })).toThrow(RangeError);
    expect(make(server, { ...Widget, labelSelector: '(' })).toThrow(RangeError);
    expect(make(server, { ...Widget, labelSelector: '(' })).toThrow('Cannot create list-watch: labelSelector must be');
    expect(make(server, { ...Widget, fieldSelector: '(' })).toThrow('Cannot create list-watch: fieldSelector must be');
    expect(make({}, Widget)).toThrow('client must be a client (an object with listItems, watchItems), got an object');
    expect(make(undefined, Widget)).toThrow(TypeError);
    expect(make(server, { ...Widget, storage: true })).not.toThrow();
    expect(make(server, { ...Widget, labelSelector: '', fieldSelector: '' })).not.toThrow();
    expect(new ListWatch(server, { ...Widget, labelSelector: '' }).description).toBe('widgets.example.com');
  });
});
