import type { Answer, Call, Services } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import { badRequest, noSuchResource } from '../errors.ts';
import { decodeObject } from '../http/body.ts';
import { bodyFormat } from '../http/media-type.ts';
import { bindPod } from './binding.ts';

/** The old way to bind a pod: the binding is posted by itself and names the pod. */
export function createBinding(services: Services, endpoint: Endpoint, call: Call): Answer {
  const pods = services.endpoint('', 'v1', 'pods');
  if (pods === undefined) throw noSuchResource();
  const { object } = decodeObject(call.body, bodyFormat(call.headers['content-type']), endpoint, 'Ignore', () => {});
  const { name = '' } = object.metadata;
  if (name === '') throw badRequest('Name parameter required.');
  return bindPod(services, pods, { ...call, target: { ...call.target, resource: 'pods', name } });
}

/** Carries out a POST to a subresource. */
export function createSubresource(services: Services, endpoint: Endpoint, call: Call): Answer {
  const { group, resource } = endpoint;
  if (group === '' && resource === 'pods' && call.target.subresource === 'binding')
    return bindPod(services, endpoint, call);
  throw noSuchResource();
}
