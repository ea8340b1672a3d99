import { checkMessage, decodeMessage, type MessageType, messageType, ProtobufError } from '@bowline/api/protobuf';
import { deepFreeze, type Encoding, formatKey, type Undecodable, valueAt } from '@bowline/apimachinery';
import { FieldWalk } from './field-walk.ts';
import { type SplitLimits, trusted } from './read-item.ts';
import { SplitError } from './split-error.ts';
import { SplitItem } from './split-item.ts';

/** What the items of a list or watch are. */
export interface ProtobufKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly message: MessageType;
}

/** An object with fields that our tables do not know: decoded from protobuf it would lack them, so it is to be asked for as JSON. */
export class UnknownFieldsError extends Error {}

class ProtobufEncoding<T> implements Encoding<T> {
  readonly #kind: ProtobufKind;

  constructor(kind: ProtobufKind) {
    this.#kind = kind;
  }

  object(bytes: Buffer, start: number, end: number): T {
    return deepFreeze(this.decode(bytes, start, end));
  }

  decode(bytes: Buffer, start: number, end: number): T {
    const { apiVersion, kind, message } = this.#kind;
    return { apiVersion, kind, ...decodeMessage(message, bytes.subarray(start, end)) } as T;
  }

  read(bytes: Buffer, start: number, end: number, path: readonly string[]): unknown {
    return valueAt(this.decode(bytes, start, end), path);
  }

  copy(bytes: Buffer, start: number, end: number, target: Buffer, at: number): number {
    return bytes.copy(target, at, start, end);
  }
}

/** An item whose bytes are a protobuf message that `checkMessage` has passed. */
export class ProtobufItem<T> extends SplitItem<T> {
  constructor(key: string, uid: string, resourceVersion: string, bytes: Buffer, kind: ProtobufKind) {
    super(key, uid, resourceVersion, new ProtobufEncoding<T>(kind), bytes, 0, bytes.length);
  }
}

/** Decodes a message of one of the types that every group has: `ListMeta`, `Status`. @throws {SplitError} */
export function decodeKnown<M>(kind: string, bytes: Buffer, position: number): M {
  const type = messageType({ group: 'meta.k8s.io', version: 'v1', kind });
  try {
    if (type === undefined) throw new ProtobufError(`The form of ${kind} is not known`, '');
    checkMessage(type, bytes);
    return decodeMessage(type, bytes) as M;
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw new SplitError(error.message, position);
  }
}

/**
 * Makes the item of bytes that are exactly its own, or the first of them when it is too large; or says why there is none.
 * @throws {UnknownFieldsError}
 */
export function readProtobufItem<T>(
  bytes: Buffer,
  tooLarge: boolean,
  kind: ProtobufKind,
  { maxItemBytes }: SplitLimits,
): ProtobufItem<T> | Undecodable {
  const { name, namespace, uid, resourceVersion } = readNames(bytes);
  const key = name ? formatKey({ name, namespace }) : undefined;
  if (tooLarge) return { key: trusted(key), message: `Larger than ${maxItemBytes} bytes` };
  try {
    if (checkMessage(kind.message, bytes)) throw new UnknownFieldsError();
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    return { key: trusted(key), message: error.message };
  }
  if (key === undefined) return { message: 'No metadata.name' };
  return new ProtobufItem<T>(key, uid, resourceVersion, bytes, kind);
}

/** What names an object. */
interface ObjectNames {
  name: string;
  namespace: string;
  uid: string;
  resourceVersion: string;
}

/** Field of every kind that holds its metadata; the names of that one. */
const METADATA = 1;
const fieldsOfMetadata: readonly (keyof ObjectNames | undefined)[] = [
  undefined,
  'name',
  undefined,
  'namespace',
  undefined,
  'uid',
  'resourceVersion',
];

/** Reads what names an object, as far as the bytes make sense. */
function readNames(bytes: Buffer): ObjectNames {
  const names: ObjectNames = { name: '', namespace: '', uid: '', resourceVersion: '' };
  const object = new FieldWalk(bytes, 0, bytes.length);
  while (object.next()) {
    if (object.number !== METADATA || !object.isBytes) continue;
    const metadata = new FieldWalk(bytes, object.start, object.end);
    while (metadata.next()) {
      const field = fieldsOfMetadata[metadata.number];
      if (field !== undefined && metadata.isBytes) names[field] = bytes.toString('utf8', metadata.start, metadata.end);
    }
  }
  return names;
}
