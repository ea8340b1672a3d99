import type { ControlPlane, Received } from '../control-plane.ts';
import { type Changes, changed, changesBetween, type Suite } from './suite.ts';

/** What a real server answered, with what differs from run to run masked. */
interface Answer {
  readonly code: number;
  /** What the stored object has more, or other, than what was sent. */
  readonly adds?: Changes;
  /** Instead of `adds`: what changes after the `adds` of the suite's first case, where that is shorter. */
  readonly more?: Changes;
  /** `reason field: message` of each cause, in order. */
  readonly causes?: readonly string[];
  /** Where it does not follow from the causes. */
  readonly message?: string;
  /** Go maps are walked in random order, so the causes come in any order. */
  readonly unordered?: true;
}

/** A case with its answer. */
export interface Recorded extends Answer {
  readonly title: string;
  readonly from?: Changes;
  readonly set: Changes;
  readonly subresource?: string;
}

/** A suite with the answers. */
export interface RecordedSuite {
  readonly kind: string;
  readonly path: string;
  readonly base: Readonly<Record<string, unknown>>;
  readonly dryRun?: true;
  readonly random?: readonly string[];
  readonly create: readonly Recorded[];
  readonly update: readonly Recorded[];
}

type Json = Record<string, unknown>;

interface StatusBody {
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { reason?: string; field?: string; message?: string }[] };
}

/** A server walks maps in random order: this often an order is asked for. */
const attempts = 8;

function metadataOf(object: Json): Json {
  return object.metadata as Json;
}

/** Replaces what differs from run to run. */
function masked(object: Json, sent: Json, random: readonly string[]): Json {
  const { uid, ...metadata } = metadataOf(object);
  for (const field of ['resourceVersion', 'managedFields', 'creationTimestamp']) delete metadata[field];
  const texts = JSON.stringify({ ...object, metadata });
  const known = JSON.stringify(sent);
  const plain = texts
    .replaceAll(String(uid), '<uid>')
    .replaceAll(/"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)"/g, (text) =>
      known.includes(text) ? text : '"<time>"',
    );
  const copy = JSON.parse(plain, withoutNulls) as Json;
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

function causesOf(text: string): string[] {
  const { details } = JSON.parse(text) as StatusBody;
  return (details?.causes ?? []).map(({ reason, field, message }) => `${reason} ${field ?? ''}: ${message}`);
}

/** The message that an invalid object gets when nothing is special. */
function usualMessage(causes: readonly string[]): string {
  const texts = [...new Set(causes.map((cause) => cause.slice(cause.indexOf(' ') + 1)))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

function answerOf(received: Received, sent: Json, random: readonly string[], like: Changes | undefined): Answer {
  if (received.code < 300) {
    const object = masked(JSON.parse(received.text) as Json, sent, random);
    const adds = changesBetween(sent, object);
    if (like === undefined) return { code: received.code, adds };
    const more = changesBetween(changed(sent, like), object);
    const shorter = JSON.stringify(more).length < JSON.stringify(adds).length;
    return { code: received.code, ...(shorter ? { more } : { adds }) };
  }
  const text = received.text.replaceAll(uuid, '<uid>');
  const causes = causesOf(text);
  const { message = '' } = JSON.parse(text) as StatusBody;
  const usual = message.endsWith(` is invalid: ${usualMessage(causes)}`);
  return { code: received.code, causes, ...(usual ? {} : { message }) };
}

async function ask(
  send: () => Promise<Received>,
  sent: Json,
  random: readonly string[],
  like?: Changes,
): Promise<Answer> {
  let answer = answerOf(await send(), sent, random, like);
  if ((answer.causes?.length ?? 0) < 2) return answer;
  for (let attempt = 1; attempt < attempts; attempt++) {
    const other = answerOf(await send(), sent, random, like);
    if (JSON.stringify(other) === JSON.stringify(answer)) continue;
    const { message, ...rest } = answer;
    answer = { ...rest, causes: [...(answer.causes ?? [])].sort(), unordered: true };
    break;
  }
  return answer;
}

/** What an update sends: the object as it was read, changed. */
function withoutMasked(object: Json): Json {
  const { uid, resourceVersion, managedFields, creationTimestamp, ...metadata } = metadataOf(object);
  return { ...object, metadata };
}

/** Sends all cases of a suite and notes what the server says. */
export async function record(server: ControlPlane, suite: Suite): Promise<RecordedSuite> {
  const { kind, path, base, random = [] } = suite;
  const query = suite.dryRun === true ? '?dryRun=All' : '';
  const baseName = String(metadataOf(base).name);
  const named = (number: number): Changes => ({ 'metadata.name': `${baseName}-${number}` });
  let number = 0;
  const create: Recorded[] = [];
  for (const [title, set] of Object.entries(suite.create)) {
    const sent = changed(base, { ...named(++number), ...set });
    const answer = await ask(() => server.send('POST', path + query, sent), sent, random, create[0]?.adds);
    create.push({ title, set, ...answer });
  }
  const update: Recorded[] = [];
  for (const [title, { from, to, subresource }] of Object.entries(suite.update ?? {})) {
    const first = changed(base, { ...named(++number), ...from });
    const created = await server.send('POST', path, first);
    if (created.code !== 201)
      throw new Error(`Cannot record ${kind} ${title}: the first object is refused: ${created.text}`);
    const stored = withoutMasked(JSON.parse(created.text) as Json);
    const { resourceVersion } = metadataOf(JSON.parse(created.text) as Json);
    const sent = changed(stored, to);
    metadataOf(sent).resourceVersion ??= resourceVersion;
    const url = `${path}/${metadataOf(first).name}${subresource === undefined ? '' : `/${subresource}`}`;
    const answer = await ask(() => server.send('PUT', url, sent), sent, random);
    if (suite.dryRun === true) await server.send('DELETE', `${path}/${metadataOf(first).name}`);
    if (answer.adds !== undefined) delete (answer.adds as Json)['metadata.resourceVersion'];
    update.push({
      title,
      ...(from === undefined ? {} : { from }),
      set: to,
      ...(subresource === undefined ? {} : { subresource }),
      ...answer,
    });
  }
  return {
    kind,
    path,
    base,
    ...(suite.dryRun === true ? { dryRun: true } : {}),
    ...(random.length === 0 ? {} : { random }),
    create,
    update,
  };
}
