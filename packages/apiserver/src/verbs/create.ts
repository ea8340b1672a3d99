import type { Answer, Call, Services } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import { decodeObject } from '../http/body.ts';
import { bodyFormat } from '../http/media-type.ts';
import { managerOf, writeOptions } from '../http/query-options.ts';
import { admitCreate, admitToNamespace, deduplicateOwners, matchNamespace, wipeSystemFields } from './admission.ts';
import { trackWrite } from './managed-fields.ts';
import { mutate } from './mutation.ts';
import { collectionOf } from './read.ts';
import { storeCreate } from './store-create.ts';

/** Creates an object. @see k8s.io/apiserver endpoints/handlers/create.go */
export function create(services: Services, endpoint: Endpoint, call: Call): Answer {
  const collection = collectionOf(endpoint, 'create');
  const format = bodyFormat(call.headers['content-type']);
  const options = writeOptions(call.info.query, 'CreateOptions');
  const { object } = decodeObject(call.body, format, endpoint, options.fieldValidation, (text) => {
    call.warnings.push(text);
  });
  const namespace = endpoint.namespaced ? call.target.namespace : '';
  wipeSystemFields(object.metadata);
  matchNamespace(object.metadata, namespace);
  deduplicateOwners(object.metadata, call);
  const manager = managerOf(options, call.headers['user-agent']);
  const tracked = trackWrite(services, endpoint, { live: undefined, object, manager, subresource: '' });
  admitCreate(endpoint, tracked);
  admitToNamespace(services, endpoint, 'create', tracked, namespace);
  mutate(services, endpoint, 'create', tracked, undefined, '');
  const view = storeCreate(services, endpoint, collection, call, tracked, options.dryRun);
  return { type: 'object', code: 201, view };
}
