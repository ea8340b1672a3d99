import { expect, test } from 'vitest';
import { builtinGroups } from '../data/index.ts';
import { type OpenApiDocument, openApiDocument, openApiHash } from './openapi.ts';

interface Operation {
  readonly 'x-kubernetes-action': string;
  readonly 'x-kubernetes-group-version-kind': unknown;
  readonly parameters: readonly { readonly name: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
}
type Paths = Readonly<Record<string, Readonly<Record<'get' | 'put' | 'post' | 'patch' | 'delete', Operation>>>>;

function pathsOf(document: OpenApiDocument | undefined): Paths {
  return (document?.paths ?? {}) as Paths;
}

test('openApiDocument gives kubectl what it looks for: the kind, its patches and fieldValidation', () => {
  const document = openApiDocument({ group: 'apps', version: 'v1' });
  const patch = pathsOf(document)['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.patch;
  expect(patch?.['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' });
  expect(patch?.parameters.map(({ name }) => name)).toEqual(['dryRun', 'fieldManager', 'fieldValidation', 'force']);
  expect(Object.keys(patch?.requestBody?.content ?? {})).toContain('application/strategic-merge-patch+json');
  const containers = document?.components.schemas['io.k8s.api.core.v1.PodSpec']?.properties?.containers;
  expect(containers).toMatchObject({ 'x-kubernetes-list-map-keys': ['name'], 'x-kubernetes-patch-merge-key': 'name' });
  expect(document?.info).toEqual({ title: 'Kubernetes', version: '1.35' });
});

test('openApiDocument names only schemas that it has', () => {
  for (const { name: group, versions } of builtinGroups()) {
    for (const { version } of versions) {
      const document = openApiDocument({ group, version });
      const text = JSON.stringify(document);
      for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
        expect(document?.components.schemas).toHaveProperty([name ?? '']);
      }
      expect(Object.keys(document?.paths ?? {}).length).toBeGreaterThan(0);
    }
  }
});

test('openApiDocument describes custom resources as the server publishes them', () => {
  const document = openApiDocument({ group: 'ex.io', version: 'v1' }, [
    {
      resource: 'widgets',
      kind: 'Widget',
      listKind: 'WidgetList',
      namespaced: true,
      status: true,
      scale: true,
      selectableFields: ['.spec.name'],
      schema: { type: 'object', properties: { port: { 'x-kubernetes-int-or-string': true } } },
    },
  ]);
  expect(Object.keys(document?.paths ?? {})).toEqual([
    '/apis/ex.io/v1/namespaces/{namespace}/widgets',
    '/apis/ex.io/v1/namespaces/{namespace}/widgets/{name}',
    '/apis/ex.io/v1/namespaces/{namespace}/widgets/{name}/scale',
    '/apis/ex.io/v1/namespaces/{namespace}/widgets/{name}/status',
    '/apis/ex.io/v1/widgets',
  ]);
  const patch = pathsOf(document)['/apis/ex.io/v1/namespaces/{namespace}/widgets/{name}']?.patch;
  expect(Object.keys(patch?.requestBody?.content ?? {})).not.toContain('application/strategic-merge-patch+json');
  expect(document?.components.schemas['io.ex.v1.Widget']).toMatchObject({
    properties: { port: { anyOf: [{ type: 'integer' }, { type: 'string' }] }, metadata: { allOf: [{}] } },
    'x-kubernetes-group-version-kind': [{ group: 'ex.io', kind: 'Widget', version: 'v1' }],
    'x-kubernetes-selectable-fields': [{ fieldPath: 'spec.name' }],
  });
  expect(openApiDocument({ group: 'ex.io', version: 'v1' })).toBeUndefined();
});

test('openApiHash is what the server puts into the address of a document', () => {
  expect(openApiHash('{}')).toMatch(/^[0-9A-F]{128}$/);
  expect(openApiHash('{}')).not.toBe(openApiHash('[]'));
});
