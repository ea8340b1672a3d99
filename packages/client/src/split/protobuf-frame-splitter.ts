import { ProtobufError, readEnvelope } from '@bowline/api/protobuf';
import { type ObjectMeta, type Status, statusError } from '@bowline/apimachinery';
import { badResponse } from '../errors.ts';
import { FieldWalk } from './field-walk.ts';
import { changeOf, cutOff, initialEventsEnd, unusable } from './frames.ts';
import { decodeKnown, ProtobufItem, type ProtobufKind, readProtobufItem, UnknownFieldsError } from './protobuf-item.ts';
import type { SplitLimits } from './read-item.ts';
import { SplitError } from './split-error.ts';
import type { FrameSplitting, SplitFrame } from './split-item.ts';

/** Before each frame stands its length, as a big-endian number. */
const LENGTH_BYTES = 4;

/** Fields of `WatchEvent`, and of the `RawExtension` that holds its object. */
const TYPE = 1;
const OBJECT = 2;
const RAW = 1;

/**
 * Splits a watch stream of protobuf into frames, from chunks of any size.
 * An object that cannot be used gives an error frame that names it; bytes that are no event give an error frame and end the stream.
 * So does an object with fields that nobody knows, without a frame: the stream is to be asked for again, as JSON.
 */
export class ProtobufFrameSplitter<T> implements FrameSplitting<T> {
  readonly #limits: SplitLimits;
  readonly #kind: ProtobufKind;
  readonly #onUnknownFields: () => void;
  /** Position of the frame that is being read. */
  #position = 0;
  readonly #head: Buffer = Buffer.alloc(LENGTH_BYTES);
  #headFilled = 0;
  #frame: Buffer | undefined;
  #frameLength = 0;
  #filled = 0;
  #failed = false;

  /** @param kind What the objects are. @param onUnknownFields Told that some object has fields that its table lacks. */
  constructor(limits: SplitLimits, kind: ProtobufKind, onUnknownFields: () => void) {
    this.#limits = limits;
    this.#kind = kind;
    this.#onUnknownFields = onUnknownFields;
  }

  get failed(): boolean {
    return this.#failed;
  }

  push(chunk: Uint8Array): SplitFrame<T>[] {
    const frames: SplitFrame<T>[] = [];
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < bytes.length && !this.#failed; ) {
      if (this.#frame === undefined) {
        this.#head[this.#headFilled++] = bytes[at++] as number;
        if (this.#headFilled < LENGTH_BYTES) continue;
        this.#start(this.#head.readUInt32BE());
      } else {
        const take = Math.min(this.#frameLength - this.#filled, bytes.length - at);
        bytes.copy(this.#frame, this.#filled, at, at + take); // nothing when the frame is too large to be kept
        this.#filled += take;
        at += take;
      }
      if (this.#frame !== undefined && this.#filled === this.#frameLength) this.#end(this.#frame, frames);
    }
    return frames;
  }

  end(): SplitFrame<T>[] {
    return this.#failed || (this.#frame === undefined && this.#headFilled === 0) ? [] : [cutOff()];
  }

  #start(length: number): void {
    this.#frameLength = length;
    this.#filled = 0;
    this.#frame = length > this.#limits.maxItemBytes ? Buffer.alloc(0) : Buffer.allocUnsafeSlow(length);
  }

  #end(bytes: Buffer, frames: SplitFrame<T>[]): void {
    this.#position += LENGTH_BYTES + this.#frameLength;
    this.#frame = undefined;
    this.#headFilled = 0;
    try {
      const tooLarge = bytes.length < this.#frameLength;
      const frame: SplitFrame<T> = tooLarge
        ? unusable({ message: `Larger than ${this.#limits.maxItemBytes} bytes` })
        : this.#event(bytes);
      frames.push(frame);
      this.#failed = frame.type === 'error' && frame.undecodable === undefined;
    } catch (error) {
      this.#failed = true;
      if (error instanceof UnknownFieldsError) this.#onUnknownFields();
      else if (error instanceof SplitError)
        frames.push({ type: 'error', error: badResponse('The watch sent a frame that is no event', error) });
      else throw error;
    }
  }

  /** @throws {SplitError | UnknownFieldsError} */
  #event(bytes: Buffer): SplitFrame<T> {
    const event = this.#walk(bytes, 0, bytes.length);
    const type = event.get(TYPE);
    const extension = event.get(OBJECT);
    if (type === undefined || extension === undefined)
      throw new SplitError('Expected "type" and "object"', this.#position);
    const raw = this.#walk(bytes, extension.start, extension.end).get(RAW);
    if (raw === undefined) throw new SplitError('Expected an object', this.#position);
    const { apiVersion, kind, from, to } = this.#envelope(bytes, raw.start, raw.end);
    const object = Buffer.allocUnsafeSlow(to - from);
    bytes.copy(object, 0, from, to);

    const name = bytes.toString('latin1', type.start, type.end);
    const change = changeOf(name);
    if (change !== undefined) {
      const expected = `${this.#kind.apiVersion} ${this.#kind.kind}`;
      if (`${apiVersion} ${kind}` !== expected)
        return unusable({ message: `Expected ${expected}, got ${apiVersion} ${kind}` });
      const item = readProtobufItem<T>(object, false, this.#kind, this.#limits);
      return item instanceof ProtobufItem ? { type: change, item } : unusable(item);
    }
    if (name === 'ERROR')
      return { type: 'error', error: statusError(decodeKnown<Status>('Status', object, this.#position)) };
    if (name !== 'BOOKMARK') return unusable({ message: 'The type of its event is not known' });
    // Of a bookmark only the metadata counts, which stands at the same place in every kind.
    const { metadata } = decodeKnown<{ metadata?: ObjectMeta }>('PartialObjectMetadata', object, this.#position);
    return {
      type: 'bookmark',
      resourceVersion: metadata?.resourceVersion ?? '',
      initialEventsEnd: initialEventsEnd(metadata?.annotations),
    };
  }

  /** Where the fields with a length stand, the last of each number. */
  #walk(bytes: Buffer, from: number, to: number): Map<number, { readonly start: number; readonly end: number }> {
    const found = new Map<number, { readonly start: number; readonly end: number }>();
    const walk = new FieldWalk(bytes, from, to);
    while (walk.next()) if (walk.isBytes) found.set(walk.number, { start: walk.start, end: walk.end });
    if (walk.isBroken) throw new SplitError('Expected a field', this.#position);
    return found;
  }

  #envelope(bytes: Buffer, from: number, to: number): ReturnType<typeof readEnvelope> {
    try {
      return readEnvelope(bytes, from, to);
    } catch (error) {
      if (error instanceof ProtobufError) throw new SplitError(error.message, this.#position);
      throw error;
    }
  }
}
