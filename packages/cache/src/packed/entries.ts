import type { EncodedItem, Encoding } from '@bowline/apimachinery';
import type { Source } from './recent-objects.ts';

/**
 * Of each entry: where it ends, where its key does, what it is, which slot it is in, which number its object has among those that were read
 * last, the four words of its uid, and the two of its resource version.
 */
const WORDS = 11;
const END = 0;
const KEY_END = 1;
const FORM = 2;
const SLOT = 3;
const RECENT = 4;
const UID = 5;
const VERSION = 9;

/** In place of a slot. */
const NOWHERE = -1;

const WORD = 2 ** 32;
/** So much more room than is needed is given back. */
const WORTH_TRIMMING = 1.25;
/** What fewer digits say is a safe integer. */
const MOST_DIGITS = 15;

/** Written as `8-4-4-4-12` hexadecimal digits: a uid as API servers make it. */
const UID_LENGTH = 36;
const DASHES = [8, 13, 18, 23] as const;
const ZERO = 48;
const DASH = 45;
const digits = '0123456789abcdef';
/** By character: what it is worth as a hexadecimal digit, or -1. */
const worth: Int8Array = Int8Array.from({ length: 128 }, (_, code) => digits.indexOf(String.fromCharCode(code)));
/** Where groups of four digits begin in a uid; two of them are a word. */
const groups = [0, 4, 9, 14, 19, 24, 28, 32] as const;
const digitCodes: Uint8Array = Uint8Array.from(digits, (digit) => digit.charCodeAt(0));
const uidText: Buffer = Buffer.alloc(UID_LENGTH, '-');

/** Keys are seldom longer. */
const USUAL_KEY_BYTES = 32;
const LAST_ASCII = 0x7f;

/** Texts that are not written as usual, as they are. */
interface Names {
  readonly key: string | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

/**
 * What is known of the objects that stand one behind the other in a slab: 44 bytes and those of its key for each, outside of the heap. A uid is
 * 16 bytes of that and a resource version 8, where they are what API servers make; other texts, and keys that are not ASCII, are kept as they
 * are. Entries stay for ever, also those of which the state has let go.
 *
 * | | cost |
 * |---|---|
 * | add | O(1) amortised |
 * | everything else | O(1) |
 *
 * It does not depend on the bytes of the objects: those may be compressed.
 */
export class Entries<T> implements Source {
  #words: Int32Array;
  /** One behind the other. */
  #keys: Buffer;
  #length = 0;
  readonly #encodings: Encoding<T>[] = [];
  #names: Map<number, Names> | undefined;

  /** @param expected How many there will be, more or less. */
  constructor(expected: number) {
    const room = Math.max(1, expected);
    this.#words = new Int32Array(room * WORDS);
    this.#keys = Buffer.allocUnsafeSlow(room * USUAL_KEY_BYTES);
  }

  /** Where the next one begins. */
  get end(): number {
    return this.startOf(this.#length);
  }

  get length(): number {
    return this.#length;
  }

  /** @returns its place. */
  add({ encoding, key, uid, resourceVersion }: EncodedItem<T>, end: number, slot: number): number {
    const at = this.#grow(encoding, end, slot);
    const words = this.#words;
    const hasKey = this.#writeKey(at, key);
    const hasUid = writeUid(words, at + UID, uid);
    const hasVersion = writeVersion(words, at + VERSION, resourceVersion);
    if (hasKey && hasUid && hasVersion) return this.#length++;
    this.#names ??= new Map();
    this.#names.set(this.#length, {
      key: hasKey ? undefined : key,
      uid: hasUid ? undefined : uid,
      resourceVersion: hasVersion ? undefined : resourceVersion,
    });
    return this.#length++;
  }

  /** The same as an entry of another slab, but where it stands. @returns its place. */
  addFrom(other: Entries<T>, place: number, end: number): number {
    const at = this.#grow(other.encodingOf(place), end, other.slotOf(place));
    const from = place * WORDS;
    const keyFrom = this.#keyEndOf(this.#length - 1);
    const [keyStart, keyEnd] = [other.#keyEndOf(place - 1), other.#keyEndOf(place)];
    this.#reserveKey(keyFrom + keyEnd - keyStart);
    this.#words[at + KEY_END] = keyFrom + other.#keys.copy(this.#keys, keyFrom, keyStart, keyEnd);
    for (let word = UID; word < WORDS; word++) this.#words[at + word] = other.#words[from + word] as number;
    const names = other.#names?.get(place);
    if (names !== undefined) {
      this.#names ??= new Map();
      this.#names.set(this.#length, names);
    }
    return this.#length++;
  }

  /** There will be no more. */
  close(): void {
    const used = this.#length * WORDS;
    if (this.#words.length > used * WORTH_TRIMMING) this.#words = this.#words.slice(0, used);
    const keyBytes = this.#keyEndOf(this.#length - 1);
    if (this.#keys.length > keyBytes * WORTH_TRIMMING) this.#resizeKeys(keyBytes);
  }

  startOf(place: number): number {
    return place === 0 ? 0 : (this.#words[(place - 1) * WORDS + END] as number);
  }

  endOf(place: number): number {
    return this.#words[place * WORDS + END] as number;
  }

  encodingOf(place: number): Encoding<T> {
    return this.#encodings[this.#words[place * WORDS + FORM] as number] as Encoding<T>;
  }

  /** Less than 0 when the state has let go of it. */
  slotOf(place: number): number {
    return this.#words[place * WORDS + SLOT] as number;
  }

  /** The state lets go of it. */
  leave(place: number): void {
    this.#words[place * WORDS + SLOT] = NOWHERE;
  }

  recentOf(place: number): number {
    return this.#words[place * WORDS + RECENT] as number;
  }

  setRecent(place: number, number: number): void {
    this.#words[place * WORDS + RECENT] = number;
  }

  keyOf(place: number): string {
    const [start, end] = [this.#keyEndOf(place - 1), this.#keyEndOf(place)];
    return start === end ? (this.#names?.get(place)?.key as string) : this.#keys.toString('latin1', start, end);
  }

  /** Whether an entry has this key. */
  hasKey(place: number, key: string): boolean {
    const start = this.#keyEndOf(place - 1);
    const length = this.#keyEndOf(place) - start;
    if (length === 0) return this.#names?.get(place)?.key === key;
    if (length !== key.length) return false;
    const keys = this.#keys;
    for (let i = 0; i < length; i++) if (keys[start + i] !== key.charCodeAt(i)) return false;
    return true;
  }

  uidOf(place: number): string {
    return this.#names?.get(place)?.uid ?? readUid(this.#words, place * WORDS + UID);
  }

  /** Whether an entry has the same uid as one of `other`. */
  hasUidOf(place: number, other: Entries<T>, otherPlace: number): boolean {
    return this.#agrees('uid', UID, VERSION, place, other, otherPlace);
  }

  resourceVersionOf(place: number): string {
    return this.#names?.get(place)?.resourceVersion ?? readVersion(this.#words, place * WORDS + VERSION);
  }

  /** Whether an entry has the same resource version as one of `other`. */
  hasVersionOf(place: number, other: Entries<T>, otherPlace: number): boolean {
    return this.#agrees('resourceVersion', VERSION, WORDS, place, other, otherPlace);
  }

  /** By what stands in the words `from` to `to`, or under `name` where it is no number. */
  #agrees(name: keyof Names, from: number, to: number, place: number, other: Entries<T>, otherPlace: number): boolean {
    const text = this.#names?.get(place)?.[name];
    const otherText = other.#names?.get(otherPlace)?.[name];
    if (text !== undefined || otherText !== undefined) return text === otherText;
    const at = place * WORDS;
    const otherAt = otherPlace * WORDS;
    for (let word = from; word < to; word++) {
      if (this.#words[at + word] !== other.#words[otherAt + word]) return false;
    }
    return true;
  }

  /** Of the entry before the first it is 0. */
  #keyEndOf(place: number): number {
    return place < 0 ? 0 : (this.#words[place * WORDS + KEY_END] as number);
  }

  /** @returns false for a text that a reader would not get back. */
  #writeKey(at: number, key: string): boolean {
    const from = this.#keyEndOf(this.#length - 1);
    const { length } = key;
    this.#reserveKey(from + length);
    const keys = this.#keys;
    let codes = 0;
    for (let i = 0; i < length; i++) {
      const code = key.charCodeAt(i);
      codes |= code;
      keys[from + i] = code;
    }
    const isWritten = codes <= LAST_ASCII;
    this.#words[at + KEY_END] = isWritten ? from + length : from;
    return isWritten;
  }

  #reserveKey(bytes: number): void {
    if (bytes > this.#keys.length) this.#resizeKeys(Math.max(bytes, 2 * this.#keys.length));
  }

  #resizeKeys(bytes: number): void {
    const keys = Buffer.allocUnsafeSlow(bytes);
    this.#keys.copy(keys);
    this.#keys = keys;
  }

  /** Makes room for an entry. @returns where its words begin. */
  #grow(encoding: Encoding<T>, end: number, slot: number): number {
    const at = this.#length * WORDS;
    if (at === this.#words.length) {
      const words = new Int32Array(at * 2);
      words.set(this.#words);
      this.#words = words;
    }
    let form = this.#encodings.lastIndexOf(encoding);
    if (form < 0) form = this.#encodings.push(encoding) - 1;
    this.#words[at + END] = end;
    this.#words[at + FORM] = form;
    this.#words[at + SLOT] = slot;
    return at;
  }
}

/** @returns false for a text that a reader would not get back. */
function writeUid(words: Int32Array, at: number, uid: string): boolean {
  if (uid.length !== UID_LENGTH) return false;
  for (const dash of DASHES) if (uid.charCodeAt(dash) !== DASH) return false;
  let isOther = 0;
  for (let word = 0; word < VERSION - UID; word++) {
    const high = fourDigits(uid, groups[2 * word] as number);
    const low = fourDigits(uid, groups[2 * word + 1] as number);
    isOther |= high | low;
    words[at + word] = (high << 16) | low;
  }
  return isOther >= 0;
}

/** @returns less than 0 when there is something else. */
function fourDigits(text: string, at: number): number {
  return (
    (worthAt(text, at) << 12) | (worthAt(text, at + 1) << 8) | (worthAt(text, at + 2) << 4) | worthAt(text, at + 3)
  );
}

function worthAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < worth.length ? (worth[code] as number) : -1;
}

function readUid(words: Int32Array, at: number): string {
  for (let group = 0; group < groups.length; group++) {
    const word = words[at + (group >> 1)] as number;
    const from = groups[group] as number;
    const shift = group % 2 === 0 ? 28 : 12;
    for (let digit = 0; digit < 4; digit++) {
      uidText[from + digit] = digitCodes[(word >> (shift - 4 * digit)) & 15] as number;
    }
  }
  return uidText.toString('latin1');
}

/** @returns false for a text that a reader would not get back. */
function writeVersion(words: Int32Array, at: number, version: string): boolean {
  const { length } = version;
  if (length === 0 || length > MOST_DIGITS || version.charCodeAt(0) === ZERO) return false;
  let number = 0;
  for (let i = 0; i < length; i++) {
    const digit = version.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return false;
    number = number * 10 + digit;
  }
  words[at] = number % WORD;
  words[at + 1] = Math.floor(number / WORD);
  return true;
}

function readVersion(words: Int32Array, at: number): string {
  return String((words[at + 1] as number) * WORD + ((words[at] as number) >>> 0));
}
