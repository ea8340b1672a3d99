import {
  copyWithout,
  decodeMessage,
  lazyMessage,
  type MessageType,
  readPath,
  type TypeMeta,
} from '@bowline/api/protobuf';
import { deepFreeze, type EncodedBytes, type Encoding } from '@bowline/apimachinery';

/**
 * Reads objects of one kind whose bytes are a protobuf message that `checkMessage` has passed and that is ordered (`isOrdered`). `apiVersion` and `kind` do not stand in the
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
  protected readonly type: TypeMeta;
  #unordered: Encoding<T> | undefined;

  constructor(apiVersion: string, kind: string, message: MessageType) {
    this.apiVersion = apiVersion;
    this.kind = kind;
    this.message = message;
    this.type = { apiVersion, kind };
  }

  /** The same for messages in any order. */
  get unordered(): Encoding<T> {
    this.#unordered ??= new UnorderedEncoding<T>(this.apiVersion, this.kind, this.message);
    return this.#unordered;
  }

  object(bytes: Buffer, start: number, end: number): T {
    return lazyMessage<T>(this.message, bytes, start, end, this.type);
  }

  decode(bytes: Buffer, start: number, end: number): T {
    return { ...this.type, ...decodeMessage(this.message, bytes, start, end) } as T;
  }

  read(bytes: Buffer, start: number, end: number, path: readonly string[]): unknown {
    const [name] = path;
    if (name === undefined) return this.decode(bytes, start, end);
    if (name === 'apiVersion' || name === 'kind') return path.length === 1 ? this.type[name] : undefined;
    return readPath(this.message, bytes, start, end, path);
  }

  room({ start, end }: EncodedBytes): number {
    return end - start;
  }

  copy({ bytes, start, end }: EncodedBytes, target: Buffer, at: number, drop: readonly (readonly string[])[]): number {
    return copyWithout(this.message, bytes, start, end, target, at, drop);
  }
}

/** Nobody writes such messages: their objects are decoded at once. */
class UnorderedEncoding<T> extends ProtobufEncoding<T> {
  override object(bytes: Buffer, start: number, end: number): T {
    return deepFreeze(this.decode(bytes, start, end));
  }
}
