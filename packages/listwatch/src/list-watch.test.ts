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

  test('ListWatch refuses a query that names no resource', () => {
    const make = (query: object) => () => new ListWatch(new FakeItemServer(), { ...Widget, ...query });
    expect(make({ resource: '' })).toThrow(
      'Cannot create list-watch: resource must be a plural name such as "pods", got ""',
    );
    expect(make({ resource: 'pods/status' })).toThrow(TypeError);
    expect(make({ version: '' })).toThrow('version must be a version such as "v1", got ""');
    expect(make({ group: undefined })).toThrow('group must be a string, empty for the core group, got undefined');
    expect(make({ namespace: '' })).toThrow('namespace must be a name, or absent for all namespaces, got ""');
  });
});
