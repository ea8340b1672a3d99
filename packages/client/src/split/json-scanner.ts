import { AFTER_VALUE, ContainerScan, FIRST_ELEMENT, FIRST_KEY, KEY, VALUE } from './container-scan.ts';
import { ItemMarks, METADATA, OTHER, standsAt, stringAt } from './item-marks.ts';
import { type ItemScan, itemScan } from './item-scan.ts';
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  escapeLength,
  isSpace,
  JsonSyntaxError,
  LONGEST_TOKEN,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  scalarLength,
  unexpected,
} from './json-tokens.ts';
import { MemberPlaces } from './member-places.ts';

/** All bytes were used, except those from `at` on, which are the beginning of a token or of an item: come again with those and more. */
export const SCAN_MORE = 0;
/** A key of the outermost object was read: `rootKey`. */
export const SCAN_ROOT_KEY = 1;
/** An item has ended; `itemStart` and `itemEnd` tell where it stands. */
export const SCAN_ITEM = 2;
/** The array around the items has ended; `at` is behind its bracket. */
export const SCAN_ITEMS_END = 3;
/** The document has ended. Only white space may follow. */
export const SCAN_DONE = 4;

export type ScanEvent = 0 | 1 | 2 | 3 | 4;

const IN_LONG_KEY = 2;
const BEFORE_COLON = 3;
const IN_STRING = 4;
const END = 8;

/**
 * Checks that bytes which arrive in pieces are one JSON object, without decoding it, and finds the objects ("items") in it.
 *
 * It is told where items stand: `itemDepth` is the number of containers that are open around an item, -1 for "no items here".
 * `marks` then remembers where the strings stand that name the item. Positions are absolute: counted from the first byte ever scanned.
 * UTF-8 is not checked here: `isUtf8` of `node:buffer` on an item's bytes is faster than any loop.
 *
 * | | cost |
 * |---|---|
 * | n bytes of items, each in one window as a whole | O(n), about 0.4 ns a byte: they are scanned in WebAssembly (`ItemScan`) |
 * | n other bytes | O(n), about 1.4 ns a byte; nothing is allocated |
 */
export class JsonScanner {
  /** The next byte to scan. */
  at = 0;
  itemDepth = -1;
  itemStart = -1;
  itemEnd = -1;
  /** The current item is nested deeper than `maxDepth`. */
  itemTooDeep = false;
  /** One of those that matter to somebody, or ''. */
  rootKey = '';
  readonly marks: ItemMarks = new ItemMarks();
  /**
   * Where the members of the last item that ended stand, relative to its first byte, and then those of its `metadata`, if that is an object.
   * Four numbers tell of each: where its key begins and ends, without the quotes, and its value. To be read at once: other scanners of the
   * thread may use the same memory.
   */
  places: Int32Array;
  /** How many members the last item has; -1 when there is no telling where they stand: too many, or two of them may have one name. */
  topMembers = -1;
  /** How many members its `metadata` has; -1 as with `topMembers`. */
  metadataMembers = -1;
  /** There is no white space between the tokens of the last item. */
  itemIsCompact = false;
  /** All bytes of the last item are ASCII. False may mean that nobody knows. */
  itemIsAscii = false;
  readonly #members: MemberPlaces = new MemberPlaces();
  readonly #maxDepth: number;
  #state = VALUE;
  #depth = 0;
  readonly #containers: ContainerScan = new ContainerScan();
  /** The field of the item that the next value belongs to. */
  #field = OTHER;
  #inMetadata = false;
  /** The item that `wholeItem` was asked for may go on behind the window. */
  #isCutOff = false;
  /** The item that was waited for: where it begins. It is not waited for twice, so that nothing is scanned again and again. */
  #waitedAt = -1;
  #stringStart = 0;
  #escaped = false;

  readonly #itemScan: () => ItemScan | undefined;

  /**
   * @param maxDepth How many containers may be open within an item, itself included.
   * @param scan What scans whole items faster; what it cannot scan is scanned here.
   */
  constructor(maxDepth: number, scan: () => ItemScan | undefined = itemScan) {
    this.#maxDepth = maxDepth;
    this.#itemScan = scan;
    this.places = this.#members.numbers;
  }

  /** Expects a new document whose first byte has position `at`. */
  reset(at: number): void {
    this.at = at;
    this.itemDepth = -1;
    this.itemStart = -1;
    this.#waitedAt = -1;
    this.#state = VALUE;
    this.#depth = 0;
    this.#field = OTHER;
    this.#inMetadata = false;
  }

  /** Whether the item that begins at `at` would rather be scanned in one piece. */
  get isWaiting(): boolean {
    return this.#waitedAt === this.at;
  }

  /** Whether the document has ended. */
  get done(): boolean {
    return this.#state === END;
  }

  /**
   * Scans on from `at` to `window[end]` until something happens. `base` is the position of the window's first byte.
   *
   * @throws {JsonSyntaxError}
   */
  scan(window: Uint8Array, base: number, end: number): ScanEvent {
    const itemDepth = this.itemDepth;
    const keyDepth = itemDepth + 1;
    let state = this.#state;
    let depth = this.#depth;
    const containers = this.#containers;
    let inObject = containers.isObject(depth);
    let i = this.at - base;

    while (i < end) {
      let c = window[i] as number;
      if (c <= 0x20 && state !== IN_STRING && state !== IN_LONG_KEY) {
        if (!isSpace(c)) throw unexpected(c, base + i);
        if (itemDepth >= 0 && depth > itemDepth) this.itemIsCompact = false;
        i++;
        continue;
      }

      if (state <= IN_LONG_KEY) {
        if (c === QUOTE || state === IN_LONG_KEY) {
          this.#escaped = false;
          const close = this.#stringEnd(window, state === IN_LONG_KEY ? i : i + 1, end, base);
          if (close < 0) {
            if (state !== IN_LONG_KEY && end - i <= LONGEST_TOKEN) break;
            state = IN_LONG_KEY;
            i = ~close;
            break;
          }
          if (depth === 1) {
            this.rootKey = state === IN_LONG_KEY ? '' : rootKeyAt(window, i + 1, close, this.#escaped);
            return this.#pause(BEFORE_COLON, depth, base + close + 1, SCAN_ROOT_KEY);
          }
          if (depth === keyDepth || this.#inMetadata) {
            if (depth === keyDepth || depth === keyDepth + 1) {
              const top = depth === keyDepth;
              if (state === IN_LONG_KEY) {
                this.#field = OTHER;
                this.marks.mayRepeat = true;
              } else {
                this.#field = this.marks.key(window, i + 1, close, this.#escaped, top);
                const from = base + i + 1 - this.itemStart;
                this.#members.key(top, from, from + close - i - 1);
              }
            }
          }
          i = close + 1;
          state = BEFORE_COLON;
          if (i >= end) break;
          c = window[i] as number;
        } else if (c === CLOSE_OBJECT && state === FIRST_KEY) state = AFTER_VALUE;
        else throw unexpected(c, base + i);
      }

      if (state === BEFORE_COLON) {
        if (c !== COLON) {
          if (c <= 0x20) continue;
          throw unexpected(c, base + i);
        }
        state = VALUE;
        i++;
        if (i >= end) break;
        c = window[i] as number;
      }

      if (state <= VALUE) {
        if (c === QUOTE || state === IN_STRING) {
          if (state !== IN_STRING) {
            if (depth === itemDepth || depth === 0) throw notAnObject(base + i);
            i++;
            this.#stringStart = base + i;
            this.#escaped = false;
            this.#begin(depth, base + i - 1);
          }
          const close = this.#stringEnd(window, i, end, base);
          if (close < 0) {
            state = IN_STRING;
            i = ~close;
            break;
          }
          if (this.#field !== OTHER) this.#mark(base + close);
          i = close + 1;
          this.#end(depth, base + i);
        } else if (c === OPEN_OBJECT || c === OPEN_ARRAY) {
          const object = c === OPEN_OBJECT;
          if (depth === itemDepth && object) {
            const length = this.wholeItem(window, i, end, base);
            if (length > 0) return this.#pause(AFTER_VALUE, depth, base + i + length, SCAN_ITEM);
            if (this.#isCutOff && this.#waitedAt !== base + i) {
              this.#waitedAt = base + i;
              this.itemStart = base + i;
              return this.#pause(state, depth, base + i, SCAN_MORE);
            }
          }
          if (depth <= keyDepth) this.#open(depth, object, base + i);
          this.#field = OTHER;
          this.#begin(depth, base + i);
          depth++;
          if (depth - itemDepth > this.#maxDepth) this.itemTooDeep = true;
          containers.open(depth, object, base + i);
          inObject = object;
          i++;
          state = object ? FIRST_KEY : FIRST_ELEMENT;
          if (depth > keyDepth + (this.#inMetadata ? 1 : 0) && depth > 1) {
            i = containers.scan(window, i, end, base, depth, itemDepth + this.#maxDepth);
            ({ depth, state } = containers);
            inObject = containers.isObject(depth);
          }
          continue;
        } else if (c !== CLOSE_ARRAY || state !== FIRST_ELEMENT) {
          if (c <= 0x20) continue;
          if (depth === itemDepth || depth === 0) throw notAnObject(base + i);
          const length = scalarLength(window, i, end, base);
          if (length === 0) {
            if (end - i > LONGEST_TOKEN) throw new JsonSyntaxError('Number too long', base + i);
            break;
          }
          this.#begin(depth, base + i);
          i += length;
          this.#end(depth, base + i);
        }
        state = AFTER_VALUE;
        if (i >= end) break;
        c = window[i] as number;
      }

      if (state !== AFTER_VALUE) throw unexpected(c, base + i);
      if (c === COMMA) {
        i++;
        state = inObject ? KEY : VALUE;
      } else if (c === (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) {
        i++;
        depth--;
        inObject = containers.isObject(depth);
        if (depth <= keyDepth) {
          if (depth === 0) return this.#pause(END, depth, base + i, SCAN_DONE);
          if (depth !== keyDepth) {
            if (depth !== itemDepth) return this.#pause(state, depth, base + i, SCAN_ITEMS_END);
            this.#endItem(base + i);
            return this.#pause(state, depth, base + i, SCAN_ITEM);
          }
          this.#inMetadata = false;
        }
        this.#end(depth, base + i);
      } else if (c > 0x20) throw unexpected(c, base + i);
    }
    return this.#pause(state, depth, base + i, SCAN_MORE);
  }

  /** The index of the quote that ends a string; where the window ends within the string, the complement of the index to go on from. */
  #stringEnd(window: Uint8Array, from: number, end: number, base: number): number {
    let i = from;
    while (i < end) {
      const c = window[i] as number;
      if (c === QUOTE) return i;
      if (c === BACKSLASH) {
        this.#escaped = true;
        const length = escapeLength(window, i, end, base);
        if (length === 0) return ~i;
        i += length;
      } else if (c < 0x20) throw unexpected(c, base + i);
      else i++;
    }
    return ~i;
  }

  /** Scans the item whose opening brace stands at `from`. @returns how many bytes it has; 0 when it is to be scanned byte by byte. */
  wholeItem(window: Uint8Array, from: number, end: number, base: number): number {
    const scan = this.#itemScan();
    const length = scan?.scan(window, from, end, this.#maxDepth) ?? 0;
    this.#isCutOff = length < 0;
    if (scan === undefined || length <= 0) return 0;
    this.itemStart = base + from;
    this.itemEnd = base + from + length;
    this.itemTooDeep = false;
    this.itemIsCompact = scan.isCompact;
    this.itemIsAscii = scan.isAscii;
    this.marks.take(scan);
    this.places = scan.places;
    this.topMembers = scan.topMembers;
    this.metadataMembers = scan.metadataMembers;
    this.#field = OTHER;
    return length;
  }

  #pause(state: number, depth: number, at: number, event: ScanEvent): ScanEvent {
    this.#state = state;
    this.#depth = depth;
    this.at = at;
    return event;
  }

  /** A container opens around or at an item, or is its `metadata`. */
  #open(depth: number, object: boolean, position: number): void {
    if ((depth === 0 || depth === this.itemDepth) && !object) throw notAnObject(position);
    if (depth === this.itemDepth) {
      this.itemStart = position;
      this.itemTooDeep = false;
      this.itemIsCompact = true;
      this.#inMetadata = false;
      this.marks.clear();
      this.#members.clear();
    } else if (depth === this.itemDepth + 1) this.#inMetadata = object && this.#field === METADATA;
    else if (depth > 0 && object) throw new JsonSyntaxError('Expected an array', position);
  }

  #endItem(position: number): void {
    this.itemEnd = position;
    this.itemIsAscii = false;
    this.places = this.#members.numbers;
    this.topMembers = this.marks.mayRepeat ? -1 : this.#members.finish();
    this.metadataMembers = this.topMembers < 0 ? -1 : this.#members.inMetadata;
  }

  /** A value begins, which may be that of a member of the item or of its `metadata`. */
  #begin(depth: number, position: number): void {
    const level = depth - this.itemDepth;
    if (level === 1 || (level === 2 && this.#inMetadata)) this.#members.begin(level === 1, position - this.itemStart);
  }

  #end(depth: number, position: number): void {
    const level = depth - this.itemDepth;
    if (level === 1 || (level === 2 && this.#inMetadata)) this.#members.end(level === 1, position - this.itemStart);
  }

  #mark(end: number): void {
    if (this.#field !== METADATA) {
      this.marks.set(this.#field, this.#stringStart - this.itemStart, end - this.itemStart, this.#escaped);
    }
    this.#field = OTHER;
  }
}

function notAnObject(position: number): JsonSyntaxError {
  return new JsonSyntaxError('Expected an object', position);
}

const rootKeys: readonly string[] = ['type', 'object', 'items'];

function rootKeyAt(window: Uint8Array, from: number, to: number, escaped: boolean): string {
  if (escaped) return to - from > 40 ? '' : stringAt(window, from, to);
  for (const key of rootKeys) if (key.length === to - from && standsAt(key, window, from)) return key;
  return '';
}
