import type { Clock, Logger } from '@bowline/apimachinery';
import type { JsonObject, ServerObject } from '../object.ts';

/** A resource in the version in which the controllers see it. */
export interface ControlledResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Clients may delete objects of it. */
  readonly deletable: boolean;
}

/** One change of one stored object. */
export interface ControlledChange {
  readonly type: 'added' | 'modified' | 'deleted';
  readonly resource: ControlledResource;
  /** The new state; of a deleted object its last. Not to be changed. */
  readonly object: ServerObject;
}

/** A request as a client would send it. */
export interface ControllerRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body: JsonObject;
  /** Who owns the fields that the request sets. */
  readonly fieldManager: string;
}

/** The server as its controllers know it: they read what is stored and write as clients do. */
export interface ControllerPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** All that exists, at once, then every change in the turn of its write. @returns how to stop listening. */
  watch(listener: (change: ControlledChange) => void): () => void;
  get(resource: ControlledResource, namespace: string, name: string): ServerObject | undefined;
  list(resource: ControlledResource, namespace?: string): readonly ServerObject[];
  /** The served resource of a kind, in any version of the group; undefined when there is none. */
  resourceOf(group: string, kind: string): ControlledResource | undefined;
  /** All stored resources. */
  resources(): readonly ControlledResource[];
  /** Stores an object as it is, past all that a request goes through; only its uid and version are the server's. */
  store(resource: ControlledResource, object: ServerObject): void;
  /** Patches are merge patches. @returns the status code and the answer. */
  request(request: ControllerRequest): Promise<{ readonly code: number; readonly body: JsonObject }>;
}

/** The URL of an object, or of one of its subresources. */
export function objectPath(
  { group, version, resource, namespaced }: ControlledResource,
  namespace: string,
  name: string,
  subresource = '',
): string {
  const prefix = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespaced ? `/namespaces/${namespace}` : '';
  return `${prefix}${scope}/${resource}${name === '' ? '' : `/${encodeURIComponent(name)}`}${subresource === '' ? '' : `/${subresource}`}`;
}

/** The URL of a stored object. */
export function pathOf(resource: ControlledResource, object: ServerObject, subresource = ''): string {
  return objectPath(resource, object.metadata.namespace ?? '', object.metadata.name ?? '', subresource);
}

/**
 * Sends a write whose failure means that the world has moved on: a conflict, or the object is gone. Then a change has been or will be seen
 * that starts the work anew.
 *
 * @returns the answer, or undefined when the write was overtaken.
 * @throws {Error} for any other failure.
 */
export async function write(ports: ControllerPorts, request: ControllerRequest): Promise<JsonObject | undefined> {
  const { code, body } = await ports.request(request);
  if (code < 300) return body;
  if (code === 404 || code === 409) return undefined;
  throw new Error(`${request.method} ${request.path} was answered with ${code}: ${String(body.message)}`);
}
