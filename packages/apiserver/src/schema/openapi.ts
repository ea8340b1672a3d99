import { createHash } from 'node:crypto';
import type { GroupVersion, GroupVersionKind } from '@bowline/apimachinery';
import {
  type BuiltinSubresource,
  builtinDefinition,
  builtinDefinitionName,
  builtinGroups,
  type OpenApiSchema,
  serverVersion,
} from '../data/index.ts';
import { crdDefinition } from './custom.ts';

/** One served version of a CustomResourceDefinition, as far as its document needs it. */
export interface CustomResourceVersion {
  /** Plural name in URLs. */
  readonly resource: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  /** `openAPIV3Schema` of the version. */
  readonly schema?: OpenApiSchema | undefined;
  /** It has the subresource `status`. */
  readonly status: boolean;
  /** It has the subresource `scale`. */
  readonly scale: boolean;
  /** JSON paths of `selectableFields`: `.spec.color`. */
  readonly selectableFields?: readonly string[] | undefined;
}

/** An OpenAPI v3 document of one group-version. */
export interface OpenApiDocument {
  readonly openapi: '3.0.0';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, unknown>>;
  readonly components: { readonly schemas: Readonly<Record<string, OpenApiSchema>> };
}

interface Described {
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly BuiltinSubresource[];
  /** Component of the kind and of its list; undefined where there is none. */
  readonly definition: string | undefined;
  readonly listDefinition: string | undefined;
}

const status = 'io.k8s.apimachinery.pkg.apis.meta.v1.Status';
const deleteOptions = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';
const patch = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';
const crdVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const subresourceVerbs = ['get', 'patch', 'update'];

/**
 * The OpenAPI v3 document of a group-version: a path per resource and subresource that is served, with the kind that it takes and
 * the patches that it understands, and the schemas that they name, without descriptions. Built-in resources are known;
 * `custom` are the custom resources of the group-version.
 *
 * @returns undefined when the group-version has neither built-in nor custom resources.
 */
export function openApiDocument(
  groupVersion: GroupVersion,
  custom: readonly CustomResourceVersion[] = [],
): OpenApiDocument | undefined {
  const { group, version } = groupVersion;
  const builtin = builtinGroups()
    .find((one) => one.name === group)
    ?.versions.find((one) => one.version === version)?.resources;
  if (builtin === undefined && custom.length === 0) return undefined;
  const own: Record<string, OpenApiSchema> = {};
  const described: Described[] = (builtin ?? []).map((one) => ({
    ...one,
    subresources: one.subresources ?? [],
    definition: builtinDefinitionName({ group, version, kind: one.kind }),
    listDefinition: builtinDefinitionName({ group, version, kind: `${one.kind}List` }),
  }));
  for (const one of custom) described.push(describeCustom(groupVersion, one, own));
  const paths: Record<string, unknown> = {};
  for (const one of described) addPaths(paths, groupVersion, one, builtin !== undefined);
  const { major, minor } = serverVersion();
  const info =
    builtin === undefined
      ? { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' }
      : { title: 'Kubernetes', version: `${major}.${minor}` };
  return { openapi: '3.0.0', info, paths: sorted(paths), components: { schemas: closure(paths, own) } };
}

/** What the server puts into `?hash=` of a document: it changes when the document does. `text` is the document as it is sent. */
export function openApiHash(text: string): string {
  return createHash('sha512').update(text).digest('hex').toUpperCase();
}

function describeCustom(
  groupVersion: GroupVersion,
  one: CustomResourceVersion,
  own: Record<string, OpenApiSchema>,
): Described {
  const { group, version } = groupVersion;
  const prefix = `${group.split('.').reverse().join('.')}.${version}`;
  const definition = `${prefix}.${one.kind}`;
  const listDefinition = `${prefix}.${one.listKind}`;
  const selectable =
    one.selectableFields === undefined || one.selectableFields.length === 0
      ? {}
      : {
          'x-kubernetes-selectable-fields': one.selectableFields.map((path) => ({
            fieldPath: path.replace(/^\./, ''),
          })),
        };
  own[definition] = {
    ...crdDefinition(one.schema),
    'x-kubernetes-group-version-kind': [{ group, kind: one.kind, version }],
    ...selectable,
  };
  own[listDefinition] = {
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      items: { type: 'array', items: reference(definition) },
      kind: { type: 'string' },
      metadata: { allOf: [reference('io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta')] },
    },
    'x-kubernetes-group-version-kind': [{ group, kind: one.listKind, version }],
    ...selectable,
  };
  const subresources: BuiltinSubresource[] = [];
  if (one.status) subresources.push({ name: 'status', kind: one.kind, verbs: subresourceVerbs });
  if (one.scale) {
    subresources.push({ name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: subresourceVerbs });
  }
  return { ...one, verbs: crdVerbs, subresources, definition, listDefinition };
}

function reference(name: string): OpenApiSchema {
  return { $ref: `#/components/schemas/${name}` };
}

function parameter(name: string, type: string): unknown {
  return { name, in: 'query', schema: { type, uniqueItems: true } };
}

const parameters: Readonly<Record<string, readonly unknown[]>> = {
  list: [
    parameter('allowWatchBookmarks', 'boolean'),
    parameter('continue', 'string'),
    parameter('fieldSelector', 'string'),
    parameter('labelSelector', 'string'),
    parameter('limit', 'integer'),
    parameter('resourceVersion', 'string'),
    parameter('resourceVersionMatch', 'string'),
    parameter('sendInitialEvents', 'boolean'),
    parameter('timeoutSeconds', 'integer'),
    parameter('watch', 'boolean'),
  ],
  write: [parameter('dryRun', 'string'), parameter('fieldManager', 'string'), parameter('fieldValidation', 'string')],
  patch: [
    parameter('dryRun', 'string'),
    parameter('fieldManager', 'string'),
    parameter('fieldValidation', 'string'),
    parameter('force', 'boolean'),
  ],
  delete: [
    parameter('dryRun', 'string'),
    parameter('gracePeriodSeconds', 'integer'),
    parameter('ignoreStoreReadErrorWithClusterBreakingPotential', 'boolean'),
    parameter('orphanDependents', 'boolean'),
    parameter('propagationPolicy', 'string'),
  ],
};

function content(types: readonly string[], name: string | undefined): unknown {
  return Object.fromEntries(types.map((type) => [type, name === undefined ? {} : { schema: reference(name) }]));
}

interface Operations {
  readonly types: readonly string[];
  readonly bodyTypes: readonly string[];
  readonly patchTypes: readonly string[];
}

function operationsOf(builtin: boolean): Operations {
  return {
    types: builtin
      ? ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml']
      : ['application/json', 'application/yaml'],
    bodyTypes: builtin ? ['*/*'] : ['application/json', 'application/yaml'],
    patchTypes: [
      'application/apply-patch+yaml',
      'application/json-patch+json',
      'application/merge-patch+json',
      ...(builtin ? ['application/strategic-merge-patch+json'] : []),
    ],
  };
}

function operation(
  { types, bodyTypes, patchTypes }: Operations,
  action: string,
  gvk: GroupVersionKind,
  names: { readonly body?: string | undefined; readonly answer: string | undefined },
): unknown {
  const { body, answer } = names;
  const accepts =
    action === 'patch' ? content(patchTypes, patch) : body === undefined ? undefined : content(bodyTypes, body);
  const list =
    action === 'list'
      ? parameters.list
      : action === 'deletecollection'
        ? [
            ...(parameters.delete ?? []),
            ...(parameters.list ?? []).filter((one) => !/watch/i.test(JSON.stringify(one))),
          ]
        : (parameters[action === 'post' || action === 'put' ? 'write' : action] ?? []);
  const code = action === 'post' ? '201' : '200';
  return {
    parameters: list,
    ...(accepts === undefined
      ? {}
      : { requestBody: { content: accepts, ...(action.startsWith('delete') ? {} : { required: true }) } }),
    responses: {
      [code]: { description: action === 'post' ? 'Created' : 'OK', content: content(types, answer) },
      '401': { description: 'Unauthorized' },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: gvk.group, version: gvk.version, kind: gvk.kind },
  };
}

/** Adds the paths of one resource: those of its verbs. */
function addPaths(paths: Record<string, unknown>, groupVersion: GroupVersion, one: Described, builtin: boolean): void {
  const { group, version } = groupVersion;
  const gvk: GroupVersionKind = { group, version, kind: one.kind };
  const operations = operationsOf(builtin);
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const collection = `${root}${one.namespaced ? '/namespaces/{namespace}' : ''}/${one.resource}`;
  const can = (verb: string): boolean => one.verbs.includes(verb);
  const put = (path: string, members: Readonly<Record<string, unknown>>): void => {
    if (Object.keys(members).length === 0) return;
    const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const shared = names.map((name) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string', uniqueItems: true },
    }));
    paths[path] = { ...members, parameters: [...shared, parameter('pretty', 'string')] };
  };
  const kind = one.definition;
  const list = operation(operations, 'list', gvk, { answer: one.listDefinition });
  put(collection, {
    ...(can('list') ? { get: list } : {}),
    ...(can('create') ? { post: operation(operations, 'post', gvk, { body: kind, answer: kind }) } : {}),
    ...(can('deletecollection')
      ? { delete: operation(operations, 'deletecollection', gvk, { body: deleteOptions, answer: status }) }
      : {}),
  });
  if (one.namespaced && can('list')) put(`${root}/${one.resource}`, { get: list });
  put(
    `${collection}/{name}`,
    itemOperations(
      operations,
      gvk,
      one.verbs.filter((verb) => verb !== 'create'),
      kind,
    ),
  );
  for (const sub of one.subresources) {
    const of: GroupVersionKind = { group: sub.group ?? group, version: sub.version ?? version, kind: sub.kind };
    put(
      `${collection}/{name}/${sub.name}`,
      itemOperations(operations, of, sub.verbs, builtinDefinitionName(of) ?? kind),
    );
  }
}

function itemOperations(
  operations: Operations,
  gvk: GroupVersionKind,
  verbs: readonly string[],
  kind: string | undefined,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const verb of verbs) {
    if (verb === 'get') result.get = operation(operations, 'get', gvk, { answer: kind });
    if (verb === 'update') result.put = operation(operations, 'put', gvk, { body: kind, answer: kind });
    if (verb === 'patch') result.patch = operation(operations, 'patch', gvk, { answer: kind });
    if (verb === 'delete')
      result.delete = operation(operations, 'delete', gvk, { body: deleteOptions, answer: status });
    if (verb === 'create') result.post = operation(operations, 'post', gvk, { body: kind, answer: kind });
  }
  return result;
}

/** All definitions that are named from `paths`, and by one another. */
function closure(
  paths: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, OpenApiSchema>>,
): Record<string, OpenApiSchema> {
  const found: Record<string, OpenApiSchema> = {};
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      if (key !== '$ref' || typeof member !== 'string') {
        visit(member);
        continue;
      }
      const name = member.slice(member.lastIndexOf('/') + 1);
      const schema = own[name] ?? builtinDefinition(name);
      if (found[name] !== undefined || schema === undefined) continue;
      found[name] = schema;
      visit(schema);
    }
  };
  visit(paths);
  return sorted(found);
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
