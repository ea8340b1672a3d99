import type { Clock, GroupResource, HttpRequest, HttpResponse, Logger, Transport } from '@bowline/apimachinery';
import { statusErrorFromResponse } from '@bowline/apimachinery';
import { isConnectionReset, transportError } from '../connect/transport-error.ts';
import { badResponse, ClientError } from '../errors.ts';
import { SplitError } from '../split/split-error.ts';
import { CallChunks, type Reading } from './call-chunks.ts';
import { CallScope } from './call-scope.ts';
import { type RequestHooks, type RequestOutcome, type RequestTry, tellOutcome, withHookHeaders } from './hooks.ts';
import { isProtobuf } from './media-types.ts';
import type { RequestMetrics } from './request-metrics.ts';
import { ThrottleLog } from './throttle-log.ts';
import type { TokenBucket } from './token-bucket.ts';
import { type ApiWarning, Warnings } from './warnings.ts';

/** What is to be sent. */
export interface Outgoing {
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | undefined;
  /** `read` may be sent again after a lost connection. `slow`: the server may work long before it answers. */
  readonly retry: 'read' | 'write';
  readonly slow?: boolean | undefined;
  /** Sent at once, whatever the rate limit says. */
  readonly unlimited?: boolean | undefined;
  /** What messages call the subject. */
  readonly resource?: GroupResource | undefined;
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** Is told of each failure that is followed by another try. Must not throw. */
  readonly onRetry?: ((error: unknown) => void) | undefined;
}

export interface SenderPorts {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limiter?: TokenBucket | undefined;
  readonly onWarning?: ((warning: ApiWarning) => void) | undefined;
  readonly hooks?: RequestHooks | undefined;
  readonly metrics?: RequestMetrics | undefined;
}

export interface SenderOptions {
  /** What messages call the other side. */
  readonly server: string;
  readonly userAgent: string;
  readonly headersTimeoutMs: number;
  readonly slowHeadersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly timeoutMs?: number | undefined;
}

/** An answer whose body is still to come. */
export interface OpenAnswer {
  readonly response: HttpResponse;
  /** What messages call it: `"https://host" to GET /api/v1/pods`. */
  readonly subject: string;
  /** Ends with the call. */
  readonly chunks: CallChunks;
}

/** How far a call has come. */
interface Tries {
  left: number;
  /** Why there is more than one: the cause of giving up while waiting for the next. */
  failure?: unknown;
}

/** client-go rest/with_retry.go */
const MAX_RETRIES = 10;
const RESET_WAIT_MS = 1_000;
/** Longer error texts are cut: they come from proxies, not from API servers. */
const LONGEST_STATUS_BYTES = 1 << 20;
/** client-go drains 2 KiB; a whole chunk costs nothing more. */
const LONGEST_DRAINED_BYTES = 1 << 16;

/**
 * Sends requests until one is answered for good. A try is repeated when the server says so (`Retry-After` with 429 or 5xx),
 * and, for reads, when the connection was lost; never more than ten times.
 */
export class RequestSender {
  readonly #ports: SenderPorts;
  readonly #options: SenderOptions;
  readonly #warnings: Warnings;
  readonly #throttleLog: ThrottleLog;

  constructor(ports: SenderPorts, options: SenderOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#warnings = new Warnings(ports.logger, ports.onWarning);
    this.#throttleLog = new ThrottleLog(ports.logger, ports.clock);
  }

  /**
   * Sends, and has `read` read the answer, which is a success (2xx).
   *
   * @throws {StatusError | ClientError} the signal's reason when it aborts.
   */
  async exchange<R>(asked: Outgoing, read: (answer: OpenAnswer) => Promise<R>): Promise<R> {
    const timeoutMs = asked.timeoutMs ?? this.#options.timeoutMs;
    const request = timeoutMs === undefined ? asked : { ...asked, path: withTimeout(asked.path, timeoutMs) };
    const tries: Tries = { left: MAX_RETRIES };
    const scope = this.#open(request, timeoutMs, tries);
    try {
      for (;;) {
        const answer = await this.#answer(request, scope, tries);
        try {
          if (!isSuccess(answer)) throw await this.#refusal(request, answer);
          return await read(answer);
        } catch (error) {
          await answer.chunks.return(); // Who cannot read an answer leaves it unread.
          await this.#waitForRetry(error, request, scope, tries);
        }
      }
    } finally {
      scope.dispose();
    }
  }

  /**
   * Sends, and gives the answer with a body that may be silent for ever. The call ends when the body does.
   *
   * @param anyStatus Whether an answer that is no success is an answer, too.
   * @throws {StatusError | ClientError} the signal's reason when it aborts.
   */
  async stream(request: Outgoing, anyStatus: boolean): Promise<OpenAnswer> {
    const tries: Tries = { left: MAX_RETRIES };
    const scope = this.#open(request, request.timeoutMs, tries);
    try {
      const answer = await this.#answer(request, scope, tries);
      if (!anyStatus && !isSuccess(answer)) throw await this.#refusal(request, answer);
      return { ...answer, chunks: this.#chunks(answer.response, scope, { ended: () => scope.dispose() }) };
    } catch (error) {
      scope.dispose();
      throw error;
    }
  }

  #open(request: Outgoing, timeoutMs: number | undefined, tries: Tries): CallScope {
    const scope = new CallScope(this.#ports.clock, request.signal);
    if (timeoutMs !== undefined) scope.deadline(timeoutMs, () => this.#timeout(request, timeoutMs, tries.failure));
    return scope;
  }

  /** The first answer that the server does not ask to try again. */
  async #answer(request: Outgoing, scope: CallScope, tries: Tries): Promise<OpenAnswer> {
    for (;;) {
      try {
        const response = await this.#try(request, scope, MAX_RETRIES - tries.left + 1);
        const limitMs = this.#options.bodyTimeoutMs;
        const chunks = this.#chunks(response, scope, {
          silence: { limitMs, error: () => this.#timeout(request, limitMs) },
          received: (bytes) => this.#ports.metrics?.received(request.method, bytes),
        });
        const waitMs = retryAfterMs(response);
        if (waitMs === undefined || tries.left === 0) return { response, chunks, subject: this.#subject(request) };
        tries.left--;
        const drained = Buffer.from(await readBytes(chunks, LONGEST_DRAINED_BYTES)).toString();
        this.#ports.metrics?.repeated(request.method, response.status);
        tries.failure = statusErrorFromResponse(response.status, drained, response.headers, request);
        request.onRetry?.(tries.failure);
        this.#ports.logger.debug({ ...subject(request), status: response.status, waitMs }, 'Server asks to try again');
        await scope.sleep(waitMs);
      } catch (error) {
        await this.#waitForRetry(error, request, scope, tries);
      }
    }
  }

  async #try(request: Outgoing, scope: CallScope, attempt: number): Promise<HttpResponse> {
    const { transport, clock, hooks = {}, metrics } = this.#ports;
    const { userAgent, headersTimeoutMs, slowHeadersTimeoutMs } = this.#options;
    if (!request.unlimited) await this.#throttle(request, scope);
    const limitMs = request.slow ? slowHeadersTimeoutMs : headersTimeoutMs;
    const tried: RequestTry = { ...subject(request), query: request.path.replace(/^[^?]*\??/s, ''), attempt };
    const own = { accept: 'application/json', 'user-agent': userAgent, ...request.headers };
    const headers = withHookHeaders(hooks, tried, own);
    const sentAt = clock.monotonic();
    const tell = (outcome: Pick<RequestOutcome, 'status' | 'headers' | 'error'>): void => {
      const durationMs = clock.monotonic() - sentAt;
      metrics?.tried(request.method, outcome.status, durationMs);
      tellOutcome(hooks, { ...tried, ...outcome, durationMs }, this.#ports.logger);
    };
    metrics?.sent(request.method, request.body?.length ?? 0);
    const sending = transport.request({
      method: request.method,
      path: request.path,
      headers,
      ...(request.body && { body: request.body }),
      signal: scope.signal,
    });
    try {
      const response = await scope.wait(sending, limitMs, () => this.#timeout(request, limitMs));
      this.#warnings.pass(response.headers, tried);
      tell({ status: response.status, headers: response.headers });
      return response;
    } catch (error) {
      // Whoever stays silent may be a dead connection that still looks alive.
      if (error instanceof ClientError && error.code === 'CLIENT_TIMEOUT') transport.retireConnections?.();
      const failure = this.#failure(error, scope);
      tell({ error: failure });
      throw failure;
    }
  }

  #chunks({ body }: HttpResponse, scope: CallScope, reading: Omit<Reading, 'explain'>): CallChunks {
    return new CallChunks(scope, body, { ...reading, explain: (error) => this.#failure(error, scope) });
  }

  #failure(error: unknown, scope: CallScope): unknown {
    return scope.signal.aborted ? scope.signal.reason : transportError(error, this.#options.server);
  }

  async #throttle(request: Outgoing, scope: CallScope): Promise<void> {
    const { limiter, metrics } = this.#ports;
    if (!limiter) return;
    const waitMs = limiter.reserve();
    metrics?.limited(request.method, waitMs);
    if (waitMs === 0) return;
    this.#throttleLog.waits(waitMs, subject(request));
    try {
      if (waitMs >= scope.remainingMs) throw this.#timeout(request, scope.remainingMs, tooSlow(waitMs));
      await scope.sleep(waitMs);
    } catch (error) {
      limiter.giveBack();
      throw error;
    }
  }

  /** Waits when the failed try may be repeated. @throws the failure when not. */
  async #waitForRetry(error: unknown, request: Outgoing, scope: CallScope, tries: Tries): Promise<void> {
    if (scope.signal.aborted) throw scope.signal.reason;
    const lost = isConnectionReset(error) || (error instanceof ClientError && isTruncation(error.cause));
    if (request.retry !== 'read' || !lost || tries.left === 0) throw error;
    tries.left--;
    tries.failure = error;
    request.onRetry?.(error);
    this.#ports.metrics?.repeated(request.method, undefined);
    this.#ports.logger.debug({ ...subject(request), error }, 'Connection was lost, the read is sent again');
    await scope.sleep(RESET_WAIT_MS);
  }

  async #refusal(request: Outgoing, { response, chunks }: OpenAnswer): Promise<Error> {
    const bytes = await readBytes(chunks, LONGEST_STATUS_BYTES);
    const text = isProtobuf(response) ? await statusText(bytes) : bytes.toString('utf8');
    // What servers written in Go answer to plain HTTP on a TLS port.
    if (response.status === 400 && text.startsWith('Client sent an HTTP request to an HTTPS server')) {
      throw badResponse(`Cannot reach ${this.#options.server}: it speaks HTTPS; "server" should begin with https://`);
    }
    return statusErrorFromResponse(response.status, text, response.headers, request);
  }

  #subject(request: Outgoing): string {
    const { method, path } = subject(request);
    return `${this.#options.server} to ${method} ${path}`;
  }

  #timeout(request: Outgoing, ms: number, cause?: unknown): ClientError {
    return new ClientError(`No answer of ${this.#subject(request)} within ${ms} ms; check network and server`, {
      code: 'CLIENT_TIMEOUT',
      retryable: true,
      maybeProcessed: request.retry === 'write',
      cause,
    });
  }
}

function isSuccess({ response }: OpenAnswer): boolean {
  return response.status >= 200 && response.status < 300;
}

/** How long the server asks to wait. As in client-go only the header counts, in whole seconds. */
function retryAfterMs({ status, headers }: HttpResponse): number | undefined {
  if (status !== 429 && status < 500) return undefined;
  const value = [headers['retry-after'] ?? []].flat()[0];
  return value !== undefined && /^\s*\d{1,9}\s*$/.test(value) ? Number(value) * 1000 : undefined;
}

/** So that the server, too, gives up then. @see client-go rest/request.go `Timeout` */
function withTimeout(path: string, timeoutMs: number): string {
  return `${path}${path.includes('?') ? '&' : '?'}timeout=${Math.ceil(timeoutMs)}ms`;
}

function tooSlow(waitMs: number): Error {
  return new Error(`The rate limit would have let it wait for ${Math.ceil(waitMs)} ms`);
}

function subject({ method, path }: Outgoing): Pick<RequestTry, 'method' | 'path'> {
  return { method, path: path.replace(/\?.*$/s, '') };
}

function isTruncation(error: unknown): boolean {
  return error instanceof SplitError && error.truncated;
}

async function readBytes(chunks: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    kept.push(chunk);
    bytes += chunk.length;
    if (bytes >= limitBytes) break;
  }
  return Buffer.concat(kept).subarray(0, limitBytes);
}

/** A `Status` that came as protobuf, as JSON; what is none is told as such. */
async function statusText(bytes: Buffer): Promise<string> {
  const form = await import('./protobuf-form.ts');
  return form.statusText(bytes);
}
