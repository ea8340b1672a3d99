import { templateGeneration } from '../builtins/preparations.ts';
import type { ListMetadata } from '../call.ts';
import type { View } from '../codec/codec.ts';
import type { Endpoint } from '../endpoint.ts';
import { badRequest, notAcceptableBecause } from '../errors.ts';
import { invalid } from '../field-error.ts';
import type { JsonObject, Metadata, ServerObject } from '../object.ts';
import { renderTable } from '../table/index.ts';
import type { Transform } from './media-type.ts';

type IncludeObject = 'None' | 'Metadata' | 'Object';

/** @throws {Refusal} 400 when the value is not one of those that tables know. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') ?? '';
  if (value === '') return 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  const { field, message } = invalid('includeObject', value, "must be 'Metadata', 'Object', 'None', or empty");
  throw badRequest(`Unable to convert to Table as requested: ${field}: ${message}`);
}

/** The answer to a client that asked for another form of one object. @throws {Refusal} 406 when there is no such form. */
export function transformObject(
  endpoint: Endpoint,
  object: ServerObject,
  transform: Transform,
  table: { readonly includeObject: IncludeObject; readonly nowMs: number; readonly withColumns: boolean },
): JsonObject {
  const { kind, version } = transform;
  switch (kind) {
    case 'PartialObjectMetadata':
      return partial(endpoint, object, version);
    case 'PartialObjectMetadataList':
      throw notAcceptableBecause(
        `you requested PartialObjectMetadataList, but the requested object is not a list (${goNameOf(endpoint, '')})`,
      );
    case 'Table': {
      const { resourceVersion = '' } = object.metadata;
      const metadata = resourceVersion === '' ? {} : { resourceVersion };
      return tableOf(endpoint, [object], version, metadata, table);
    }
  }
}

/** The answer to a client that asked for another form of a list. @throws {Refusal} 406 when there is no such form. */
export function transformList(
  endpoint: Endpoint,
  views: readonly View[],
  metadata: ListMetadata,
  transform: Transform,
  table: { readonly includeObject: IncludeObject; readonly nowMs: number; readonly withColumns: boolean },
): JsonObject {
  const { kind, version } = transform;
  const objects = views.map((view) => view.object);
  switch (kind) {
    case 'PartialObjectMetadata':
      throw notAcceptableBecause(
        `you requested PartialObjectMetadata, but the requested object is a list (${goNameOf(endpoint, 'List')})`,
      );
    case 'PartialObjectMetadataList':
      return {
        kind,
        apiVersion: `meta.k8s.io/${version}`,
        metadata,
        items: objects.map((object) => partial(endpoint, object, version)),
      };
    case 'Table':
      return tableOf(endpoint, objects, version, metadata, table);
  }
}

function partial(endpoint: Endpoint, object: ServerObject, version: string): JsonObject {
  const metadata = internalMetadata(endpoint, object);
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata };
}

/** Metadata as the real server has it internally, where an annotation may be a field. */
function internalMetadata({ apiVersion, kind }: Endpoint, { metadata }: ServerObject): Metadata {
  if (kind !== 'DaemonSet' || apiVersion !== 'apps/v1') return metadata;
  const { annotations: all = {}, ...others } = metadata;
  const { [templateGeneration]: _, ...annotations } = all;
  return Object.keys(annotations).length === 0 ? others : { ...others, annotations };
}

function withInternalMetadata(endpoint: Endpoint, object: ServerObject): ServerObject {
  const metadata = internalMetadata(endpoint, object);
  return metadata === object.metadata ? object : { ...object, metadata };
}

/** How Go names the type in the real server's messages. */
function goNameOf(endpoint: Endpoint, suffix: string): string {
  if (endpoint.custom) return `*unstructured.Unstructured${suffix}`;
  const internal = endpoint.group === '' || endpoint.group === 'events.k8s.io' ? 'core' : endpoint.group.split('.')[0];
  return `*${internal}.${endpoint.kind}${suffix}`;
}

function tableOf(
  endpoint: Endpoint,
  objects: readonly ServerObject[],
  version: string,
  metadata: object,
  { includeObject, nowMs, withColumns }: { includeObject: IncludeObject; nowMs: number; withColumns: boolean },
): JsonObject {
  return renderTable({
    printer: endpoint.printer(),
    objects: includeObject === 'Metadata' ? objects.map((object) => withInternalMetadata(endpoint, object)) : objects,
    apiVersion: version === 'v1' ? 'meta.k8s.io/v1' : 'meta.k8s.io/v1beta1',
    metadata: { ...metadata },
    includeObject,
    nowMs,
    withColumns,
  });
}
