import { type Clock, systemClock, type Transport } from '@bowline/apimachinery';
import { checkOptions } from '@bowline/apimachinery/arguments';
import { type Credentials, credentialsOf, withCredentials } from '../connect/credentials.ts';
import { HttpTransport } from '../connect/http-transport.ts';
import { proxyFor } from '../connect/proxy-server.ts';
import { tlsSource } from '../connect/tls-source.ts';
import { type ResolvedOptions, resolveOptions, type TransportOptions, transportRules } from '../options.ts';
import { checkConfig, serverUrl } from './check-config.ts';
import { delegatedCredentials, fromClientNode, isClientNodeConfig } from './client-node-config.ts';
import type { KubeConfigData, KubeConfigLike, UserConfig } from './kube-config.ts';

/** Above the longest timeout of a client, so that it is the client which gives up, on its own clock. */
const BACKSTOP_MS = 5_000;

/**
 * What a configuration of either kind says.
 *
 * @throws {TypeError | RangeError | ClientError} when it cannot be used; the field is named.
 */
export function resolveConfig(config: KubeConfigLike): KubeConfigData {
  if (isClientNodeConfig(config)) return fromClientNode(config);
  checkConfig('create client', config);
  return config;
}

/**
 * Connections to the cluster of a configuration, with the credentials of its user. Inert until the first request.
 *
 * @throws {TypeError} when `server` or `proxyUrl` is no URL that can be used.
 */
export function createTransport(config: KubeConfigLike, options: TransportOptions = {}): Transport {
  const data = resolveConfig(config);
  checkOptions<TransportOptions>('create transport', options, transportRules);
  return transportOf(
    config,
    data,
    resolveOptions(options),
    options.clock ?? data.ports?.clock ?? systemClock,
    undefined,
  );
}

/** @param inner Answers requests in place of connections; credentials are added all the same. */
export function transportOf(
  config: KubeConfigLike,
  data: KubeConfigData,
  options: ResolvedOptions,
  clock: Clock,
  inner: Transport | undefined,
): Transport {
  const { cluster, names } = data;
  const credentials = credentialsFor(config, data, clock, options);
  if (inner) return withCredentials(inner, credentials);
  const tls = tlsSource(
    cluster,
    names?.cluster === undefined ? 'the cluster' : `cluster "${names.cluster}"`,
    credentials,
    clock,
  );
  const {
    http2,
    compression = cluster.disableCompression !== true,
    connectTimeoutMs,
    headersTimeoutMs,
    slowHeadersTimeoutMs,
  } = options;
  const http = new HttpTransport(
    { tls, clock },
    {
      url: serverUrl(cluster.server),
      http2,
      compression,
      connectTimeoutMs,
      headersTimeoutMs: Math.max(headersTimeoutMs, slowHeadersTimeoutMs) + BACKSTOP_MS,
      tlsServerName: cluster.tlsServerName,
      insecureSkipTlsVerify: cluster.insecureSkipTlsVerify,
      proxy: proxyFor(serverUrl(cluster.server), cluster.proxyUrl, options.env),
    },
  );
  return withCredentials(http, credentials);
}

function credentialsFor(
  config: KubeConfigLike,
  { user, names, cluster }: KubeConfigData,
  clock: Clock,
  { env, execTimeoutMs }: ResolvedOptions,
): Credentials {
  if (user && isClientNodeConfig(config) && config.applyToHTTPSOptions && needsClientNode(user)) {
    return delegatedCredentials(async (options) => config.applyToHTTPSOptions?.(options), clock);
  }
  const name = names?.user === undefined ? 'the user' : `user "${names.user}"`;
  return credentialsOf(user ?? {}, clock, { name, cluster, env, execTimeoutMs });
}

/** Whether only client-node knows how the user authenticates: by a command, a provider, or an authenticator that was added to it. */
function needsClientNode(user: UserConfig): boolean {
  if (user.exec || user.authProvider) return true;
  const { token, tokenFile, username, clientCertificateData, clientCertificate } = user;
  return [token, tokenFile, username, clientCertificateData, clientCertificate].every((method) => method === undefined);
}
