import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env as processEnv } from 'node:process';
import { checkOptions, rules } from '@bowline/apimachinery/arguments';
import { ClientError } from '../errors.ts';
import { KubeConfig } from './kube-config.ts';

/** Where a pod finds what it needs. */
export interface InClusterOptions {
  /** @default that of the process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** @default '/var/run/secrets/kubernetes.io/serviceaccount' */
  readonly directory?: string | undefined;
}

const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

export function isInCluster(env: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(env.KUBERNETES_SERVICE_HOST && env.KUBERNETES_SERVICE_PORT);
}

/**
 * The configuration of the pod that this runs in: its service account at the cluster's own API server. The token is read again as it changes.
 *
 * @throws {ClientError} `CLIENT_NOT_IN_CLUSTER` when this is no pod, or one without a service account's token.
 * @see client-go rest/config.go `InClusterConfig`
 */
export async function inClusterConfig(options: InClusterOptions = {}): Promise<KubeConfig> {
  checkOptions<InClusterOptions>('use in-cluster configuration', options, {
    env: rules.object,
    directory: rules.nonEmptyString,
  });
  const { env = processEnv, directory = SERVICE_ACCOUNT_DIRECTORY } = options;
  const host = env.KUBERNETES_SERVICE_HOST;
  const port = env.KUBERNETES_SERVICE_PORT;
  if (!host || !port) {
    throw notInCluster('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be set, as they are in a pod');
  }
  const tokenFile = join(directory, 'token');
  try {
    await readFile(tokenFile);
  } catch (error) {
    throw notInCluster(`${tokenFile} must be readable; does the pod have automountServiceAccountToken: false?`, error);
  }
  return new KubeConfig({
    cluster: {
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      certificateAuthority: join(directory, 'ca.crt'),
    },
    user: { tokenFile },
    namespace: await namespaceOf(join(directory, 'namespace')),
    names: { source: 'the pod', cluster: 'in-cluster', user: 'service account of the pod' },
  });
}

async function namespaceOf(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim() || undefined;
  } catch {
    return undefined; // Only some pods have it, and nothing here needs it.
  }
}

function notInCluster(why: string, cause?: unknown): ClientError {
  return new ClientError(`Cannot use in-cluster configuration: ${why}`, { code: 'CLIENT_NOT_IN_CLUSTER', cause });
}
