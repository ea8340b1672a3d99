import { admitMutating, admitValidating } from '../builtins/admission.ts';
import type { AdmissionRequest } from '../builtins/admission-plugin.ts';
import type { Services } from '../call.ts';
import { clusterView } from '../cluster-view.ts';
import type { Endpoint } from '../endpoint.ts';
import type { ServerObject } from '../object.ts';

function requestOf(
  endpoint: Endpoint,
  operation: AdmissionRequest['operation'],
  object: ServerObject,
  live: ServerObject | undefined,
  subresource: string,
): AdmissionRequest {
  const { group, resource } = endpoint;
  return { group, resource, operation, subresource, object, live };
}

/**
 * What the admission plug-ins of a default server do to objects on their way in.
 *
 * @throws {Refusal} when one of them refuses the object.
 */
export function mutate(
  services: Services,
  endpoint: Endpoint,
  operation: AdmissionRequest['operation'],
  object: ServerObject,
  live: ServerObject | undefined,
  subresource: string,
): void {
  if (endpoint.custom) return;
  admitMutating(requestOf(endpoint, operation, object, live, subresource), clusterView(services.store));
}

/**
 * What the admission plug-ins of a default server have against objects that are valid.
 *
 * @throws {Refusal} when one of them refuses the object.
 */
export function admitValid(
  services: Services,
  endpoint: Endpoint,
  object: ServerObject,
  live: ServerObject | undefined,
  subresource: string,
): void {
  if (endpoint.custom) return;
  const operation = live === undefined ? 'create' : 'update';
  admitValidating(requestOf(endpoint, operation, object, live, subresource), clusterView(services.store));
}
