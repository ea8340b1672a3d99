import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeConfigData } from '@bowline/client';
import type { Env } from '@bowline/envtest';

/** A server that other processes can talk to. */
export interface ExposedServer extends AsyncDisposable {
  readonly kubeconfigPath: string;
}

/** Gives a server a kubeconfig file; the embedded one is made to listen. */
export async function expose(env: Env): Promise<ExposedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-exposed-'));
  const listening = await env.server?.listen({ port: 0 });
  const config = env.kubeConfig as KubeConfigData;
  const cluster = listening
    ? { server: listening.url }
    : {
        server: config.cluster.server,
        'certificate-authority-data': config.cluster.certificateAuthorityData,
      };
  const user = listening ? {} : { token: config.user?.token };
  const kubeconfigPath = join(folder, 'kubeconfig');
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'server', cluster }],
    users: [{ name: 'admin', user }],
    contexts: [{ name: 'server', context: { cluster: 'server', user: 'admin', namespace: 'default' } }],
    'current-context': 'server',
  };
  writeFileSync(kubeconfigPath, JSON.stringify(content), { mode: 0o600 });
  return {
    kubeconfigPath,
    async [Symbol.asyncDispose]() {
      await listening?.close();
      rmSync(folder, { recursive: true });
    },
  };
}
