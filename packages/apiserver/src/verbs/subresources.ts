import type { Answer, Call, Services } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import { noSuchResource } from '../errors.ts';
import { bindPod } from './binding.ts';

/** Carries out a POST to a subresource. */
export function createSubresource(services: Services, endpoint: Endpoint, call: Call): Answer {
  const { group, resource } = endpoint;
  if (group === '' && resource === 'pods' && call.target.subresource === 'binding')
    return bindPod(services, endpoint, call);
  throw noSuchResource();
}
