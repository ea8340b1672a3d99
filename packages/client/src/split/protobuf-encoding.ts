import {
  copyWithout,
  decodeMessage,
  lazyMessage,
  type MessageType,
  readPath,
  type TypeMeta,
} from '@bowline/api/protobuf';
import type { EncodedBytes, Encoding } from '@bowline/apimachinery';

/**
 * Reads objects of one kind whose bytes are a protobuf message that `checkMessage` has passed. `apiVersion` and `kind` do not stand in the
 * bytes: all its objects have the same.
 *
 * | | cost |
 * |---|---|
 * | `object` | as `lazyMessage`: one pass over its fields, and one over those of `metadata`, `spec` and `status` when they are read |
 * | `read`, `copy` | one pass over the fields of the messages on the way |
 */
export class ProtobufEncoding<T> implements Encoding<T> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly message: MessageType;
  readonly #type: TypeMeta;

  constructor(apiVersion: string, kind: string, message: MessageType) {
    this.apiVersion = apiVersion;
    this.kind = kind;
    this.message = message;
    this.#type = { apiVersion, kind };
  }

  object(bytes: Buffer, start: number, end: number): T {
    return lazyMessage<T>(this.message, bytes, start, end, this.#type);
  }

  decode(bytes: Buffer, start: number, end: number): T {
    return { ...this.#type, ...decodeMessage(this.message, bytes, start, end) } as T;
  }

  read(bytes: Buffer, start: number, end: number, path: readonly string[]): unknown {
    const [name] = path;
    if (name === undefined) return this.decode(bytes, start, end);
    if (name === 'apiVersion' || name === 'kind') return path.length === 1 ? this.#type[name] : undefined;
    return readPath(this.message, bytes, start, end, path);
  }

  room({ start, end }: EncodedBytes): number {
    return end - start;
  }

  copy({ bytes, start, end }: EncodedBytes, target: Buffer, at: number, drop: readonly (readonly string[])[]): number {
    return copyWithout(this.message, bytes, start, end, target, at, drop);
  }
}
