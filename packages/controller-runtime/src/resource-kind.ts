import { apiVersion, type Kind, type KubernetesObject } from '@bowline/apimachinery';
import type { Resource } from '@bowline/client';

/** The handle of a resource that may be given without one. Its kind, when that is not known, is called like the resource. */
export function kindOf<T extends KubernetesObject>(resource: Resource<T>): Kind<T> {
  if ('subresources' in resource) return resource;
  const { kind = resource.resource } = resource;
  return { ...resource, kind, apiVersion: apiVersion(resource), subresources: [] };
}
