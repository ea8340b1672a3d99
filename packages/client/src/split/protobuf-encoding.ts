import { copyWithout, decodeMessage, FieldNames, type MessageType, readField, readPath } from '@bowline/api/protobuf';
import {
  type EncodedBytes,
  type Encoding,
  type FieldSource,
  type KnownFields,
  lazyObject,
} from '@bowline/apimachinery';

/**
 * Reads objects of one kind whose bytes are a protobuf message that `checkMessage` has passed. `apiVersion` and `kind` do not stand in the
 * bytes: all its objects have the same.
 *
 * | | cost |
 * |---|---|
 * | `object` | one pass over the fields of the object itself; what is read of it, decoding that field |
 * | `read`, `copy` | one pass over the fields of the messages on the way |
 */
export class ProtobufEncoding<T> implements Encoding<T> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly message: MessageType;
  readonly #type: Required<KnownFields>;
  readonly #names: FieldNames;

  constructor(apiVersion: string, kind: string, message: MessageType) {
    this.apiVersion = apiVersion;
    this.kind = kind;
    this.message = message;
    this.#type = { apiVersion, kind };
    this.#names = new FieldNames(message, ['apiVersion', 'kind']);
  }

  object(bytes: Buffer, start: number, end: number): T {
    const names = this.#names.of(bytes, start, end);
    return lazyObject<T>(names, new MessageFields(this.message, bytes, start, end), this.#type);
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

/** The fields of one object. */
class MessageFields implements FieldSource {
  readonly #message: MessageType;
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;

  constructor(message: MessageType, bytes: Buffer, start: number, end: number) {
    this.#message = message;
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  read(name: string): unknown {
    return readField(this.#message, this.#bytes, this.#start, this.#end, name);
  }
}
