import { silentLogger, systemClock } from '@bowline/apimachinery';
import { Client } from './client.ts';
import { serverUrl } from './config/check-config.ts';
import type { KubeConfigLike } from './config/kube-config.ts';
import { resolveConfig, transportOf } from './config/resolve-config.ts';
import { type ClientOptions, checkClientOptions, resolveOptions } from './options.ts';
import { RequestMetrics } from './request/request-metrics.ts';
import { RequestSender } from './request/request-sender.ts';
import { TokenBucket } from './request/token-bucket.ts';
import { defaultUserAgent } from './request/user-agent.ts';

/**
 * A client for the cluster and user of a configuration: ours, a plain object like `{ cluster: { server } }`, or client-node's `KubeConfig`.
 * Nothing is read, loaded or connected before the first call. Options win over the configuration's `ports`.
 * Clients of one process with the same server, certificates and proxy share connections, whoever they ask for: make as many as you like,
 * and close those that you no longer need.
 *
 * @throws {TypeError | RangeError} when an option or the server's URL is wrong.
 * @example
 * ```ts
 * import { createClient } from '@bowline/client';
 *
 * await using client = createClient({ cluster: { server: 'http://127.0.0.1:8001' } });
 * ```
 */
export function createClient(config: KubeConfigLike, options: ClientOptions = {}): Client {
  const data = resolveConfig(config);
  checkClientOptions(options);
  const { ports } = data;
  const { clock = ports?.clock ?? systemClock, logger = ports?.logger ?? silentLogger } = options;
  const { userAgent = defaultUserAgent, onWarning, onRequest, onResponse, rateLimit } = options;
  const { dryRun, fieldManager, fieldValidation, force } = options;
  const resolved = resolveOptions(options);
  const ownTransport = options.transport ?? ports?.transport;
  const transport = transportOf(config, data, resolved, clock, ownTransport);
  const { protobuf = ownTransport === undefined } = options;
  const { origin, host } = serverUrl(data.cluster.server);
  const server = `"${origin}"`;
  const metrics = options.metrics && new RequestMetrics(options.metrics, host);
  const limiter = rateLimit && new TokenBucket(clock, rateLimit);
  const { headersTimeoutMs, slowHeadersTimeoutMs, bodyTimeoutMs, timeoutMs, maxItemBytes, maxDepth } = resolved;
  const sender = new RequestSender(
    { transport, clock, logger, limiter, onWarning, hooks: { onRequest, onResponse }, metrics },
    { server, userAgent, headersTimeoutMs, slowHeadersTimeoutMs, bodyTimeoutMs, timeoutMs },
  );
  const limits = { maxItemBytes, maxDepth };
  const firstWord = /^[^/\s]+/.exec(userAgent)?.[0] ?? 'bowline';
  return new Client(
    { sender, transport, clock, limits, protobuf, server, fieldManager: fieldManager ?? firstWord },
    { dryRun, fieldManager, fieldValidation, force },
  );
}
