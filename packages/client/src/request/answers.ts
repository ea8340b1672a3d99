import type { ListCall, Undecodable } from '@bowline/apimachinery';
import { badResponse, ClientError } from '../errors.ts';
import { ChunkMemory } from '../split/chunk-memory.ts';
import { FrameSplitter } from '../split/frame-splitter.ts';
import type { TypeFields } from '../split/json-encoding.ts';
import { ListSplitter } from '../split/list-splitter.ts';
import type { SplitLimits } from '../split/read-item.ts';
import { type Slices, steps } from '../split/slices.ts';
import { SplitError } from '../split/split-error.ts';
import type { ListHead, SplitFrame, SplitItem } from '../split/split-item.ts';
import { isProtobuf } from './media-types.ts';
import type { ProtobufForm } from './protobuf-form.ts';
import type { OpenAnswer } from './request-sender.ts';

/** A list whose items are not decoded. */
export interface SplitList<T> {
  readonly head: ListHead;
  /** Those that were not given to `onItems`. */
  readonly items: readonly SplitItem<T>[];
  readonly undecodable: readonly Undecodable[];
}

/**
 * Decodes one JSON value; undefined when the answer is empty.
 *
 * @throws {ClientError} `CLIENT_BAD_RESPONSE`
 */
export async function readJson(answer: OpenAnswer, { maxItemBytes }: SplitLimits): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of answer.chunks) {
    if (bytes === 0 && piece.length > 0) checkContentType(answer); // That of an empty answer says nothing.
    bytes += piece.length;
    if (bytes > maxItemBytes) throw notUnderstood(answer, `it is larger than ${maxItemBytes} bytes`);
    pieces.push(piece);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    throw notUnderstood(answer, 'it is not JSON'); // The cause would quote the answer, which may be a Secret.
  }
}

/**
 * Splits a list into items, in slices. What it is, JSON or protobuf, the answer says.
 *
 * @param form How the objects look as protobuf, where they were asked for as that.
 * @param onItems Is given the items as they come.
 * @throws {ClientError} `CLIENT_BAD_RESPONSE`, or `CLIENT_CONNECTION_FAILED` when the answer is cut off.
 */
export async function readList<T>(
  answer: OpenAnswer,
  limits: SplitLimits,
  slices: Slices,
  type: Partial<TypeFields>,
  form: ProtobufForm | undefined,
  onItems: ListCall<T>['onItems'],
): Promise<SplitList<T>> {
  const protobuf = isProtobuf(answer.response) ? form : undefined;
  if (protobuf === undefined) checkContentType(answer);
  const splitter = protobuf?.listSplitter<T>(limits) ?? new ListSplitter<T>(limits, type);
  onItems?.([], true);
  try {
    for await (const chunk of answer.chunks) {
      const memory = protobuf && memoryOf(chunk, answer);
      for (const step of steps(chunk)) {
        const turn = slices.do(() => {
          splitter.push(step, memory);
          if (onItems && splitter.items.length > 0) onItems(splitter.items.splice(0), false);
        });
        if (turn) await turn;
      }
      memory?.leave();
    }
    return { head: splitter.end(), items: splitter.items, undecodable: splitter.undecodable };
  } catch (error) {
    if (!(error instanceof SplitError)) throw error;
    if (!error.truncated) throw notUnderstood(answer, `it is not a ${protobuf ? 'protobuf' : 'JSON'} list`, error);
    const message = `Cannot read the answer of ${answer.subject}: it is cut off`;
    throw new ClientError(message, { code: 'CLIENT_CONNECTION_FAILED', retryable: true, cause: error });
  }
}

/** The answer to a watch, and the form in which its objects were asked for. */
export interface OpenWatch {
  readonly answer: OpenAnswer;
  readonly form: ProtobufForm | undefined;
}

/**
 * Splits a watch into frames: first an empty array, when it is open, then one array for each chunk that completes any. Ends after a frame
 * that says that the watch is over.
 */
export async function* readWatch<T>(
  open: () => Promise<OpenWatch>,
  limits: SplitLimits,
  slices: Slices,
  expected: Partial<TypeFields>,
): AsyncGenerator<readonly SplitFrame<T>[]> {
  const { answer, form } = await open();
  try {
    yield [];
    const protobuf = isProtobuf(answer.response) ? form : undefined;
    if (protobuf === undefined) checkContentType(answer);
    const splitter = protobuf?.frameSplitter<T>(limits) ?? new FrameSplitter<T>(limits, expected);
    for await (const chunk of answer.chunks) {
      const memory = protobuf && memoryOf(chunk, answer);
      for (const step of steps(chunk)) {
        let frames: readonly SplitFrame<T>[] = [];
        const turn = slices.do(() => {
          frames = splitter.push(step, memory);
        });
        if (frames.length > 0) yield frames;
        if (splitter.failed) return;
        if (turn) await turn;
      }
      memory?.leave();
    }
    const rest = splitter.end();
    if (rest.length > 0) yield rest;
  } finally {
    await answer.chunks.return(); // Nobody may have begun to read it.
  }
}

/** Undefined where the garbage collector sees to it. Items hold it: it must not keep the answer and its connection alive. */
function memoryOf(chunk: Uint8Array, { response: { free } }: OpenAnswer): ChunkMemory | undefined {
  return free && new ChunkMemory(() => free(chunk));
}

function checkContentType(answer: OpenAnswer): void {
  const type = [answer.response.headers['content-type'] ?? []].flat()[0];
  if (type === undefined || /\bjson\b/i.test(type)) return;
  throw notUnderstood(answer, `it is ${type.slice(0, 100)} instead of JSON; is "server" the address of an API server?`);
}

function notUnderstood({ subject }: OpenAnswer, why: string, cause?: unknown): ClientError {
  return badResponse(`Cannot understand the answer of ${subject}: ${why}`, cause);
}
