import type { Answer, Call, Services } from '../call.ts';
import { type Endpoint, storeKey } from '../endpoint.ts';
import { badRequest, internalError, invalidObject, notFound, serviceUnavailable } from '../errors.ts';
import { type FieldError, invalid } from '../field-error.ts';
import { quote } from '../go-format.ts';
import { listAt, type ServerObject, stringAt } from '../object.ts';
import { collectionOf } from './read.ts';

/** Subresources that lead to a node, a pod or a service. */
const connections: readonly string[] = ['attach', 'exec', 'log', 'portforward', 'proxy'];

/** Whether a request wants to talk to something behind the server. */
export function connects(endpoint: Endpoint, subresource: string): boolean {
  return !endpoint.custom && connections.includes(subresource);
}

/**
 * Answers requests to what is behind the server. Nodes are simulated at best: logs are those of containers that write nothing, and
 * connections meet nobody.
 *
 * @throws {Refusal} what the real server says when nobody is there.
 */
export function connect(_services: Services, endpoint: Endpoint, call: Call): Answer {
  const { namespace, name, subresource } = call.target;
  const object = collectionOf(endpoint, 'get').get(storeKey(endpoint, namespace, name))?.object;
  if (subresource === 'log') checkLogOptions(name, call.info.query);
  if (object === undefined) throw notFound(endpoint, name);
  if (endpoint.resource === 'services') throw serviceUnavailable(`no endpoints available for service ${quote(name)}`);
  const node = endpoint.resource === 'nodes' ? name : stringAt(object, 'spec', 'nodeName');
  switch (subresource) {
    case 'log':
      checkContainer(object, call.info.query.get('container') ?? '');
      return { type: 'text', code: node === '' ? 204 : 200, text: '' };
    case 'proxy':
      throw unreachable(endpoint, object);
    case 'exec':
    case 'attach':
      checkContainer(object, call.info.query.get('container') ?? '');
  }
  if (node === '') throw badRequest(`pod ${name} does not have a host assigned`);
  throw internalError(`error dialing backend: dial tcp: lookup ${node}: no such host`);
}

function unreachable(endpoint: Endpoint, object: ServerObject): Error {
  const ip = stringAt(object, 'status', 'podIP');
  if (endpoint.resource === 'pods' && ip === '') return badRequest('address not allowed');
  const address = endpoint.resource === 'pods' ? `${ip}:80` : `${object.metadata.name ?? ''}:10250`;
  return serviceUnavailable(`error trying to reach service: dial tcp ${address}: connect: connection refused`);
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidatePodLogOptions` */
function checkLogOptions(name: string, query: URLSearchParams): void {
  const errors: FieldError[] = [];
  const check = (field: string, lowest: number, why: string): void => {
    const text = query.get(field);
    if (text !== null && Number(text) < lowest) errors.push(invalid(field, Number(text), why));
  };
  check('tailLines', 0, 'must be greater than or equal to 0');
  check('limitBytes', 1, 'must be greater than 0');
  check('sinceSeconds', 1, 'must be greater than 0');
  if (errors.length > 0) throw invalidObject({ group: '', kind: 'PodLogOptions' }, name, errors);
}

/** @see k8s.io/kubernetes pkg/registry/core/pod `validateContainer` */
function checkContainer(pod: ServerObject, container: string): void {
  const { name = '' } = pod.metadata;
  const names = (field: string): string[] => listAt(pod, 'spec', field).map((one) => stringAt(one, 'name'));
  const containers = names('containers');
  const others = names('initContainers');
  if (container !== '') {
    if ([...containers, ...others, ...names('ephemeralContainers')].includes(container)) return;
    throw badRequest(`container ${container} is not valid for pod ${name}`);
  }
  if (containers.length === 1) return;
  const init = others.length === 0 ? '' : ` or one of the init containers: [${others.join(' ')}]`;
  throw badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]${init}`,
  );
}
