import { isUtf8 } from 'node:buffer';
import { isJsonObject, type Status, statusError } from '@bowline/apimachinery';
import { badResponse } from '../errors.ts';
import { ByteBlocks } from './byte-blocks.ts';
import { changeOf, cutOff, initialEventsEnd, unusable } from './frames.ts';
import { API_VERSION, KIND, RESOURCE_VERSION } from './item-marks.ts';
import { JsonEncoding, type TypeFields } from './json-encoding.ts';
import { JsonScanner, SCAN_ITEM, SCAN_MORE, SCAN_ROOT_KEY } from './json-scanner.ts';
import { JsonSyntaxError } from './json-tokens.ts';
import { ownBytes } from './own-bytes.ts';
import { ItemReader, type SplitLimits } from './read-item.ts';
import { type FrameSplitting, type SplitFrame, SplitItem } from './split-item.ts';

const NEWLINE = 0x0a;

/**
 * Splits a watch stream into frames: one JSON document per line, from chunks of any size. Only the byte `\n` ends a line.
 * An object that cannot be used gives an error frame that names it; a line that is no event gives an error frame and ends the stream.
 */
export class FrameSplitter<T> implements FrameSplitting<T> {
  readonly #limits: SplitLimits;
  readonly #expected: Partial<TypeFields>;
  readonly #scanner: JsonScanner;
  readonly #reader: ItemReader<T>;
  readonly #blocks: ByteBlocks = new ByteBlocks();
  /** The beginning of a line. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #failed = false;

  /** @param expected What objects must be; what is not given is not checked. */
  constructor(limits: SplitLimits, expected: Partial<TypeFields> = {}) {
    this.#limits = limits;
    this.#expected = expected;
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
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    while (!this.#failed) {
      const newline = bytes.indexOf(NEWLINE, from);
      if (newline < 0) {
        if (from < bytes.length) this.#keep(bytes.subarray(from));
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
    else this.#pieces.push(ownBytes(piece));
  }

  /** The line whose pieces were kept has ended, by a newline or with the stream. */
  #pending(frames: SplitFrame<T>[], last: boolean = false): void {
    const line = Buffer.concat(this.#pieces);
    const dropped = line.length !== this.#pieceBytes;
    this.#pieces = [];
    this.#pieceBytes = 0;
    if (!dropped) this.#line(line, 0, line.length, frames, last);
    else frames.push(last ? cutOff() : unusable({ message: `Larger than ${this.#limits.maxItemBytes} bytes` }));
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

  #event(type: string, line: Buffer): SplitFrame<T> {
    const { marks, itemStart, itemEnd } = this.#scanner;
    const length = itemEnd - itemStart;
    const bytes = this.#blocks.take(length);
    const { start } = this.#blocks;
    const end = start + length;
    line.copy(bytes, start, itemStart, itemEnd);
    const change = changeOf(type);
    if (change !== undefined) {
      const tooLarge = length > this.#limits.maxItemBytes;
      const item = this.#reader.read(bytes, start, end, tooLarge);
      if (!(item instanceof SplitItem)) return unusable(item);
      const other = this.#otherType(bytes, start, end);
      return other ? unusable({ key: item.key, message: other }) : { type: change, item };
    }
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

  /** Says so when the object is of another type than was asked for. */
  #otherType(bytes: Buffer, start: number, end: number): string | undefined {
    const { marks } = this.#scanner;
    const { apiVersion, kind } = this.#expected;
    const actualVersion = marks.read(API_VERSION, bytes, start, end);
    const actualKind = marks.read(KIND, bytes, start, end);
    const same =
      (apiVersion === undefined || apiVersion === actualVersion) && (kind === undefined || kind === actualKind);
    if (same) return undefined;
    return `Expected ${[apiVersion, kind].filter(Boolean).join(' ')}, got ${actualVersion ?? 'no apiVersion'} ${actualKind ?? 'no kind'}`;
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
