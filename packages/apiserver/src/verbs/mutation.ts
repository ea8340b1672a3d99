import type { Services } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import type { ServerObject } from '../object.ts';

/** What the admission plug-ins of a default server do to objects on their way in. */
export function mutate(
  _services: Services,
  _endpoint: Endpoint,
  _operation: 'create' | 'update',
  _object: ServerObject,
  _live: ServerObject | undefined,
): void {}
