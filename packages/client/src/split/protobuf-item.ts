import {
  checkMessage,
  decodeMessage,
  isOrdered,
  messageType,
  type NamePlaces,
  ProtobufError,
  quickCheck,
} from '@bowline/api/protobuf';
import type { EncodedNames, Encoding, Undecodable } from '@bowline/apimachinery';
import type { ChunkMemory } from './chunk-memory.ts';
import { FieldWalk } from './field-walk.ts';
import { keyAt } from './item-key.ts';
import type { ProtobufEncoding } from './protobuf-encoding.ts';
import { type SplitLimits, trusted } from './read-item.ts';
import { SplitError } from './split-error.ts';
import { SplitItem } from './split-item.ts';

/** An object with fields that our tables do not know: decoded from protobuf it would lack them, so it is to be asked for as JSON. */
export class UnknownFieldsError extends Error {}

/** One whose names are read from its bytes when somebody asks. */
class ProtobufItem<T> extends SplitItem<T> implements EncodedNames {
  readonly uidStart: number;
  readonly uidEnd: number;
  readonly resourceVersionStart: number;
  readonly resourceVersionEnd: number;
  /** Where its bytes are, if that can go. */
  #memory: ChunkMemory | undefined;
  #isMoved = false;

  constructor(
    key: string,
    names: EncodedNames,
    encoding: Encoding<T>,
    bytes: Buffer,
    start: number,
    end: number,
    memory: ChunkMemory | undefined,
  ) {
    super(key, encoding, bytes, start, end);
    this.uidStart = names.uidStart;
    this.uidEnd = names.uidEnd;
    this.resourceVersionStart = names.resourceVersionStart;
    this.resourceVersionEnd = names.resourceVersionEnd;
    this.#memory = memory;
    memory?.enter();
  }

  get names(): EncodedNames | undefined {
    return this.#isMoved ? undefined : this;
  }

  get uid(): string {
    const { uidStart, uidEnd } = this.#places();
    return this.bytes.toString('utf8', uidStart, uidEnd);
  }

  get resourceVersion(): string {
    const { resourceVersionStart, resourceVersionEnd } = this.#places();
    return this.bytes.toString('utf8', resourceVersionStart, resourceVersionEnd);
  }

  movedTo(bytes: Buffer, start: number, end: number): void {
    const memory = this.#memory;
    if (memory === undefined || this.isRead) return;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.#isMoved = true;
    this.#memory = undefined;
    memory.leave();
  }

  #places(): EncodedNames {
    return this.#isMoved ? findNames(this.bytes, this.start, this.end) : this;
  }
}

/** Decodes a message of one of the types that every group has: `ListMeta`, `Status`. @throws {SplitError} */
export function decodeKnown<M>(kind: string, bytes: Buffer, start: number, end: number, position: number): M {
  const type = messageType({ group: 'meta.k8s.io', version: 'v1', kind });
  try {
    if (type === undefined) throw new ProtobufError(`The form of ${kind} is not known`, '');
    checkMessage(type, bytes, start, end);
    return decodeMessage(type, bytes, start, end) as M;
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw new SplitError(error.message, position);
  }
}

/**
 * Makes the item of an object, or says why there is none. It refers to the bytes.
 *
 * @param isTooLarge Whether `end` is not the end of the object, which is larger than allowed.
 * @param memory In which the bytes are, if that can go when the item has been copied.
 * @throws {UnknownFieldsError}
 */
export function readProtobufItem<T>(
  bytes: Buffer,
  start: number,
  end: number,
  isTooLarge: boolean,
  encoding: ProtobufEncoding<T>,
  { maxItemBytes }: SplitLimits,
  memory?: ChunkMemory,
): SplitItem<T> | Undecodable {
  const checked = isTooLarge ? undefined : quickCheck(encoding.message, bytes, start, end);
  const places = checked ?? findNames(bytes, start, end);
  const key = keyAt(bytes, places);
  if (isTooLarge) return { key: trusted(key), message: `Larger than ${maxItemBytes} bytes` };
  try {
    if (checked === undefined && checkMessage(encoding.message, bytes, start, end)) throw new UnknownFieldsError();
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    return { key: trusted(key), message: error.message };
  }
  if (key === undefined) return { message: 'No metadata.name' };
  const isUsual = checked !== undefined || isOrdered(encoding.message, bytes, start, end);
  return new ProtobufItem<T>(key, places, isUsual ? encoding : encoding.unordered, bytes, start, end, memory);
}

/** Field of every kind that holds its metadata, and fields of that. */
const METADATA = 1;
const NAME = 1;
const NAMESPACE = 3;
const UID = 5;
const RESOURCE_VERSION = 6;

/** Finds what names an object, as far as the bytes make sense. */
function findNames(bytes: Buffer, from: number, to: number): NamePlaces {
  let [nameStart, nameEnd, namespaceStart, namespaceEnd] = [0, 0, 0, 0];
  let [uidStart, uidEnd, resourceVersionStart, resourceVersionEnd] = [0, 0, 0, 0];
  const object = new FieldWalk(bytes, from, to);
  while (object.next()) {
    if (object.number !== METADATA || !object.isBytes) continue;
    const metadata = new FieldWalk(bytes, object.start, object.end);
    while (metadata.next()) {
      const { number, isBytes, start, end } = metadata;
      if (!isBytes) continue;
      if (number === NAME) [nameStart, nameEnd] = [start, end];
      else if (number === NAMESPACE) [namespaceStart, namespaceEnd] = [start, end];
      else if (number === UID) [uidStart, uidEnd] = [start, end];
      else if (number === RESOURCE_VERSION) [resourceVersionStart, resourceVersionEnd] = [start, end];
    }
  }
  return {
    nameStart,
    nameEnd,
    namespaceStart,
    namespaceEnd,
    uidStart,
    uidEnd,
    resourceVersionStart,
    resourceVersionEnd,
  };
}
