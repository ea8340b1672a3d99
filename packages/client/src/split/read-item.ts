import { isUtf8 } from 'node:buffer';
import type { Undecodable } from '@bowline/apimachinery';
import { ByteBlocks } from './byte-blocks.ts';
import { RESOURCE_VERSION, UID } from './item-marks.ts';
import type { JsonEncoding } from './json-encoding.ts';
import { JsonItem } from './json-item.ts';
import type { JsonScanner } from './json-scanner.ts';
import { NamedItem, type SplitItem } from './split-item.ts';
import { uniqueMembers } from './unique-members.ts';

/** What an answer may be like. */
export interface SplitLimits {
  /** The largest item in bytes. */
  readonly maxItemBytes: number;
  /** The deepest nesting of an item, itself included. */
  readonly maxDepth: number;
}

/** How much of an oversized item is looked at to find its name. */
export const HEAD_BYTES = 65_536;

/** Tables of contents are small, and so is what one of them keeps alive. */
const TABLES_BYTES = 8_192;

/** Makes items of what a scanner has found. */
export class ItemReader<T> {
  readonly #limits: SplitLimits;
  readonly #encoding: JsonEncoding<T>;
  readonly #scanner: JsonScanner;
  readonly #tables: ByteBlocks = new ByteBlocks(TABLES_BYTES);

  constructor(limits: SplitLimits, encoding: JsonEncoding<T>, scanner: JsonScanner) {
    this.#limits = limits;
    this.#encoding = encoding;
    this.#scanner = scanner;
  }

  /**
   * Makes the item whose bytes were scanned last, or says why there is none.
   *
   * @param end Where they end, or the first of them when the item is too large.
   */
  read(bytes: Buffer, start: number, end: number, tooLarge: boolean): SplitItem<T> | Undecodable {
    const { marks, itemTooDeep, itemIsAscii, places, topMembers, metadataMembers } = this.#scanner;
    const encoding = this.#encoding;
    const limits = this.#limits;
    const key = marks.readKey(bytes, start, end);
    if (tooLarge) return { key: trusted(key), message: `Larger than ${limits.maxItemBytes} bytes` };
    if (!itemIsAscii && !isUtf8(bytes.subarray(start, end))) return { key: trusted(key), message: 'Text is not UTF-8' };
    if (itemTooDeep) return { key, message: `Nested deeper than ${limits.maxDepth} levels` };
    if (key === undefined) return { message: 'No metadata.name' };
    const uid = marks.read(UID, bytes, start, end) ?? '';
    const resourceVersion = marks.read(RESOURCE_VERSION, bytes, start, end) ?? '';
    const { contents } = encoding;
    if (contents.take(bytes, start, end - start, places, topMembers, metadataMembers))
      return new JsonItem<T>({ key, uid, resourceVersion }, encoding, bytes, start, end, contents, this.#tables);
    if (!marks.mayRepeat) return new NamedItem<T>(key, uid, resourceVersion, encoding, bytes, start, end);
    const unique = uniqueMembers(bytes.subarray(start, end));
    return new NamedItem<T>(key, uid, resourceVersion, encoding, unique, 0, unique.length);
  }
}

/** A key from bytes that were not checked, unless it holds what stands for broken text. */
export function trusted(key: string | undefined): string | undefined {
  return key?.includes('\u{fffd}') ? undefined : key;
}
