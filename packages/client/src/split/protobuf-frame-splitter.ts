import { ProtobufError, readEnvelope } from '@bowline/api/protobuf';
import { type ObjectMeta, type Status, statusError } from '@bowline/apimachinery';
import { badResponse } from '../errors.ts';
import { ByteBlocks } from './byte-blocks.ts';
import type { ChunkMemory } from './chunk-memory.ts';
import { FieldWalk } from './field-walk.ts';
import { changeOf, cutOff, initialEventsEnd, unusable } from './frames.ts';
import { ownBytes } from './own-bytes.ts';
import type { ProtobufEncoding } from './protobuf-encoding.ts';
import { decodeKnown, readProtobufItem, UnknownFieldsError } from './protobuf-item.ts';
import { type EventType, UsualEvents } from './protobuf-usual-event.ts';
import type { SplitLimits } from './read-item.ts';
import { STEP_BYTES } from './slices.ts';
import { SplitError } from './split-error.ts';
import { type FrameSplitting, type SplitFrame, SplitItem } from './split-item.ts';

/** Before each frame stands its length, as a big-endian number. */
const LENGTH_BYTES = 4;

/** Fields of `WatchEvent`, and of the `RawExtension` that holds its object. */
const TYPE = 1;
const OBJECT = 2;
const RAW = 1;

const nothing = Buffer.alloc(0);

/**
 * Splits a watch stream of protobuf into frames, from chunks of any size. The item of a frame that stands in one chunk refers to it, or
 * to a copy of it where it is a small part of its buffer; the others share buffers.
 * An object that cannot be used gives an error frame that names it; bytes that are no event give an error frame and end the stream.
 * So does an object with fields that nobody knows, without a frame: the stream is to be asked for again, as JSON.
 */
export class ProtobufFrameSplitter<T> implements FrameSplitting<T> {
  readonly #limits: SplitLimits;
  readonly #encoding: ProtobufEncoding<T>;
  readonly #usual: UsualEvents;
  readonly #onUnknownFields: () => void;
  /** Position of the frame that is being read. */
  #position = 0;
  readonly #head: Buffer = Buffer.alloc(LENGTH_BYTES);
  #headFilled = 0;
  readonly #blocks: ByteBlocks = new ByteBlocks(STEP_BYTES);
  /** Where a frame is put together that comes in several chunks. */
  #frame: Buffer | undefined;
  #frameStart = 0;
  #frameLength = 0;
  #filled = 0;
  #failed = false;

  /** @param encoding What the objects are. @param onUnknownFields Told that some object has fields that its table lacks. */
  constructor(limits: SplitLimits, encoding: ProtobufEncoding<T>, onUnknownFields: () => void) {
    this.#limits = limits;
    this.#encoding = encoding;
    this.#usual = new UsualEvents(encoding.apiVersion, encoding.kind);
    this.#onUnknownFields = onUnknownFields;
  }

  get failed(): boolean {
    return this.#failed;
  }

  push(chunk: Uint8Array, memory?: ChunkMemory): SplitFrame<T>[] {
    const frames: SplitFrame<T>[] = [];
    // A transport may give small parts of larger buffers; ours does not.
    const bytes = ownBytes(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    const itsMemory = bytes.buffer === chunk.buffer ? memory : undefined;
    for (let at = 0; at < bytes.length && !this.#failed; ) {
      const whole = this.#frame === undefined && this.#headFilled === 0 ? this.#wholeFrame(bytes, at) : 0;
      if (whole > 0) {
        this.#end(bytes, at + LENGTH_BYTES, whole, frames, itsMemory);
        at = whole;
      } else if (this.#frame === undefined) {
        this.#head[this.#headFilled++] = bytes[at++] as number;
        if (this.#headFilled < LENGTH_BYTES) continue;
        this.#start(this.#head.readUInt32BE());
      } else {
        const take = Math.min(this.#frameLength - this.#filled, bytes.length - at);
        bytes.copy(this.#frame, this.#frameStart + this.#filled, at, at + take); // nothing when the frame is too large to be kept
        this.#filled += take;
        at += take;
      }
      const frame = this.#frame;
      if (frame !== undefined && this.#filled === this.#frameLength)
        this.#end(frame, this.#frameStart, this.#frameStart + this.#filled, frames);
    }
    return frames;
  }

  end(): SplitFrame<T>[] {
    return this.#failed || (this.#frame === undefined && this.#headFilled === 0) ? [] : [cutOff()];
  }

  /** Where the frame ends that begins at `at`, when all of it is there and wanted; else 0. */
  #wholeFrame(bytes: Buffer, at: number): number {
    if (at + LENGTH_BYTES > bytes.length) return 0;
    const length = bytes.readUInt32BE(at);
    const end = at + LENGTH_BYTES + length;
    if (end > bytes.length || length > this.#limits.maxItemBytes) return 0;
    this.#frameLength = length;
    return end;
  }

  #start(length: number): void {
    this.#frameLength = length;
    this.#filled = 0;
    this.#frame = this.#isTooLarge() ? nothing : this.#blocks.take(length);
    this.#frameStart = this.#isTooLarge() ? 0 : this.#blocks.start;
  }

  #isTooLarge(): boolean {
    return this.#frameLength > this.#limits.maxItemBytes;
  }

  #end(bytes: Buffer, start: number, end: number, frames: SplitFrame<T>[], memory?: ChunkMemory): void {
    this.#position += LENGTH_BYTES + this.#frameLength;
    this.#frame = undefined;
    this.#headFilled = 0;
    try {
      const frame: SplitFrame<T> = this.#isTooLarge()
        ? unusable({ message: `Larger than ${this.#limits.maxItemBytes} bytes` })
        : this.#event(bytes, start, end, memory);
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
  #event(bytes: Buffer, start: number, end: number, memory: ChunkMemory | undefined): SplitFrame<T> {
    const usual = this.#usual;
    const type = usual.find(bytes, start, end);
    if (type === undefined) return this.#anyEvent(bytes, start, end, memory);
    return this.#change(type, bytes, usual.from, usual.to, memory);
  }

  /** @throws {UnknownFieldsError} */
  #change(type: EventType, bytes: Buffer, from: number, to: number, memory: ChunkMemory | undefined): SplitFrame<T> {
    const item = readProtobufItem<T>(bytes, from, to, false, this.#encoding, this.#limits, memory);
    return item instanceof SplitItem ? { type, item } : unusable(item);
  }

  /** @throws {SplitError | UnknownFieldsError} */
  #anyEvent(bytes: Buffer, start: number, end: number, memory: ChunkMemory | undefined): SplitFrame<T> {
    const type = this.#find(bytes, start, end, TYPE, '"type" and "object"');
    const extension = this.#find(bytes, start, end, OBJECT, '"type" and "object"');
    const raw = this.#find(bytes, extension.start, extension.end, RAW, 'an object');
    const { apiVersion, kind, from, to } = this.#envelope(bytes, raw.start, raw.end);

    const name = bytes.toString('latin1', type.start, type.end);
    const change = changeOf(name);
    if (change !== undefined) {
      const expected = this.#encoding;
      if (apiVersion !== expected.apiVersion || kind !== expected.kind)
        return unusable({ message: `Expected ${expected.apiVersion} ${expected.kind}, got ${apiVersion} ${kind}` });
      return this.#change(change, bytes, from, to, memory);
    }
    if (name === 'ERROR')
      return { type: 'error', error: statusError(decodeKnown<Status>('Status', bytes, from, to, this.#position)) };
    if (name !== 'BOOKMARK') return unusable({ message: 'The type of its event is not known' });
    // Of a bookmark only the metadata counts, which stands at the same place in every kind.
    const { metadata } = decodeKnown<{ metadata?: ObjectMeta }>(
      'PartialObjectMetadata',
      bytes,
      from,
      to,
      this.#position,
    );
    return {
      type: 'bookmark',
      resourceVersion: metadata?.resourceVersion ?? '',
      initialEventsEnd: initialEventsEnd(metadata?.annotations),
    };
  }

  /** Where the last field with that number stands. @throws {SplitError} when there is none. */
  #find(bytes: Buffer, from: number, to: number, number: number, what: string): { start: number; end: number } {
    let start = -1;
    let end = -1;
    const walk = new FieldWalk(bytes, from, to);
    while (walk.next()) if (walk.isBytes && walk.number === number) ({ start, end } = walk);
    if (walk.isBroken) throw new SplitError('Expected a field', this.#position);
    if (start < 0) throw new SplitError(`Expected ${what}`, this.#position);
    return { start, end };
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
