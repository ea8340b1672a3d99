import { equal } from '@bowline/apimachinery';
import type { Call, Services } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import { badRequest, forbiddenRequest, notFound } from '../errors.ts';
import type { Metadata, ServerObject } from '../object.ts';
import { stringAt } from '../object.ts';
import type { Entry } from '../store/entry.ts';

/** What a client may not set when it creates an object. */
export function wipeSystemFields(metadata: Metadata): void {
  delete metadata.creationTimestamp;
  delete metadata.uid;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
}

/**
 * Gives the object the namespace of the request.
 *
 * @throws {Refusal} 400 when it names another one.
 */
export function matchNamespace(metadata: Metadata, namespace: string): void {
  const { namespace: own = '' } = metadata;
  if (own === namespace) return;
  if (own === '') metadata.namespace = namespace;
  else if (namespace === '') delete metadata.namespace;
  else throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

/** @see k8s.io/apiserver endpoints/handlers/rest.go `dedupOwnerReferencesAndAddWarning` */
export function deduplicateOwners(metadata: Metadata, call: Call): void {
  const { ownerReferences = [] } = metadata;
  if (ownerReferences.length < 2) return;
  const kept: typeof ownerReferences = [];
  const duplicates: string[] = [];
  for (const reference of ownerReferences) {
    if (kept.some((other) => other.uid === reference.uid && equal(other, reference))) duplicates.push(reference.uid);
    else kept.push(reference);
  }
  if (duplicates.length === 0) return;
  metadata.ownerReferences = kept;
  call.warnings.push(
    `.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${duplicates.join(', ')}`,
  );
}

/**
 * Nothing new of a definition that is being deleted.
 *
 * @throws {Refusal} 403
 * @see k8s.io/apiextensions-apiserver pkg/apiserver `forbidCreateAdmission`
 */
export function admitCreate(endpoint: Endpoint, { metadata }: ServerObject): void {
  if (endpoint.refusesCreate !== true) return;
  const why = 'create not allowed while custom resource definition is terminating';
  throw forbiddenRequest(endpoint, metadata.name ?? '', why);
}

const immortalNamespaces = ['default', 'kube-system', 'kube-public'];

function namespaceEntry(services: Services, name: string): Entry | undefined {
  return services.endpoint('', 'v1', 'namespaces')?.collection?.get(name);
}

/**
 * The life of namespaces: nothing is written into one that is missing, nothing created in one that is being deleted.
 *
 * @throws {Refusal} 404 or 403.
 * @see k8s.io/apiserver admission/plugin/namespace/lifecycle
 */
export function admitToNamespace(
  services: Services,
  endpoint: Endpoint,
  operation: 'create' | 'update',
  object: ServerObject,
  namespace: string,
): void {
  if (namespace === '' || !endpoint.namespaced) return;
  const entry = namespaceEntry(services, namespace);
  if (entry === undefined) throw notFound({ group: '', resource: 'namespaces' }, namespace);
  if (operation === 'update' || stringAt(entry.object, 'status', 'phase') !== 'Terminating') return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw forbiddenRequest(endpoint, object.metadata.name ?? object.metadata.generateName ?? '', why, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
}

/** @throws {Refusal} 403 for the namespaces that every cluster needs. */
export function admitDelete(endpoint: Endpoint, name: string): void {
  if (endpoint.group === '' && endpoint.resource === 'namespaces' && immortalNamespaces.includes(name)) {
    throw forbiddenRequest(endpoint, name, 'this namespace may not be deleted');
  }
}
