import type { Call, Services } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import { plainError } from '../errors.ts';
import type { PatchOptions } from '../http/query-options.ts';
import type { ServerObject } from '../object.ts';

/** What is stored and how it is applied to. */
export interface Application {
  readonly live: ServerObject | undefined;
  readonly options: PatchOptions;
  readonly subresource: string;
}

/** Server-side apply. */
export function applyConfiguration(
  _services: Services,
  _endpoint: Endpoint,
  _call: Call,
  _application: Application,
): ServerObject {
  throw plainError('apply is not available');
}
