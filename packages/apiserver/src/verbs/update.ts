import type { Answer, Call, Services } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import { badRequest } from '../errors.ts';
import { decodeObject } from '../http/body.ts';
import { bodyFormat } from '../http/media-type.ts';
import { managerOf, writeOptions } from '../http/query-options.ts';
import type { ServerObject } from '../object.ts';
import { admitToNamespace, deduplicateOwners, matchNamespace } from './admission.ts';
import { trackWrite } from './managed-fields.ts';
import { mutate } from './mutation.ts';
import { collectionOf } from './read.ts';
import { storeUpdate } from './store-update.ts';

/**
 * The object must be the one that the path names.
 *
 * @throws {Refusal} 400 when it is not.
 * @see k8s.io/apiserver endpoints/handlers/rest.go `checkName`
 */
export function checkObjectName(object: ServerObject, name: string, namespace: string): void {
  const { name: own = '', namespace: ownNamespace = '' } = object.metadata;
  if (own === '') {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (own !== name) throw badRequest(`the name of the object (${own}) does not match the name on the URL (${name})`);
  if (namespace !== '' && ownNamespace !== '' && ownNamespace !== namespace) {
    throw badRequest(
      `the namespace of the object (${ownNamespace}) does not match the namespace on the request (${namespace})`,
    );
  }
}

/** Replaces an object, or one of its subresources. @see k8s.io/apiserver endpoints/handlers/update.go */
export function update(services: Services, endpoint: Endpoint, call: Call): Answer {
  const collection = collectionOf(endpoint, 'update');
  const { name, subresource } = call.target;
  const options = writeOptions(call.info.query, 'UpdateOptions');
  const format = bodyFormat(call.headers['content-type']);
  const { object } = decodeObject(call.body, format, endpoint, options.fieldValidation, (text) => {
    call.warnings.push(text);
  });
  const namespace = endpoint.namespaced ? call.target.namespace : '';
  matchNamespace(object.metadata, namespace);
  checkObjectName(object, name, namespace);
  deduplicateOwners(object.metadata, call);
  const manager = managerOf(options, call.headers['user-agent']);
  const { view, created } = storeUpdate(services, endpoint, collection, call, {
    namespace,
    name,
    uid: object.metadata.uid ?? '',
    subresource,
    strategy: endpoint.strategy(subresource),
    forceCreate: false,
    dryRun: options.dryRun,
    transform: (live) => {
      const next = trackWrite(services, endpoint, { live, object, manager, subresource });
      admitToNamespace(services, endpoint, live === undefined ? 'create' : 'update', next, namespace);
      mutate(services, endpoint, live === undefined ? 'create' : 'update', next, live, subresource);
      return next;
    },
  });
  return { type: 'object', code: created ? 201 : 200, view };
}
