import { clone, groupVersion, LabelSelector, type LabelSelectorSource, SelectorError } from '@bowline/apimachinery';
import { parentManagedFields, type ReplicasPaths, scaleManagedFields } from '../apply/index.ts';
import type { Answer, Call, Services } from '../call.ts';
import { BuiltinCodec } from '../codec/builtin-codec.ts';
import { type Endpoint, type ScalePaths, storeKey } from '../endpoint.ts';
import { badRequest, internalError, invalidObject, noSuchResource, notFound } from '../errors.ts';
import { invalid } from '../field-error.ts';
import { decodeObject } from '../http/body.ts';
import { bodyFormat } from '../http/media-type.ts';
import { managerOf, type PatchOptions, patchOptions, writeOptions } from '../http/query-options.ts';
import { isObject, type JsonObject, type Metadata, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { matchNamespace } from './admission.ts';
import { applied } from './apply.ts';
import { applyPatchTo, decodePatched, patchTypeOf } from './patch.ts';
import { checkName, collectionOf, revisionOf, waitFor } from './read.ts';
import { storeUpdate } from './store-update.ts';
import { checkObjectName } from './update.ts';

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
const codec = new BuiltinCodec(scaleKind, { defaulter: undefined });

/** Reads, replaces or patches the replica count of an object. */
export async function scale(services: Services, endpoint: Endpoint, call: Call): Promise<Answer> {
  const paths = endpoint.scale;
  if (paths === undefined) throw noSuchResource();
  const collection = collectionOf(endpoint, 'get');
  const { namespace, name, verb } = call.target;
  if (verb === 'get') {
    const revision = revisionOf(call.info.query.get('resourceVersion') ?? '');
    checkName(name);
    await waitFor(services, revision, call.signal);
    const entry = collection.get(storeKey(endpoint, namespace, name));
    if (entry === undefined) throw notFound(endpoint, name);
    const { object } = endpoint.codec.view(entry);
    if (endpoint.custom && numberAt(object, ...paths.specReplicas) === undefined) {
      throw internalError(`the spec replicas field ${JSON.stringify(dotted(paths.specReplicas))} does not exist`);
    }
    return answer(scaleOf(endpoint, paths, object));
  }
  return verb === 'update'
    ? replaceScale(services, endpoint, call, paths)
    : patchScale(services, endpoint, call, paths);
}

function dotted(path: readonly string[]): string {
  return `.${path.join('.')}`;
}

function answer(object: JsonObject): Answer {
  return { type: 'made', code: 200, object };
}

/** The Scale of an object. */
function scaleOf(endpoint: Endpoint, paths: ScalePaths, object: ServerObject): ServerObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const metadata: JsonObject = {};
  for (const [field, value] of Object.entries({ name, namespace, uid, resourceVersion, creationTimestamp })) {
    if (value !== undefined) metadata[field] = value;
  }
  const selector = selectorOf(paths, object);
  const replicas = numberAt(object, ...paths.specReplicas) ?? 0;
  return {
    kind: scaleKind.kind,
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: replicas === 0 && !endpoint.custom ? {} : replicas === 0 ? {} : { replicas },
    status: {
      replicas: numberAt(object, ...paths.statusReplicas) ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  };
}

/** The selector as text. */
function selectorOf(paths: ScalePaths, object: ServerObject): string {
  if (paths.labelSelector !== undefined) return stringAt(object, ...paths.labelSelector);
  const source = paths.selector === undefined ? undefined : valueAt(object, ...paths.selector);
  if (!isObject(source)) return '';
  try {
    const isPlain = !('matchLabels' in source || 'matchExpressions' in source);
    const selector = isPlain ? { matchLabels: source as Record<string, string> } : (source as LabelSelectorSource);
    return LabelSelector.from(selector).toString();
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.reason);
    throw error;
  }
}

function replaceScale(services: Services, endpoint: Endpoint, call: Call, paths: ScalePaths): Answer {
  const options = writeOptions(call.info.query, 'UpdateOptions');
  const format = bodyFormat(call.headers['content-type']);
  const expected = { ...scaleKind, custom: false, codec };
  const { object } = decodeObject(call.body, format, expected, options.fieldValidation, (text) => {
    call.warnings.push(text);
  });
  const { name } = call.target;
  const namespace = endpoint.namespaced ? call.target.namespace : '';
  matchNamespace(object.metadata, namespace);
  checkObjectName(object, name, namespace);
  return writeScale(services, endpoint, call, paths, options, {
    uid: object.metadata.uid ?? '',
    next: (present, manager) => services.fieldManagers.scale.update(present, object, manager) as ServerObject,
  });
}

function patchScale(services: Services, endpoint: Endpoint, call: Call, paths: ScalePaths): Answer {
  const type = patchTypeOf(call.headers['content-type'], endpoint.custom);
  const options: PatchOptions = patchOptions(call.info.query, type === 'apply');
  const namespace = endpoint.namespaced ? call.target.namespace : '';
  return writeScale(services, endpoint, call, paths, options, {
    uid: '',
    next: (present, manager) => {
      const fields = services.fieldManagers.scale;
      let object: ServerObject;
      if (type === 'apply') {
        const value = applied(fields, call, present, options);
        object = codec.decode({ value, duplicates: new Map(), from: 'merge' }, 'Ignore').object;
      } else {
        const patched = applyPatchTo(present, call.body, type, options, scaleKind);
        object = fields.update(
          present,
          decodePatched({ ...scaleKind, custom: false, codec }, call, patched, options),
          manager,
        ) as ServerObject;
      }
      matchNamespace(object.metadata, namespace);
      checkObjectName(object, call.target.name, namespace);
      return object;
    },
  });
}

/** Writes the replica count that a Scale asks for into the object. */
function writeScale(
  services: Services,
  endpoint: Endpoint,
  call: Call,
  paths: ScalePaths,
  options: ReturnType<typeof writeOptions>,
  change: { readonly uid: string; next(present: ServerObject, manager: string): ServerObject },
): Answer {
  const collection = collectionOf(endpoint, 'update');
  const { name } = call.target;
  const manager = managerOf(options, call.headers['user-agent']);
  const { view } = storeUpdate(services, endpoint, collection, call, {
    namespace: endpoint.namespaced ? call.target.namespace : '',
    name,
    uid: change.uid,
    strategy: endpoint.strategy(''),
    forceCreate: false,
    dryRun: options.dryRun,
    transform: (stored) => {
      const live = stored as ServerObject;
      const present = scaleOf(endpoint, paths, live);
      const replicasOf: ReplicasPaths = (version) => replicasPath(services, endpoint, version);
      setManagedFields(present.metadata, scaleManagedFields(live.metadata.managedFields, replicasOf));
      const wanted = change.next(present, manager);
      const replicas = numberAt(wanted, 'spec', 'replicas') ?? 0;
      if (!endpoint.custom && replicas < 0) {
        const errors = [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')];
        throw invalidObject(scaleKind, name, errors);
      }
      const object = clone(live) as ServerObject;
      setAt(object, paths.specReplicas, replicas);
      const { resourceVersion = '' } = wanted.metadata;
      if (resourceVersion !== '') object.metadata.resourceVersion = resourceVersion;
      const { managedFields } = live.metadata;
      const entries = parentManagedFields(
        managedFields,
        wanted.metadata.managedFields,
        endpoint.apiVersion,
        replicasOf,
      );
      setManagedFields(object.metadata, entries);
      return object;
    },
  });
  return answer(scaleOf(endpoint, paths, view.object));
}

function setManagedFields(metadata: Metadata, entries: readonly unknown[]): void {
  if (entries.length === 0) delete metadata.managedFields;
  else metadata.managedFields = entries as NonNullable<Metadata['managedFields']>;
}

/** Where a version of a resource has its replicas; null where it has no scale, undefined where it is not served. */
function replicasPath(
  services: Services,
  endpoint: Endpoint,
  apiVersion: string,
): readonly string[] | null | undefined {
  const { group, version } = groupVersion(apiVersion);
  const other = services.endpoint(group, version, endpoint.resource);
  return other === undefined ? undefined : (other.scale?.specReplicas ?? null);
}

function setAt(object: JsonObject, path: readonly string[], value: unknown): void {
  const [field = '', ...rest] = path;
  if (rest.length === 0) {
    object[field] = value;
    return;
  }
  const present = object[field];
  const inner: JsonObject = isObject(present) ? present : {};
  object[field] = inner;
  setAt(inner, rest, value);
}
