import type { KubeConfigLike } from '@bowline/client';
import { type Channel, Manager } from '@bowline/controller-runtime';
import type { PushEvent } from './push-webhook.ts';
import { Repository } from './repository.ts';

/** Where the code is. */
export interface CodeHost {
  /** The newest commit of a branch. */
  head(repository: string, branch: string): Promise<string>;
  build(repository: string, commit: string): Promise<void>;
}

/**
 * Builds the head of each repository's branch. Two sources wake the same key: changes of the object, and pushes. A push only says that it is
 * time to look: what is built is what the branch has then, so a lost or doubled webhook does no harm.
 */
export function repositoryBuilder(kubeConfig: KubeConfigLike, pushes: Channel<PushEvent>, host: CodeHost): Manager {
  const manager = new Manager({ kubeConfig });
  manager
    .controller(Repository)
    .source(pushes, (push) => [{ namespace: 'ci', name: push.repository.name }])
    .reconcile(async ({ key, client, log }) => {
      const repository = await client.get(Repository, key);
      if (!repository) return;
      const commit = await host.head(key.name, repository.spec.branch);
      if (repository.status?.builtCommit === commit) return;
      await host.build(key.name, commit);
      log.info({ commit }, 'Built');
      await client.patchStatus(Repository, key, { type: 'merge', body: { status: { builtCommit: commit } } });
    });
  return manager;
}
