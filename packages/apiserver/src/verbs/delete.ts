import type { Answer, Call, Services } from '../call.ts';
import type { View } from '../codec/codec.ts';
import type { Endpoint } from '../endpoint.ts';
import { badRequest, Refusal } from '../errors.ts';
import { quote } from '../go-format.ts';
import { FormatError, parseProtobuf, parseText, typeMetaOf } from '../http/body.ts';
import { type BodyFormat, bodyFormat } from '../http/media-type.ts';
import { readProtobuf } from '../http/protobuf-body.ts';
import { type DeleteOptions, deleteOptions, deleteOptionsOfQuery, listOptions } from '../http/query-options.ts';
import type { JsonObject } from '../object.ts';
import { DecodeError, readBuiltin } from '../schema/index.ts';
import { admitDelete } from './admission.ts';
import { checkName, collectionOf, listViews, readListOptions } from './read.ts';
import { storeDelete } from './store-delete.ts';

/**
 * Options stand in the body or, when there is none, in the query.
 *
 * @throws {Refusal} 400, 415 or 422.
 */
function readDeleteOptions(call: Call): DeleteOptions {
  if (call.body.length === 0) return deleteOptionsOfQuery(call.info.query);
  const format = bodyFormat(call.headers['content-type']);
  return deleteOptions(decodeOptions(call.body, format));
}

const optionsKind = { group: '', version: 'v1', kind: 'DeleteOptions' };

/** Any group-version may be named: every group has `DeleteOptions`. @throws {Refusal} 400 in the real server's words. */
function decodeOptions(bytes: Uint8Array, format: BodyFormat): JsonObject {
  try {
    const body = format === 'protobuf' ? parseProtobuf(bytes, optionsKind) : parseText(bytes, format);
    const said = 'value' in body ? typeMetaOf(body.value) : body;
    if (said.kind !== '' && said.kind !== optionsKind.kind) {
      const version = quote(said.apiVersion || 'meta.k8s.io/v1');
      throw badRequest(
        `no kind ${quote(said.kind)} is registered for version ${version} in scheme "pkg/runtime/scheme.go:111"`,
      );
    }
    return readBuiltin(optionsKind, 'value' in body ? body.value : readProtobuf(body)).object;
  } catch (error) {
    if (error instanceof FormatError || error instanceof DecodeError) throw badRequest(error.message);
    throw error;
  }
}

/** Deletes one object. @see k8s.io/apiserver endpoints/handlers/delete.go */
export function remove(services: Services, endpoint: Endpoint, call: Call): Answer {
  const collection = collectionOf(endpoint, 'delete');
  const options = readDeleteOptions(call);
  const { name } = call.target;
  checkName(name);
  if (collection.get(endpoint.namespaced ? `${call.target.namespace}/${name}` : name) !== undefined) {
    admitDelete(endpoint, name);
  }
  const target = { namespace: call.target.namespace, name };
  const { answer, gone } = storeDelete(services, endpoint, collection, target, options);
  warnOfOrphans(endpoint, call, options);
  const accepted = !gone && options.orphanDependents === false;
  return accepted && 'code' in answer ? { ...answer, code: 202 } : answer;
}

/** @see k8s.io/kubernetes pkg/registry/batch/job/storage `Delete` */
function warnOfOrphans(endpoint: Endpoint, call: Call, options: DeleteOptions): void {
  if (endpoint.group !== 'batch' || endpoint.resource !== 'jobs') return;
  if (options.propagationPolicy !== undefined || options.orphanDependents !== undefined) return;
  call.warnings.push(
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  );
}

/** Deletes all objects that are selected, one by one. */
export async function removeCollection(services: Services, endpoint: Endpoint, call: Call): Promise<Answer> {
  const collection = collectionOf(endpoint, 'deletecollection');
  const list = readListOptions(endpoint, call, false);
  listOptions(call.info.query, false);
  const options = readDeleteOptions(call);
  const { views, metadata } = await listViews(services, endpoint, call, list);
  for (const view of views) removeOne(services, endpoint, collection, view, options);
  warnOfOrphans(endpoint, call, options);
  return { type: 'list', views, metadata };
}

function removeOne(
  services: Services,
  endpoint: Endpoint,
  collection: NonNullable<Endpoint['collection']>,
  { object }: View,
  options: DeleteOptions,
): void {
  const { namespace = '', name = '' } = object.metadata;
  admitDelete(endpoint, name);
  try {
    storeDelete(services, endpoint, collection, { namespace, name }, { ...options });
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 404) throw error;
  }
}
