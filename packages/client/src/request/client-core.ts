import type { KindName } from '@bowline/api/protobuf';
import {
  type Clock,
  type HttpResponse,
  isJsonObject,
  type ListCall,
  type Status,
  type Transport,
} from '@bowline/apimachinery';
import type { CallOptions, RawRequest, WriteOptions } from '../calls.ts';
import { badResponse, ClientError } from '../errors.ts';
import { giveWay } from '../give-way.ts';
import type { SplitLimits } from '../split/read-item.ts';
import { Slices } from '../split/slices.ts';
import type { SplitFrame } from '../split/split-item.ts';
import { type OpenWatch, readJson, readList, readWatch, type SplitList } from './answers.ts';
import { CallScope } from './call-scope.ts';
import { jsonBody } from './json-body.ts';
import { acceptOf, type Wanted } from './media-types.ts';
import type { ProtobufForm } from './protobuf-form.ts';
import type { Outgoing, RequestSender } from './request-sender.ts';
import { type DynamicResource, type Query, withQuery } from './resource-path.ts';

/** What writes say when the call does not. */
export interface WriteDefaults {
  readonly dryRun?: boolean | undefined;
  readonly fieldManager?: string | undefined;
  readonly fieldValidation?: WriteOptions['fieldValidation'];
  /** Applies take over fields that somebody else owns. */
  readonly force?: boolean | undefined;
}

/** What a client is made of. Shared by all clients that come from one. */
export interface ClientParts {
  readonly sender: RequestSender;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly limits: SplitLimits;
  /** Whether kinds that have such a form are listed and watched as protobuf. */
  readonly protobuf: boolean;
  /** The field manager of applies that name none. */
  readonly fieldManager: string;
  /** What messages call the server. */
  readonly server: string;
}

/** Where a request goes, and what its subject is called in errors. */
export interface Target {
  readonly path: string;
  readonly query?: Query | undefined;
  readonly resource?: DynamicResource | undefined;
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  /** What messages call a write: `create`, `patch status of`. */
  readonly action?: string | undefined;
}

/** What a call says besides where it goes. */
type Call = CallOptions & Pick<Outgoing, 'onRetry'>;
type ItemsCall<T> = Call & Pick<ListCall<T>, 'onItems'>;

/** Whoever pings has a shorter limit (client-go: 15 s) and says so by its signal. */
const PING_TIMEOUT_MS = 60_000;

/** Sends one request and reads its answer as what it is expected to be. */
export class ClientCore {
  readonly parts: ClientParts;
  /** By group, version and kind; undefined: it has none. */
  readonly #forms: Map<string, Promise<ProtobufForm | undefined>> = new Map();

  constructor(parts: ClientParts) {
    this.parts = parts;
  }

  read<T>(target: Target, options: CallOptions): Promise<T> {
    return this.#exchange({ ...outgoing(target, options), method: 'GET', retry: 'read' });
  }

  write<T>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    target: Target,
    body: unknown,
    options: CallOptions,
    contentType: string = 'application/json',
  ): Promise<T> {
    return this.#exchange({
      ...outgoing(target, options),
      ...payload(body, contentType, target, method === 'PUT'),
      method,
      retry: 'write',
      slow: true,
    });
  }

  /** Writes, and looks at the answer only to see that it is a success. */
  send(method: 'DELETE', target: Target, body: unknown, options: CallOptions): Promise<void> {
    const request: Outgoing = {
      ...outgoing(target, options),
      ...payload(body, 'application/json', target),
      method,
      retry: 'write',
      slow: true,
    };
    return this.parts.sender.exchange(request, async ({ chunks }) => {
      for await (const _ of chunks); // What was deleted, which may be a lot.
    });
  }

  async raw({ method = 'GET', path, headers, body, signal, timeoutMs, slow }: RawRequest): Promise<HttpResponse> {
    if (!path.startsWith('/'))
      throw new TypeError(`Cannot send request: path must begin with "/", got ${JSON.stringify(path)}`);
    const safe = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const retry = safe ? 'read' : 'write';
    const request: Outgoing = { method, path, headers, body: bytes, retry, slow: slow ?? !safe, signal, timeoutMs };
    const { response, chunks } = await this.parts.sender.stream(request, true);
    return { ...response, body: chunks };
  }

  async list<T>(target: Target, wanted: Wanted, options: ItemsCall<T>): Promise<SplitList<T>> {
    const form = await this.#form(wanted);
    try {
      return await this.#list<T>(target, wanted, form, options);
    } catch (error) {
      if (!form?.isUnknownFields(error)) throw error;
      return this.#list<T>(target, wanted, undefined, options);
    }
  }

  /** The first array is empty: the server has accepted the watch. */
  watch<T>(
    target: Target,
    wanted: Wanted,
    call: Pick<Call, 'signal' | 'onRetry'>,
  ): AsyncGenerator<readonly SplitFrame<T>[]> {
    const { limits, clock } = this.parts;
    return readWatch<T>(() => this.#openWatch(target, wanted, call), limits, new Slices(clock), wanted.type);
  }

  async #openWatch(
    target: Target,
    wanted: Wanted,
    { signal, onRetry }: Pick<Call, 'signal' | 'onRetry'>,
  ): Promise<OpenWatch> {
    const form = await this.#form(wanted);
    const headers = { accept: acceptOf(wanted, form !== undefined) };
    const request: Outgoing = {
      ...outgoing(target, { signal, onRetry }),
      headers,
      method: 'GET',
      retry: 'read',
      unlimited: true,
    };
    return { answer: await this.parts.sender.stream(request, false), form };
  }

  #list<T>(
    target: Target,
    wanted: Wanted,
    form: ProtobufForm | undefined,
    options: ItemsCall<T>,
  ): Promise<SplitList<T>> {
    const headers = { accept: acceptOf(wanted, form !== undefined) };
    const request: Outgoing = { ...outgoing(target, options), headers, method: 'GET', retry: 'read', slow: true };
    const { sender, limits, clock } = this.parts;
    return sender.exchange(request, (answer) =>
      readList<T>(answer, limits, new Slices(clock), wanted.type, form, options.onItems),
    );
  }

  /** The protobuf form in which the objects are asked for; undefined: JSON. */
  async #form({ protobuf }: Wanted): Promise<ProtobufForm | undefined> {
    if (!this.parts.protobuf || protobuf === undefined) return undefined;
    const { group, version, kind } = protobuf.kind;
    const name = `${group}/${version}/${kind}`;
    let loading = this.#forms.get(name);
    if (loading === undefined) {
      loading = loadForm(protobuf.kind);
      this.#forms.set(name, loading);
      loading.catch(() => this.#forms.delete(name)); // whoever asked is told
    }
    const form = await loading;
    return form?.sawUnknownFields ? undefined : form;
  }

  /** @throws {ClientError} when a connection is dead or silent; the signal's reason when it aborts. */
  async ping(signal: AbortSignal): Promise<void> {
    const { transport, clock, server } = this.parts;
    const scope = new CallScope(clock, signal);
    const timeout = (): ClientError =>
      new ClientError(`A connection to ${server} has not answered a ping within ${PING_TIMEOUT_MS} ms`, {
        code: 'CLIENT_TIMEOUT',
        retryable: true,
      });
    try {
      await scope.wait(Promise.resolve(transport.ping?.(scope.signal)), PING_TIMEOUT_MS, timeout);
    } finally {
      scope.dispose();
    }
  }

  #exchange<T>(request: Outgoing): Promise<T> {
    return this.parts.sender.exchange(request, async (answer) => {
      const value = await readJson(answer, this.parts.limits);
      if (!isJsonObject(value)) throw badResponse(`Cannot understand the answer of ${answer.subject}: it is no object`);
      return value as T;
    });
  }
}

/** Whether the server says that this one object does not exist, rather than that it knows no such resource. */
export function isMissingObject(status: Status | undefined): boolean {
  const details = status?.details;
  if (details?.causes?.some(({ reason }) => reason === 'UnexpectedServerResponse')) return false;
  return details === undefined || Boolean(details.name);
}

function outgoing(
  { path, query = {}, resource, name }: Target,
  { signal, timeoutMs, onRetry }: Call,
): Pick<Outgoing, 'path' | 'resource' | 'name' | 'signal' | 'timeoutMs' | 'onRetry'> {
  return { path: withQuery(path, query), resource, name, signal, timeoutMs, onRetry };
}

function payload(
  body: unknown,
  contentType: string,
  target: Target,
  isWhole: boolean = false,
): Pick<Outgoing, 'body' | 'headers'> {
  if (body === undefined) return {};
  return { body: Buffer.from(jsonBody(body, actionOf(target), isWhole)), headers: { 'content-type': contentType } };
}

function actionOf({ action = 'write', resource, namespace, name }: Target): string {
  const what = resource?.kind ?? resource?.resource ?? 'object';
  if (!name) return `${action} ${what}`;
  return `${action} ${what} "${namespace ? `${namespace}/` : ''}${name}"`;
}

/** Code and tables take some 10 ms to load, in two pieces. */
async function loadForm(kind: KindName): Promise<ProtobufForm | undefined> {
  await giveWay();
  await import('@bowline/api/protobuf'); // most of what the other needs
  await giveWay();
  const { protobufForm } = await import('./protobuf-form.ts');
  return protobufForm(kind);
}
