import { formatKey } from '@bowline/apimachinery';
import { keyAt } from './item-key.ts';
import type { ItemScan } from './item-scan.ts';

/** What is remembered of an item while it is scanned. */
export type ItemField = 1 | 2 | 3 | 4 | 5 | 6;
export const NAME = 1;
export const NAMESPACE = 2;
export const UID = 3;
export const RESOURCE_VERSION = 4;
export const KIND = 5;
export const API_VERSION = 6;

/** Says that the key was `metadata`, whose value is an object. */
export const METADATA = 7;
/** The key is none of interest. */
export const OTHER = 0;

const names: readonly string[] = ['', 'name', 'namespace', 'uid', 'resourceVersion', 'kind', 'apiVersion', 'metadata'];
const inMetadata: readonly number[] = [NAME, NAMESPACE, UID, RESOURCE_VERSION];
const onTop: readonly number[] = [KIND, API_VERSION, METADATA];

/**
 * Where the strings of one item stand that name it, relative to its first byte.
 * As in `JSON.parse` the last one counts when a key comes twice.
 */
export class ItemMarks {
  /** Start and end of each field's string, without its quotes; a start of 0 means that there is none. */
  readonly #spans: Int32Array = new Int32Array(2 * names.length);
  /** One bit for each field whose string holds escape sequences. */
  #escaped = 0;
  /** Of the keys on top and in `metadata`. */
  readonly #hashes: Int32Array = new Int32Array(MOST_KEYS);
  #keys = 0;
  /** Two members of the item, or of its `metadata`, may have one name. */
  mayRepeat = false;

  clear(): void {
    this.#spans.fill(0);
    this.#escaped = 0;
    this.#keys = 0;
    this.mayRepeat = false;
  }

  /** All that was found out of an item whose members have different names. */
  take(scan: ItemScan): void {
    scan.spans(this.#spans);
    this.#escaped = scan.escaped;
    this.mayRepeat = false;
  }

  /** A second `metadata` replaces the first. */
  clearMetadata(): void {
    for (const field of inMetadata) this.#spans[2 * field] = 0;
  }

  /** Which field a key names; forgets what an earlier key of that name said. `from` and `to` are without the quotes. */
  key(window: Uint8Array, from: number, to: number, escaped: boolean, top: boolean): number {
    const field = escaped ? escapedKey(window, from, to, top) : plainKey(window, from, to, top);
    this.#remember(window, from, to, top);
    this.mayRepeat ||= escaped;
    if (field === METADATA) this.clearMetadata();
    else this.#spans[2 * field] = 0;
    return field;
  }

  set(field: number, start: number, end: number, escaped: boolean): void {
    this.#spans[2 * field] = start;
    this.#spans[2 * field + 1] = end;
    if (escaped) this.#escaped |= 1 << field;
    else this.#escaped &= ~(1 << field);
  }

  /** The string of a field of the item whose bytes (or first bytes) stand at `start`; undefined when it has none there. */
  read(field: ItemField, bytes: Buffer, start: number, end: number): string | undefined {
    const from = this.#spans[2 * field] ?? 0;
    const to = start + (this.#spans[2 * field + 1] ?? 0);
    if (from === 0 || to >= end) return undefined;
    if ((this.#escaped & (1 << field)) === 0) return bytes.toString('utf8', start + from, to);
    return JSON.parse(bytes.toString('utf8', start + from - 1, to + 1)) as string;
  }

  /** The key of the item. @see read */
  readKey(bytes: Buffer, start: number, end: number): string | undefined {
    const spans = this.#spans;
    const nameStart = start + (spans[2 * NAME] ?? 0);
    const nameEnd = nameStart === start ? start : start + (spans[2 * NAME + 1] ?? 0);
    const namespaceStart = start + (spans[2 * NAMESPACE] ?? 0);
    const namespaceEnd = namespaceStart === start ? start : start + (spans[2 * NAMESPACE + 1] ?? 0);
    if ((this.#escaped & ((1 << NAME) | (1 << NAMESPACE))) === 0 && nameEnd < end && namespaceEnd < end)
      return keyAt(bytes, { nameStart, nameEnd, namespaceStart, namespaceEnd });
    const name = this.read(NAME, bytes, start, end);
    return name ? formatKey({ name, namespace: this.read(NAMESPACE, bytes, start, end) }) : undefined;
  }

  /** Whether that is this text, without escape sequences. */
  is(field: ItemField, text: Buffer, bytes: Buffer, start: number, end: number): boolean {
    const from = start + (this.#spans[2 * field] ?? 0);
    if (from === start || from + text.length >= end || (this.#escaped & (1 << field)) !== 0) return false;
    for (let k = 0; k < text.length; k++) if (bytes[from + k] !== text[k]) return false;
    return this.#spans[2 * field + 1] === from - start + text.length;
  }

  #remember(window: Uint8Array, from: number, to: number, top: boolean): void {
    const hashes = this.#hashes;
    let hash = top ? 1 : 2;
    for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + (window[i] as number)) | 0;
    for (let k = 0; k < this.#keys; k++) {
      if (hashes[k] === hash) this.mayRepeat = true;
    }
    if (this.#keys < MOST_KEYS) hashes[this.#keys++] = hash;
    else this.mayRepeat = true;
  }
}

/** Objects with more keys on top and in `metadata` are looked at once more. */
const MOST_KEYS = 64;

function plainKey(window: Uint8Array, from: number, to: number, top: boolean): number {
  switch (to - from) {
    case 3:
      return top ? OTHER : is(UID, window, from);
    case 4:
      return is(top ? KIND : NAME, window, from);
    case 8:
      return top ? is(METADATA, window, from) : OTHER;
    case 9:
      return top ? OTHER : is(NAMESPACE, window, from);
    case 10:
      return top ? is(API_VERSION, window, from) : OTHER;
    case 15:
      return top ? OTHER : is(RESOURCE_VERSION, window, from);
    default:
      return OTHER;
  }
}

function is(field: number, window: Uint8Array, from: number): number {
  return standsAt(names[field] ?? '', window, from) ? field : OTHER;
}

/** Whether ASCII text stands at a place. */
export function standsAt(text: string, window: Uint8Array, from: number): boolean {
  for (let k = 0; k < text.length; k++) if (window[from + k] !== text.charCodeAt(k)) return false;
  return true;
}

function escapedKey(window: Uint8Array, from: number, to: number, top: boolean): number {
  const name = stringAt(window, from, to);
  return (top ? onTop : inMetadata).find((field) => names[field] === name) ?? OTHER;
}

/** Decodes the string between two quotes whose syntax was checked. */
export function stringAt(window: Uint8Array, from: number, to: number): string {
  const text = Buffer.from(window.buffer, window.byteOffset + from, to - from).toString('utf8');
  return JSON.parse(`"${text}"`) as string;
}
