import { readFileSync } from 'node:fs';
import type { HttpRequest } from '@bowline/apimachinery';
import { ApiServer } from '../api-server.ts';

type Json = Record<string, unknown>;
type Changes = Readonly<Record<string, unknown>>;

/** A request and the answer of a real server: the objects are `base` with `from` and `set` changed. */
export interface Recorded {
  readonly title: string;
  readonly from?: Changes;
  readonly set: Changes;
  readonly subresource?: string;
  readonly code: number;
  readonly adds?: Changes;
  /** Instead of `adds`: what changes after the `adds` of the first create. */
  readonly more?: Changes;
  readonly causes?: readonly string[];
  readonly message?: string;
  readonly unordered?: true;
}

/** Written by tools/apiserver-data/validation/generate.ts. */
export interface RecordedSuite {
  readonly kind: string;
  readonly path: string;
  readonly base: Json;
  readonly dryRun?: true;
  readonly random?: readonly string[];
  readonly create: readonly Recorded[];
  readonly update: readonly Recorded[];
}

interface RecordedFile {
  /** What several causes end with. */
  readonly texts: readonly string[];
  readonly suites: readonly RecordedSuite[];
}

export function recordedSuites(name: string): readonly RecordedSuite[] {
  const file = readFileSync(new URL(`./testdata/${name}.json`, import.meta.url), 'utf8');
  const { texts, suites } = JSON.parse(file) as RecordedFile;
  return suites.map((suite) => ({
    ...suite,
    create: suite.create.map((recorded) => complete(recorded, 201, texts)),
    update: suite.update.map((recorded) => complete(recorded, 200, texts)),
  }));
}

/** Puts back what follows from the rest. */
function complete(recorded: Recorded, usual: number, texts: readonly string[]): Recorded {
  const causes = recorded.causes?.map((cause) =>
    cause
      .replace(/^(?!Field|InternalError)/, 'FieldValue')
      .replace(/<(\d+)>$/, (_text, number) => texts[Number(number)] ?? ''),
  );
  const code = recorded.code ?? (causes === undefined ? usual : 422);
  return { ...recorded, code, ...(causes === undefined ? {} : { causes }) };
}

/** A copy of `object` with values set by path (`spec.containers.0.image`), or removed where they are null. */
function changed(object: unknown, changes: Changes): Json {
  const copy = structuredClone(object) as Json;
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let at = copy;
    keys.forEach((key, index) => {
      if (typeof at[key] !== 'object' || at[key] === null) at[key] = /^\d+$/.test(keys[index + 1] ?? last) ? [] : {};
      at = at[key] as Json;
    });
    if (value !== null) at[last] = structuredClone(value);
    else if (Array.isArray(at)) at.splice(Number(last), 1);
    else delete at[last];
  }
  return copy;
}

function metadataOf(object: Json): Json {
  return object.metadata as Json;
}

/** Takes out what differs from run to run. */
function masked(object: Json, sent: Json, random: readonly string[]): Json {
  const { uid, resourceVersion, managedFields, creationTimestamp, ...metadata } = metadataOf(object);
  const known = JSON.stringify(sent);
  const text = JSON.stringify({ ...object, metadata })
    .replaceAll(String(uid), '<uid>')
    .replaceAll(/"((?:20|19)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)"/g, (time) =>
      known.includes(time) ? time : '"<time>"',
    );
  const copy = JSON.parse(text, withoutNulls) as Json;
  for (const path of random) maskPath(copy, sent, path.split('.'));
  return copy;
}

/** Members that are null are not told from members that are absent. */
function withoutNulls(_key: string, value: unknown): unknown {
  return value === null ? undefined : value;
}

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

function maskPath(value: unknown, sent: unknown, [key, ...rest]: readonly string[]): void {
  if (key === undefined || typeof value !== 'object' || value === null) return;
  const object = value as Json;
  for (const name of key === '*' ? Object.keys(object) : [key]) {
    const own = (sent as Json | undefined)?.[name];
    if (rest.length > 0) maskPath(object[name], own, rest);
    else if (object[name] !== undefined && !own) object[name] = '<random>';
  }
}

interface StatusBody {
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { reason?: string; field?: string; message?: string }[] };
}

function usualMessage(causes: readonly string[]): string {
  const texts = [...new Set(causes.map((cause) => cause.slice(cause.indexOf(' ') + 1)))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

/** What a server makes of the recorded requests, and what the real one made of them. */
export class Replay {
  // The recorded server had no controllers beside it either.
  readonly #server = new ApiServer(
    {},
    {
      controllers: { garbageCollection: false, namespaces: false, workloads: false },
      tokens: { admin: { name: 'admin', uid: 'admin', groups: ['system:masters'] } },
    },
  );
  readonly #suite: RecordedSuite;

  constructor(suite: RecordedSuite) {
    this.#suite = suite;
  }

  async start(): Promise<void> {
    await this.#server.start();
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } };
    await this.#send('POST', '/api/v1/namespaces', namespace);
  }

  async #send(method: HttpRequest['method'], path: string, body: unknown): Promise<{ code: number; body: Json }> {
    const headers = { 'content-type': 'application/json', accept: 'application/json', authorization: 'Bearer admin' };
    const response = await this.#server.handle({ method, path, headers, body: Buffer.from(JSON.stringify(body)) });
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    return { code: response.status, body: JSON.parse(Buffer.concat(chunks).toString()) as Json };
  }

  /** Sends case number `index` of the creates. */
  async create(index: number): Promise<{ ours: unknown; real: unknown }> {
    const recorded = this.#suite.create[index] as Recorded;
    const query = this.#suite.dryRun === true ? '?dryRun=All' : '';
    const sent = changed(this.#suite.base, { 'metadata.name': this.#name(index + 1), ...recorded.set });
    return this.#compare(await this.#send('POST', this.#suite.path + query, sent), sent, recorded);
  }

  /** Sends case number `index` of the updates, and its object before. */
  async update(index: number): Promise<{ ours: unknown; real: unknown }> {
    const recorded = this.#suite.update[index] as Recorded;
    const name = this.#name(this.#suite.create.length + index + 1);
    const first = changed(this.#suite.base, { 'metadata.name': name, ...recorded.from });
    const created = await this.#send('POST', this.#suite.path, first);
    if (created.code !== 201) return { ours: created.body, real: 'an object to update' };
    const { uid, resourceVersion, managedFields, creationTimestamp, ...metadata } = metadataOf(created.body);
    const sent = changed({ ...created.body, metadata }, recorded.set);
    metadataOf(sent).resourceVersion ??= resourceVersion;
    const path = `${this.#suite.path}/${metadataOf(first).name}${recorded.subresource === undefined ? '' : `/${recorded.subresource}`}`;
    return this.#compare(await this.#send('PUT', path, sent), sent, recorded);
  }

  #name(number: number): string {
    return `${metadataOf(this.#suite.base).name}-${number}`;
  }

  #compare(answer: { code: number; body: Json }, sent: Json, recorded: Recorded): { ours: unknown; real: unknown } {
    const { random = [] } = this.#suite;
    if (recorded.causes === undefined) {
      const like = recorded.more === undefined ? {} : this.#suite.create[0]?.adds;
      const real = changed(changed(sent, { ...like }), { ...recorded.adds, ...recorded.more });
      delete metadataOf(real).resourceVersion;
      const ours = answer.code < 300 ? masked(answer.body, sent, random) : answer.body;
      return { ours: { code: answer.code, object: ours }, real: { code: recorded.code, object: real } };
    }
    const { message = '', details } = JSON.parse(JSON.stringify(answer.body).replaceAll(uuid, '<uid>')) as StatusBody;
    const found = details?.causes ?? [];
    const causes = found.map(({ reason, field, message: text }) => `${reason} ${field ?? ''}: ${text}`);
    if (recorded.unordered === true) causes.sort();
    const real = { code: recorded.code, causes: recorded.causes };
    const ours = { code: answer.code, causes };
    if (recorded.unordered === true) return { ours, real };
    const usual = message.endsWith(` is invalid: ${usualMessage(causes)}`);
    return {
      ours: { ...ours, message: usual && recorded.message === undefined ? undefined : message },
      real: { ...real, message: recorded.message },
    };
  }
}
