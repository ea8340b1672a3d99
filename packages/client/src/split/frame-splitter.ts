import { isUtf8 } from 'node:buffer';
import { isJsonObject, type Status, statusError } from '@bowline/apimachinery';
import { badResponse } from '../errors.ts';
import { ByteBlocks } from './byte-blocks.ts';
import { ExpectedType } from './expected-type.ts';
import { changeOf, cutOff, initialEventsEnd, unusable } from './frames.ts';
import { RESOURCE_VERSION } from './item-marks.ts';
import { JsonEncoding, type TypeFields } from './json-encoding.ts';
import { JsonScanner, SCAN_ITEM, SCAN_MORE, SCAN_ROOT_KEY } from './json-scanner.ts';
import { CLOSE_OBJECT, JsonSyntaxError } from './json-tokens.ts';
import { ownBytes } from './own-bytes.ts';
import { ItemReader, type SplitLimits } from './read-item.ts';
import { type FrameSplitting, type SplitFrame, SplitItem } from './split-item.ts';

const NEWLINE = 0x0a;

/** What stands before an object in compact JSON, as Go writes it, with the first byte of the object. */
const usualHeads = (['added', 'modified', 'deleted'] as const).map((type) => ({
  type,
  head: Buffer.from(`{"type":"${type.toUpperCase()}","object":{`),
}));
/** Where the type begins. */
const TYPE_AT = 9;

/**
 * Splits a watch stream into frames: one JSON document per line, from chunks of any size. Only the byte `\n` ends a line.
 * The item of a line that stands in one chunk refers to it, or to a copy of it where it is a small part of its buffer; the others share buffers.
 * An object that cannot be used gives an error frame that names it; a line that is no event gives an error frame and ends the stream.
 *
 * | | cost |
 * |---|---|
 * | n bytes | O(n): about 0.6 ns a byte of events that are written as Go writes them, three times as much of others |
 */
export class FrameSplitter<T> implements FrameSplitting<T> {
  readonly #limits: SplitLimits;
  readonly #expected: ExpectedType;
  readonly #scanner: JsonScanner;
  readonly #reader: ItemReader<T>;
  /** For lines that came in pieces. */
  readonly #blocks: ByteBlocks = new ByteBlocks();
  /** The beginning of a line. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #failed = false;

  /** @param expected What objects must be; what is not given is not checked. */
  constructor(limits: SplitLimits, expected: Partial<TypeFields> = {}) {
    this.#limits = limits;
    this.#expected = new ExpectedType(expected);
    this.#scanner = new JsonScanner(limits.maxDepth);
    const encoding = new JsonEncoding<T>({ apiVersion: '', kind: '' });
    this.#reader = new ItemReader<T>(limits, encoding, this.#scanner);
  }

  /** Whether the stream is over because of what it said: an error event, or bytes that are no events. */
  get failed(): boolean {
    return this.#failed;
  }

  /** The frames that a chunk completes. */
  push(chunk: Uint8Array): SplitFrame<T>[] {
    const frames: SplitFrame<T>[] = [];
    const bytes = ownBytes(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    let from = 0;
    while (!this.#failed && from < bytes.length) {
      const behind = this.#pieceBytes === 0 ? this.#usualEvent(bytes, from, frames) : 0;
      if (behind > 0) {
        from = behind;
        continue;
      }
      const newline = bytes.indexOf(NEWLINE, from);
      if (newline < 0) {
        this.#keep(bytes.subarray(from));
        break;
      }
      if (this.#pieceBytes === 0) this.#line(bytes, from, newline, frames);
      else {
        this.#keep(bytes.subarray(from, newline));
        this.#pending(frames);
      }
      from = newline + 1;
    }
    return frames;
  }

  /** The stream has ended. What stands behind the last newline must be a whole event, or nothing. */
  end(): SplitFrame<T>[] {
    const frames: SplitFrame<T>[] = [];
    if (this.#pieceBytes === 0 || this.#failed) return frames;
    this.#pending(frames, true);
    return frames;
  }

  #keep(piece: Buffer): void {
    this.#pieceBytes += piece.length;
    if (this.#pieceBytes > this.#limits.maxItemBytes) this.#pieces = [];
    else this.#pieces.push(piece);
  }

  /** The line whose pieces were kept has ended, by a newline or with the stream. */
  #pending(frames: SplitFrame<T>[], last: boolean = false): void {
    const length = this.#pieceBytes;
    const line = this.#join();
    this.#pieces = [];
    this.#pieceBytes = 0;
    if (line === undefined)
      frames.push(last ? cutOff() : unusable({ message: `Larger than ${this.#limits.maxItemBytes} bytes` }));
    else if (this.#usualEvent(line, 0, frames) === 0) this.#line(line, 0, length, frames, last);
  }

  /** The line whose pieces were kept, and a newline; undefined when it was too long to be kept. */
  #join(): Buffer | undefined {
    const length = this.#pieceBytes;
    if (length > this.#limits.maxItemBytes) return undefined;
    const bytes = this.#blocks.take(length + 1);
    let at = this.#blocks.start;
    const line = bytes.subarray(at, at + length + 1);
    for (const piece of this.#pieces) at += piece.copy(bytes, at);
    bytes[at] = NEWLINE;
    return line;
  }

  /**
   * Takes a change that begins at `from`, if it is written in the usual way and all of it is there. Whatever it is, nothing is lost when it
   * is not taken.
   * @returns behind it and its newline; 0 when it was not taken.
   */
  #usualEvent(bytes: Buffer, from: number, frames: SplitFrame<T>[]): number {
    const letter = bytes[from + TYPE_AT];
    const usual = usualHeads.find(({ head }) => head[TYPE_AT] === letter);
    if (usual === undefined) return 0;
    const { head, type } = usual;
    for (let k = 0; k < head.length; k++) if (bytes[from + k] !== head[k]) return 0;
    const scanner = this.#scanner;
    const start = from + head.length - 1;
    const end = start + scanner.wholeItem(bytes, start, bytes.length, 0);
    if (end === start || !scanner.itemIsCompact) return 0;
    if (bytes[end] !== CLOSE_OBJECT || bytes[end + 1] !== NEWLINE) return 0;
    frames.push(this.#change(type, bytes, start, end));
    return end + 2;
  }

  #line(bytes: Buffer, from: number, to: number, frames: SplitFrame<T>[], last: boolean = false): void {
    let frame: SplitFrame<T> | undefined;
    try {
      frame = this.#frame(bytes, from, to);
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      const cut = last && error.truncated;
      frame = cut ? cutOff() : { type: 'error', error: badResponse('The watch sent a line that is no event', error) };
    }
    if (frame === undefined) return;
    frames.push(frame);
    this.#failed = frame.type === 'error' && frame.undecodable === undefined;
  }

  /** @throws {JsonSyntaxError} */
  #frame(bytes: Buffer, from: number, to: number): SplitFrame<T> | undefined {
    const scanner = this.#scanner;
    scanner.reset(from);
    let typeAt = -1;
    let object = false;
    for (;;) {
      const event = scanner.scan(bytes, 0, to);
      if (event === SCAN_ROOT_KEY) {
        if (scanner.rootKey === 'type') typeAt = scanner.at;
        scanner.itemDepth = scanner.rootKey === 'object' ? 1 : -1;
      } else if (event === SCAN_ITEM) {
        object = true;
        scanner.itemDepth = -1;
      } else if (event === SCAN_MORE) break;
    }
    if (!scanner.done) {
      if (isBlank(bytes, from, to)) return undefined;
      throw new JsonSyntaxError('The line ends too early', to, true);
    }
    if (typeAt < 0 || !object) throw new JsonSyntaxError('Expected "type" and "object"', from);
    return this.#event(typeOf(bytes, typeAt, to), bytes);
  }

  #event(type: string, bytes: Buffer): SplitFrame<T> {
    const { marks, itemStart: start, itemEnd: end } = this.#scanner;
    const change = changeOf(type);
    if (change !== undefined) return this.#change(change, bytes, start, end);
    if (type !== 'BOOKMARK' && type !== 'ERROR') return unusable({ message: 'The type of its event is not known' });
    if (!isUtf8(bytes.subarray(start, end))) return unusable({ message: 'Its text is not UTF-8' });
    const object: unknown = JSON.parse(bytes.toString('utf8', start, end));
    if (type === 'ERROR') return { type: 'error', error: statusError((isJsonObject(object) ? object : {}) as Status) };
    return {
      type: 'bookmark',
      resourceVersion: marks.read(RESOURCE_VERSION, bytes, start, end) ?? '',
      initialEventsEnd: initialEventsEnd(annotationsOf(object)),
    };
  }

  #change(type: 'added' | 'modified' | 'deleted', bytes: Buffer, start: number, end: number): SplitFrame<T> {
    const tooLarge = end - start > this.#limits.maxItemBytes;
    const item = this.#reader.read(bytes, start, end, tooLarge);
    if (!(item instanceof SplitItem)) return unusable(item);
    const other = this.#expected.differs(this.#scanner.marks, bytes, start, end);
    return other ? unusable({ key: item.key, message: other }) : { type, item };
  }
}

/** The string behind a key, whose syntax was checked. */
function typeOf(line: Buffer, at: number, to: number): string {
  const value = /^\s*:\s*("(?:[^"\\]|\\.)*")/.exec(line.toString('latin1', at, Math.min(to, at + 64)))?.[1];
  return value === undefined ? '' : (JSON.parse(value) as string);
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  return bytes.toString('latin1', from, to).trim() === '';
}

function annotationsOf(object: unknown): unknown {
  const metadata = isJsonObject(object) ? object.metadata : undefined;
  return isJsonObject(metadata) ? metadata.annotations : undefined;
}
