import { readFileSync } from 'node:fs';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { type ApiResourcesFilter, type ApiResourcesFormat, formatApiResources } from './api-resources.ts';
import { Discovery } from './discovery.ts';
import { FakeServer } from './fake-server.ts';

/** Answers of a kube-apiserver 1.35.4 with three versions of custom resources, and what kubectl 1.35.4 made of them. */
const recorded: {
  aggregated: Record<string, unknown>;
  plain: Record<string, unknown>;
  kubectl: Record<string, string>;
  resolutions: Record<string, string | null>;
} = JSON.parse(readFileSync(new URL('../testdata/kube-apiserver-1.35.4.json', import.meta.url), 'utf8'));

describe.each([
  ['aggregated', recorded.aggregated],
  ['plain', recorded.plain],
])('As kubectl, on recorded answers in the %s form', (form, documents) => {
  const discover = () => new Discovery({ client: new FakeServer(documents), clock: new FakeClock() });

  test('apiVersions are those of kubectl api-versions', async () => {
    const lines = (await discover().apiVersions()).map((version) => `${version}\n`);
    expect(lines.join('')).toBe(recorded.kubectl['api-versions']);
  });

  test.each<[string, ApiResourcesFilter, ApiResourcesFormat]>([
    ['api-resources', {}, {}],
    ['api-resources -o wide', {}, { wide: true }],
    [
      'api-resources --namespaced=false --sort-by=kind --no-headers',
      { namespaced: false, sortBy: 'kind' },
      { headers: false },
    ],
    [
      'api-resources --api-group=apps --verbs=list,delete --sort-by=name',
      { group: 'apps', verbs: ['list', 'delete'], sortBy: 'name' },
      {},
    ],
    ['api-resources --categories=all -o wide --no-headers', { categories: ['all'] }, { wide: true, headers: false }],
  ])('formatApiResources prints kubectl %s to the letter', async (command, filter, format) => {
    expect(formatApiResources(await discover().apiResources(filter), format)).toBe(recorded.kubectl[command]);
  });

  test.each(Object.entries(recorded.resolutions))('mappingFor("%s") asks for %s', async (spelling, path) => {
    const discovery = discover();
    if (path === null) {
      await expect(discovery.mappingFor(spelling)).rejects.toMatchObject({ code: 'DISCOVERY_NO_MATCH' });
      return;
    }
    const { apiVersion, resource } = await discovery.mappingFor(spelling);
    const url = apiVersion.includes('/') ? `/apis/${apiVersion}/${resource}` : `/api/${apiVersion}/${resource}`;
    // kubectl forgets the version when it expands a short name; we do not.
    expect(url).toBe(spelling === 'hpa.v1.autoscaling' ? '/apis/autoscaling/v1/horizontalpodautoscalers' : path);
  });

  test('takes as few requests as it can', async () => {
    const server = new FakeServer(documents);
    await new Discovery({ client: server, clock: new FakeClock() }).resolve('deploy');
    expect(server.requests).toHaveLength(form === 'aggregated' ? 2 : Object.keys(documents).length);
  });
});

test('Discovery reads the same from both forms', async () => {
  const [aggregated, plain] = await Promise.all(
    [recorded.aggregated, recorded.plain].map(async (documents) => {
      const discovery = new Discovery({ client: new FakeServer(documents), clock: new FakeClock() });
      return { groups: await discovery.groups(), resources: await discovery.resources() };
    }),
  );
  expect(aggregated?.groups).toEqual(plain?.groups);
  const byName = (resources: readonly { apiVersion: string; resource: string }[] | undefined) =>
    Object.fromEntries((resources ?? []).map((resource) => [`${resource.apiVersion}/${resource.resource}`, resource]));
  expect(byName(aggregated?.resources)).toEqual(byName(plain?.resources));
  expect(aggregated?.resources.length).toBeGreaterThan(60);
});
