import { checkMessage, decodeMessage, messageType, ProtobufError } from '@bowline/api/protobuf';
import { formatKey, type Undecodable } from '@bowline/apimachinery';
import { FieldWalk } from './field-walk.ts';
import type { ProtobufEncoding } from './protobuf-encoding.ts';
import { type SplitLimits, trusted } from './read-item.ts';
import { SplitError } from './split-error.ts';
import { SplitItem } from './split-item.ts';

/** An object with fields that our tables do not know: decoded from protobuf it would lack them, so it is to be asked for as JSON. */
export class UnknownFieldsError extends Error {}

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
 * @throws {UnknownFieldsError}
 */
export function readProtobufItem<T>(
  bytes: Buffer,
  start: number,
  end: number,
  isTooLarge: boolean,
  encoding: ProtobufEncoding<T>,
  { maxItemBytes }: SplitLimits,
): SplitItem<T> | Undecodable {
  const names = readNames(bytes, start, end);
  if (isTooLarge) return { key: trusted(names.key), message: `Larger than ${maxItemBytes} bytes` };
  try {
    if (checkMessage(encoding.message, bytes, start, end)) throw new UnknownFieldsError();
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    return { key: trusted(names.key), message: error.message };
  }
  if (names.key === undefined) return { message: 'No metadata.name' };
  return new SplitItem<T>(names.key, names.uid, names.resourceVersion, encoding, bytes, start, end);
}

/** What names an object. */
interface ObjectNames {
  readonly key: string | undefined;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Field of every kind that holds its metadata, and fields of that. */
const METADATA = 1;
const NAME = 1;
const NAMESPACE = 3;
const UID = 5;
const RESOURCE_VERSION = 6;

/** Reads what names an object, as far as the bytes make sense. */
function readNames(bytes: Buffer, start: number, end: number): ObjectNames {
  const name = { start: 0, end: 0 };
  const namespace = { start: 0, end: 0 };
  let uid = '';
  let resourceVersion = '';
  const object = new FieldWalk(bytes, start, end);
  while (object.next()) {
    if (object.number !== METADATA || !object.isBytes) continue;
    const metadata = new FieldWalk(bytes, object.start, object.end);
    while (metadata.next()) {
      const { number } = metadata;
      if (number > RESOURCE_VERSION || !metadata.isBytes) continue;
      if (number === NAME) ({ start: name.start, end: name.end } = metadata);
      else if (number === NAMESPACE) ({ start: namespace.start, end: namespace.end } = metadata);
      else if (number === UID) uid = bytes.toString('utf8', metadata.start, metadata.end);
      else if (number === RESOURCE_VERSION) resourceVersion = bytes.toString('utf8', metadata.start, metadata.end);
    }
  }
  const key = name.start === name.end ? undefined : keyOf(bytes, namespace, name);
  return { key, uid, resourceVersion };
}

/** Names have at most 253 bytes, those of namespaces 63. */
const keyBytes: Buffer = Buffer.alloc(512);

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The key in one piece: joined from two strings it would hold both for as long as it lives. */
function keyOf(bytes: Buffer, namespace: Span, name: Span): string {
  const length = namespace.end - namespace.start + 1 + name.end - name.start;
  if (namespace.start === namespace.end || length > keyBytes.length) {
    return formatKey({
      name: bytes.toString('utf8', name.start, name.end),
      namespace: bytes.toString('utf8', namespace.start, namespace.end),
    });
  }
  let at = 0;
  for (let from = namespace.start; from < namespace.end; from++) keyBytes[at++] = bytes[from] as number;
  keyBytes[at++] = 0x2f;
  for (let from = name.start; from < name.end; from++) keyBytes[at++] = bytes[from] as number;
  return keyBytes.toString('utf8', 0, at);
}
