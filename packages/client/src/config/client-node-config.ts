import { type Clock, isJsonObject } from '@bowline/apimachinery';
import type { ClientCertificate, CredentialHeaders, Credentials } from '../connect/credentials.ts';
import { invalidConfig } from '../errors.ts';
import type {
  ClientNodeCluster,
  ClientNodeKubeConfig,
  ClientNodeUser,
  KubeConfigData,
  KubeConfigLike,
  UserConfig,
} from './kube-config.ts';

/** How long an answer of client-node's authentication serves: it reads files at each call and keeps tokens itself. */
const MAX_AGE_MS = 5_000;

export function isClientNodeConfig(config: KubeConfigLike): config is ClientNodeKubeConfig {
  if (typeof config !== 'object' || config === null) return false; // Said by who checks it.
  return 'getCurrentCluster' in config && typeof config.getCurrentCluster === 'function';
}

/**
 * What client-node's configuration says of its current context, as it is now.
 *
 * @throws {ClientError} `CLIENT_CONFIG_INVALID` when the context has no cluster.
 */
export function fromClientNode(config: ClientNodeKubeConfig): KubeConfigData {
  const context = config.getCurrentContext?.();
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  if (!cluster) {
    throw invalidConfig(
      `Cannot use KubeConfig of @kubernetes/client-node: context "${context ?? ''}" must name a cluster that it has; was loadFromDefault() or another load… called?`,
    );
  }
  return {
    cluster: clusterOf(cluster),
    user: user ? userOf(user) : undefined,
    namespace: context === undefined ? undefined : (config.getContextObject?.(context)?.namespace ?? undefined),
    names: { source: 'KubeConfig of @kubernetes/client-node', context, cluster: cluster.name, user: user?.name },
    ports: config.ports,
  };
}

function clusterOf(cluster: ClientNodeCluster): KubeConfigData['cluster'] {
  return {
    server: cluster.server,
    certificateAuthorityData: cluster.caData,
    certificateAuthority: cluster.caFile,
    tlsServerName: cluster.tlsServerName,
    insecureSkipTlsVerify: cluster.skipTLSVerify,
    proxyUrl: cluster.proxyUrl,
  };
}

function userOf(user: ClientNodeUser): UserConfig {
  const provider = isJsonObject(user.authProvider) ? user.authProvider : undefined;
  const settings = isJsonObject(provider?.config) ? provider.config : {};
  const tokenFile = typeof settings.tokenFile === 'string' ? settings.tokenFile : undefined;
  const exec = isJsonObject(user.exec) ? user.exec : undefined;
  return {
    token: user.token,
    tokenFile,
    username: user.username,
    password: user.password,
    clientCertificateData: user.certData,
    clientCertificate: user.certFile,
    clientKeyData: user.keyData,
    clientKey: user.keyFile,
    impersonate: user.impersonateUser ? { user: user.impersonateUser } : undefined,
    exec: exec && { apiVersion: String(exec.apiVersion ?? ''), command: String(exec.command ?? '') },
    authProvider: provider && tokenFile === undefined ? { name: String(provider.name ?? '') } : undefined,
  };
}

/** What `applyToHTTPSOptions` writes into its argument, as far as it says who asks. */
interface HttpsOptions {
  headers?: Record<string, unknown>;
  auth?: unknown;
  cert?: unknown;
  key?: unknown;
}

/**
 * Credentials that only client-node knows how to get: exec plugins, auth providers, authenticators that were added to it.
 * Callers at the same time share one call of it.
 */
export function delegatedCredentials(apply: (options: object) => Promise<void>, clock: Clock): Credentials {
  let options: Promise<HttpsOptions> | undefined;
  let askedAtMs = 0;
  const ask = (): Promise<HttpsOptions> => {
    if (options !== undefined && clock.monotonic() - askedAtMs < MAX_AGE_MS) return options;
    askedAtMs = clock.monotonic();
    const target: HttpsOptions = {};
    const asking = apply(target).then(
      () => target,
      (error: unknown) => {
        options = undefined;
        throw error;
      },
    );
    options = asking;
    return asking;
  };
  let given: { readonly by: HttpsOptions; readonly headers: CredentialHeaders } | undefined;
  return {
    async headers() {
      const by = await ask();
      if (given?.by !== by) given = { by, headers: headersOf(by) };
      return given.headers;
    },
    certificate: async () => certificateOf(await ask()),
    rejected(used) {
      if (used !== undefined && used !== given?.headers) return; // It was asked anew since.
      options = undefined;
      given = undefined;
    },
  };
}

function headersOf({ headers = {}, auth }: HttpsOptions): CredentialHeaders {
  const result: Record<string, string> = {};
  if (typeof auth === 'string') result.authorization = `Basic ${Buffer.from(auth).toString('base64')}`;
  for (const [name, value] of Object.entries(headers)) result[name.toLowerCase()] = String(value);
  return { headers: result };
}

function certificateOf({ cert, key }: HttpsOptions): ClientCertificate | undefined {
  return cert && key ? { cert: String(cert), key: String(key) } : undefined;
}
