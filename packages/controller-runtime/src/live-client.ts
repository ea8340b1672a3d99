import type { Client, WriteDefaults } from '@bowline/client';

type Verbs =
  | 'get'
  | 'list'
  | 'pages'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'apply'
  | 'delete'
  | 'deleteCollection'
  | 'updateStatus'
  | 'patchStatus'
  | 'applyStatus'
  | 'getScale'
  | 'updateScale'
  | 'patchScale'
  | 'getSubresource'
  | 'createSubresource'
  | 'raw'
  | 'listItems'
  | 'watchItems'
  | 'retireConnections';

/** What a manager needs of a client: the verbs of `@bowline/client`'s `Client`, which may come from another installed copy. */
export interface LiveClient extends Pick<Client, Verbs> {
  /** The same client with other defaults for writes. */
  with(defaults: WriteDefaults): LiveClient;
}
