import { FakeClock, RecordingLogger } from '@bowline/apimachinery/testing';
import { expect } from 'vitest';
import { Discovery, type DiscoveryPorts } from './discovery.ts';
import type { DiscoveryError } from './errors.ts';
import { type Documents, FakeServer } from './fake-server.ts';
import type { DiscoveryOptions } from './options.ts';

interface Names {
  readonly kind: string;
  readonly shortNames?: readonly string[];
  readonly scope?: 'Namespaced' | 'Cluster';
}

/** `group/version` (or `v1`) → plural → names. */
export type World = Readonly<Record<string, Readonly<Record<string, Names>>>>;

export const verbs: readonly string[] = ['delete', 'get', 'list', 'patch', 'create', 'update', 'watch'];

function split(apiVersion: string): { group: string; version: string } {
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? { group: '', version: first } : { group: first, version: second };
}

function groupNames(world: World): string[] {
  return [...new Set(Object.keys(world).map((apiVersion) => split(apiVersion).group))];
}

export function aggregated(world: World, stale: readonly string[] = []): Documents {
  const list = (named: boolean) => ({
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    items: groupNames(world)
      .filter((group) => (group !== '') === named)
      .map((name) => ({
        metadata: name === '' ? {} : { name },
        versions: Object.entries(world)
          .filter(([apiVersion]) => split(apiVersion).group === name)
          .map(([apiVersion, resources]) => ({
            version: split(apiVersion).version,
            freshness: stale.includes(apiVersion) ? 'Stale' : 'Current',
            resources: Object.entries(resources).map(([resource, { kind, shortNames, scope = 'Namespaced' }]) => ({
              resource,
              responseKind: { ...split(apiVersion), kind },
              scope,
              singularResource: kind.toLowerCase(),
              shortNames,
              verbs,
              subresources: [
                {
                  subresource: 'scale',
                  responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
                  verbs: ['get'],
                },
              ],
            })),
          })),
      })),
  });
  return { '/api': list(false), '/apis': list(true) };
}

export function plain(world: World): Documents {
  const groups = groupNames(world)
    .filter((group) => group !== '')
    .map((name) => {
      const versions = Object.keys(world)
        .filter((apiVersion) => split(apiVersion).group === name)
        .map((groupVersion) => ({ groupVersion, version: split(groupVersion).version }));
      return { name, versions, preferredVersion: versions[0] };
    });
  const lists = Object.entries(world).map(([groupVersion, resources]) => [
    groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`,
    {
      kind: 'APIResourceList',
      groupVersion,
      resources: Object.entries(resources).map(([name, { kind, shortNames, scope = 'Namespaced' }]) => ({
        name,
        singularName: '',
        kind,
        shortNames,
        namespaced: scope === 'Namespaced',
        verbs,
      })),
    },
  ]);
  return {
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': { kind: 'APIGroupList', groups },
    ...Object.fromEntries(lists),
  };
}

export const world: World = {
  v1: {
    pods: { kind: 'Pod', shortNames: ['po'] },
    nodes: { kind: 'Node', scope: 'Cluster' },
    events: { kind: 'Event' },
  },
  'apps/v1': { deployments: { kind: 'Deployment', shortNames: ['deploy'] } },
  'events.k8s.io/v1': { events: { kind: 'Event' } },
  'autoscaling/v2': { horizontalpodautoscalers: { kind: 'HorizontalPodAutoscaler', shortNames: ['hpa'] } },
  'autoscaling/v1': { horizontalpodautoscalers: { kind: 'HorizontalPodAutoscaler', shortNames: ['hpa'] } },
  'a.example.com/v1': { widgets: { kind: 'Widget', shortNames: ['w'] }, pods: { kind: 'Pod' } },
  'b.example.com/v1': {
    widgets: { kind: 'Widget', shortNames: ['w'] },
    rollouts: { kind: 'Rollout', shortNames: ['pod'] },
  },
};

export const crds: World = { 'c.example.com/v1': { gadgets: { kind: 'Gadget' } } };

export interface Setup {
  readonly clock: FakeClock;
  readonly logger: RecordingLogger;
  readonly server: FakeServer;
  readonly discovery: Discovery;
}

export function setUp(
  documents: Documents = aggregated(world),
  options?: DiscoveryOptions,
  ports: Partial<DiscoveryPorts> = {},
): Setup {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const server = new FakeServer(documents);
  return { clock, logger, server, discovery: new Discovery({ client: server, clock, logger, ...ports }, options) };
}

export async function failureOf(promise: Promise<unknown>): Promise<DiscoveryError> {
  return promise.then(
    () => expect.unreachable('should have failed'),
    (error: DiscoveryError) => error,
  );
}
