import { env as processEnv } from 'node:process';
import type { Clock, Logger, Metrics, Transport } from '@bowline/apimachinery';
import {
  checkOptions,
  checkValue,
  type OptionRules,
  rules,
  type ValueRule,
  valueRule,
} from '@bowline/apimachinery/arguments';
import { portRules } from './config/check-config.ts';
import { limitMs, optionsOf } from './request/arguments.ts';
import type { WriteDefaults } from './request/client-core.ts';
import type { RequestHooks } from './request/hooks.ts';
import type { RateLimit } from './request/token-bucket.ts';
import type { ApiWarning } from './request/warnings.ts';

/** How connections are made. */
export interface TransportOptions {
  /** Speaks HTTP/2 with servers that offer it: one connection for all watches. @default true */
  readonly http2?: boolean | undefined;
  /** Takes answers as gzip: large lists are smaller by far, and slower where the network is faster than the server's CPU. @default true, unless the cluster says `disable-compression` */
  readonly compression?: boolean | undefined;
  /** How long a connection may take to come about, TLS handshake included. More than 0. @default 10_000 */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * How long an answer may take to begin, in milliseconds, more than 0. A dead connection that looks alive costs this once.
   * @default 10_000 for reads of one object and for watches, 60_000 (what the server allows itself) for lists and writes
   */
  readonly headersTimeoutMs?: number | undefined;
  /** How long the command of an exec plugin may run, in milliseconds, more than 0. @default 60_000 */
  readonly execTimeoutMs?: number | undefined;
  /** The variables that exec plugins inherit, and that may name a proxy (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`). @default those of the process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Where time comes from. @default that of the configuration's `ports`, else the machine's */
  readonly clock?: Clock | undefined;
}

/** What a client is made with besides its configuration. */
export interface ClientOptions extends TransportOptions, WriteDefaults, RequestHooks {
  /** Answers requests in place of connections to the server. @default that of the configuration's `ports`, else connections, which clients of one identity share */
  readonly transport?: Transport | undefined;
  /** @default that of the configuration's `ports`, else silent */
  readonly logger?: Logger | undefined;
  /** Is given `rest_client_requests_total` and what else client-go measures of requests. @default nothing is measured */
  readonly metrics?: Metrics | undefined;
  /** The first word is who the server takes the client for: its default field manager. @default `bowline/<version> (<platform>)` */
  readonly userAgent?: string | undefined;
  /** How long a call may take with all its tries, in milliseconds, more than 0; watches excepted. @default no limit */
  readonly timeoutMs?: number | undefined;
  /** The longest silence within an answer that is no watch, in milliseconds, more than 0. @default 60_000 */
  readonly bodyTimeoutMs?: number | undefined;
  /** Holds requests back. Watches are never held back. @default off: the server's own fairness is better */
  readonly rateLimit?: RateLimit | undefined;
  /** Told of each warning of the server, once per text. @default logs it */
  readonly onWarning?: ((warning: ApiWarning) => void) | undefined;
  /**
   * Asks for protobuf in `listItems` and `watchItems` of built-in kinds: half the bytes, and no object is parsed that nobody reads.
   * Objects with fields that our tables lack are asked for as JSON, so that nothing is lost. Servers choose.
   * @default true, false with a `transport` of your own
   */
  readonly protobuf?: boolean | undefined;
  /** The largest object that is accepted, in bytes, 1 or more. Larger ones in lists and watches are reported as undecodable. @default 32 MiB */
  readonly maxItemBytes?: number | undefined;
  /** The deepest nesting of an object that is accepted, from 1 to 1,000: deeper ones break what recurses. @default 500 */
  readonly maxDepth?: number | undefined;
}

/** Settings that are complete and were checked. */
export interface ResolvedOptions {
  readonly http2: boolean;
  /** When it was said. */
  readonly compression: boolean | undefined;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly slowHeadersTimeoutMs: number;
  readonly execTimeoutMs: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly bodyTimeoutMs: number;
  readonly timeoutMs: number | undefined;
  readonly maxItemBytes: number;
  readonly maxDepth: number;
}

/** kube-apiserver's `--request-timeout` */
const SERVER_TIMEOUT_MS = 60_000;

const agent: ValueRule = valueRule(
  'a non-empty string of printable ASCII characters',
  (value) => typeof value === 'string',
  (value) => /^[\x21-\x7e][\x20-\x7e]*$/.test(value),
);

/** What `createTransport` may be told. */
export const transportRules: OptionRules<TransportOptions> = {
  http2: rules.boolean,
  compression: rules.boolean,
  connectTimeoutMs: limitMs,
  headersTimeoutMs: limitMs,
  execTimeoutMs: limitMs,
  env: rules.object,
  clock: portRules.clock,
};

const clientRules: OptionRules<ClientOptions> = {
  ...transportRules,
  ...optionsOf.defaults,
  transport: portRules.transport,
  logger: portRules.logger,
  metrics: rules.metrics,
  userAgent: agent,
  timeoutMs: limitMs,
  bodyTimeoutMs: limitMs,
  rateLimit: rules.object,
  onWarning: rules.function,
  onRequest: rules.function,
  onResponse: rules.function,
  protobuf: rules.boolean,
  maxItemBytes: rules.positiveCount,
  maxDepth: valueRule(
    'a whole number from 1 to 1000',
    (value) => typeof value === 'number',
    (value) => Number.isInteger(value) && value >= 1 && value <= 1_000,
  ),
};

/** @throws {TypeError | RangeError} when an option is unknown or wrong. */
export function checkClientOptions(options: unknown): asserts options is ClientOptions {
  checkOptions<ClientOptions>('create client', options, clientRules);
  const { rateLimit } = options as ClientOptions;
  const known = { qps: rules.positive, burst: rules.positiveCount };
  if (rateLimit === undefined) return;
  checkOptions<RateLimit>('create client', rateLimit, known, 'rateLimit');
  for (const field of ['qps', 'burst'] as const) {
    checkValue('create client', `rateLimit.${field}`, rateLimit[field], known[field]);
  }
}

/** Fills in what is not said. */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  const { http2 = true, compression, connectTimeoutMs = 10_000, bodyTimeoutMs = 60_000, timeoutMs } = options;
  const { maxItemBytes = 32 << 20, maxDepth = 500 } = options;
  const { headersTimeoutMs = 10_000, execTimeoutMs = 60_000, env = processEnv } = options;
  const slowHeadersTimeoutMs = options.headersTimeoutMs ?? SERVER_TIMEOUT_MS;
  return {
    http2,
    compression,
    connectTimeoutMs,
    headersTimeoutMs,
    slowHeadersTimeoutMs,
    execTimeoutMs,
    env,
    bodyTimeoutMs,
    timeoutMs,
    maxItemBytes,
    maxDepth,
  };
}
