import { clone, formatTime } from '@bowline/apimachinery';
import type { Answer, Call, Services } from '../call.ts';
import { type Endpoint, storeKey } from '../endpoint.ts';
import { badRequest, conflict, noSuchResource, notFound, plainError } from '../errors.ts';
import { aggregateText, type FieldError, notSupported, required } from '../field-error.ts';
import { decodeObject } from '../http/body.ts';
import { bodyFormat } from '../http/media-type.ts';
import { writeOptions } from '../http/query-options.ts';
import { isObject, type JsonObject, listAt, type ServerObject, stringAt } from '../object.ts';
import { collectionOf } from './read.ts';

/** Binds a pod to a node, as schedulers do. @see k8s.io/kubernetes pkg/registry/core/pod/storage `BindingREST` */
export function bindPod(services: Services, endpoint: Endpoint, call: Call): Answer {
  const bindings = services.endpoint('', 'v1', 'bindings');
  if (bindings === undefined) throw noSuchResource();
  const options = writeOptions(call.info.query, 'CreateOptions');
  const format = bodyFormat(call.headers['content-type']);
  const { object: binding } = decodeObject(call.body, format, bindings, options.fieldValidation, (text) => {
    call.warnings.push(text);
  });
  const { name, namespace } = call.target;
  if (binding.metadata.name !== name) throw badRequest('name in URL does not match name in Binding object');
  const errors = targetErrors(binding);
  if (errors.length > 0) throw plainError(aggregateText(errors)); // the real server, too, answers 500
  const collection = collectionOf(endpoint, 'create');
  const entry = collection.get(storeKey(endpoint, namespace, name));
  if (entry === undefined) throw notFound(endpoint, name);
  const refuse = (why: string): Error => conflict({ group: '', resource: 'pods/binding' }, name, why);
  const { uid = '' } = entry.object.metadata;
  if ((binding.metadata.uid ?? uid) !== uid) {
    throw refuse(`Precondition failed: UID in precondition: ${binding.metadata.uid}, UID in object meta: ${uid}`);
  }
  const node = stringAt(binding, 'target', 'name');
  const assigned = stringAt(entry.object, 'spec', 'nodeName');
  if (entry.object.metadata.deletionTimestamp !== undefined) {
    throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  }
  if (assigned !== '') throw refuse(`pod ${name} is already assigned to node "${assigned}"`);
  if (listAt(entry.object, 'spec', 'schedulingGates').length > 0) {
    throw refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  }
  if (!options.dryRun) {
    const bound = bind(clone(entry.object) as ServerObject, node, binding, services.clock.now());
    const next = collection.put(entry.key, bound);
    endpoint.hooks?.updated?.(next, entry);
  }
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as const;
  return { type: 'status', code: 201, body };
}

function targetErrors(binding: ServerObject): FieldError[] {
  const kind = stringAt(binding, 'target', 'kind');
  const errors: FieldError[] = [];
  if (kind !== '' && kind !== 'Node') errors.push(notSupported('target.kind', kind, ['Node', '<empty>']));
  if (stringAt(binding, 'target', 'name') === '') errors.push(required('target.name'));
  return errors;
}

/** The pod on its node: annotations and labels of the binding go over, and it counts as scheduled. */
function bind(pod: ServerObject, node: string, { metadata }: ServerObject, nowMs: number): ServerObject {
  pod.spec = { ...(pod.spec as JsonObject), nodeName: node };
  if (metadata.annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...metadata.annotations };
  if (metadata.labels) pod.metadata.labels = { ...pod.metadata.labels, ...metadata.labels };
  const status = isObject(pod.status) ? pod.status : {};
  const others = listAt(status, 'conditions').filter((condition) => stringAt(condition, 'type') !== 'PodScheduled');
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: formatTime(nowMs),
  };
  pod.status = { ...status, conditions: [...others, scheduled] };
  return pod;
}
