import type * as Protobuf from '@bowline/api/protobuf';
import { type GroupVersionKind, groupVersion } from '@bowline/apimachinery';
import { DecodeError, isBuiltin } from '../schema/index.ts';

/** The envelope around an object in protobuf, with what it says the object is. */
export interface ProtobufBody {
  readonly apiVersion: string;
  readonly kind: string;
  readonly bytes: Buffer;
  /** Where the object's own message stands. */
  readonly from: number;
  readonly to: number;
}

/** The codec and its tables come when the first body in protobuf does: most servers never see one. */
let codec: typeof Protobuf | undefined;

/**
 * Loads the tables that reading a body needs; at once when they are there.
 *
 * @param expected What the body is when it does not say.
 */
export async function loadProtobuf(bytes: Uint8Array, expected: GroupVersionKind): Promise<void> {
  codec ??= await import('@bowline/api/protobuf');
  const { messageType, loadMessageType } = codec;
  for (const kind of [kindIn(codec, bytes, expected), deleteOptions]) {
    if (messageType(kind) === undefined) await loadMessageType(kind);
  }
}

const deleteOptions: GroupVersionKind = { group: 'meta.k8s.io', version: 'v1', kind: 'DeleteOptions' };

function kindIn({ ProtobufError }: typeof Protobuf, bytes: Uint8Array, expected: GroupVersionKind): GroupVersionKind {
  try {
    return kindOf(openProtobuf(bytes, expected));
  } catch (error) {
    // Whoever reads the body will say so.
    if (error instanceof DecodeError && error.cause instanceof ProtobufError) return expected;
    throw error;
  }
}

function loaded(): typeof Protobuf {
  if (codec === undefined) throw new RangeError('Cannot read protobuf: its tables must be loaded, got none');
  return codec;
}

function kindOf({ apiVersion, kind }: ProtobufBody): GroupVersionKind {
  return { ...groupVersion(apiVersion), kind };
}

/**
 * Reads what stands around an object.
 *
 * @param expected What the object is when the envelope does not say.
 * @throws {DecodeError} in the real server's words.
 */
export function openProtobuf(bytes: Uint8Array, expected: GroupVersionKind): ProtobufBody {
  const { ProtobufError, readEnvelope } = loaded();
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const { apiVersion, kind, from, to } = readEnvelope(buffer);
    const said = /^([^/]+\/)?[^/]+$/.test(apiVersion) ? apiVersion : versionOf(expected);
    return { apiVersion: said, kind: kind === '' ? expected.kind : kind, bytes: buffer, from, to };
  } catch (error) {
    if (error instanceof ProtobufError) throw new DecodeError(error.goMessage, error);
    throw error;
  }
}

function versionOf({ group, version }: GroupVersionKind): string {
  return group === '' ? version : `${group}/${version}`;
}

/**
 * The object in a body, as the JSON that it would be. It may hold fields that only another release knows: reading it as its kind drops them.
 *
 * @throws {DecodeError} in the real server's words.
 */
export function readProtobuf(body: ProtobufBody): Record<string, unknown> {
  const { ProtobufError, checkMessage, decodeMessage, messageType } = loaded();
  const { apiVersion, kind, bytes, from, to } = body;
  // Every group has `DeleteOptions`.
  const isOptions = kind === deleteOptions.kind;
  const type = isOptions || isBuiltin(kindOf(body)) ? messageType(isOptions ? deleteOptions : kindOf(body)) : undefined;
  if (type === undefined) {
    const words = `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`;
    throw new DecodeError(`${words} in scheme "pkg/runtime/scheme.go:111"`);
  }
  try {
    checkMessage(type, bytes, from, to, { text: 'any' });
  } catch (error) {
    if (error instanceof ProtobufError) throw new DecodeError(error.goMessage, error);
    throw error;
  }
  return { kind, apiVersion, ...decodeMessage(type, bytes, from, to) };
}
