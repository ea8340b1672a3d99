import type { Answer, Call, Services } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import { noSuchResource } from '../errors.ts';

/** Carries out a POST to a subresource. */
export function createSubresource(_services: Services, _endpoint: Endpoint, _call: Call): Answer {
  throw noSuchResource();
}
