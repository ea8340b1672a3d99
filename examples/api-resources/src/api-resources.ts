import type { Client } from '@bowline/client';
import { Discovery, formatApiResources } from '@bowline/discovery';

/** What `kubectl api-versions` prints. */
export async function apiVersions(client: Client): Promise<string> {
  return (await new Discovery({ client }).apiVersions()).join('\n');
}

/** What `kubectl api-resources` prints. */
export async function apiResources(client: Client, options: { readonly wide?: boolean } = {}): Promise<string> {
  return formatApiResources(await new Discovery({ client }).apiResources(), options);
}
