import type { EncodedItem, Encoding } from '@bowline/apimachinery';
import { type EncodedKey, encodeKey } from '../encoded-key.ts';
import {
  readUid,
  readVersion,
  UID_WORDS,
  VERSION_WORDS,
  writeUid,
  writeUidText,
  writeVersion,
  writeVersionText,
} from './name-words.ts';
import type { Source } from './recent-objects.ts';

/**
 * Of each entry: where it ends, where its key does, what it is, which slot it is in, which number its object has among those that were read
 * last, the four words of its uid, and the two of its resource version.
 */
const END = 0;
const KEY_END = 1;
const FORM = 2;
const SLOT = 3;
const RECENT = 4;
const UID = 5;
const VERSION: number = UID + UID_WORDS;
const WORDS: number = VERSION + VERSION_WORDS;

/** In place of a slot. */
const NOWHERE = -1;

/** So much more room than is needed is given back. */
const WORTH_TRIMMING = 1.25;

/** Keys are seldom longer. */
const USUAL_KEY_BYTES = 32;

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
  add(item: EncodedItem<T>, end: number, slot: number): number {
    const at = this.#grow(item.encoding, end, slot);
    const words = this.#words;
    const hasKey = this.#writeKey(at, item.key);
    const { bytes, names } = item;
    const hasUid =
      names === undefined
        ? writeUidText(words, at + UID, item.uid)
        : writeUid(words, at + UID, bytes, names.uidStart, names.uidEnd);
    const hasVersion =
      names === undefined
        ? writeVersionText(words, at + VERSION, item.resourceVersion)
        : writeVersion(words, at + VERSION, bytes, names.resourceVersionStart, names.resourceVersionEnd);
    if (hasKey && hasUid && hasVersion) return this.#length++;
    this.#names ??= new Map();
    this.#names.set(this.#length, {
      key: hasKey ? undefined : item.key,
      uid: hasUid ? undefined : item.uid,
      resourceVersion: hasVersion ? undefined : item.resourceVersion,
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
  hasKey(place: number, { text, bytes, length }: EncodedKey): boolean {
    const start = this.#keyEndOf(place - 1);
    if (this.#keyEndOf(place) - start !== length) return false;
    if (length === 0) return this.#names?.get(place)?.key === text;
    const keys = this.#keys;
    for (let i = 0; i < length; i++) if (keys[start + i] !== bytes[i]) return false;
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

  /** @returns false for a key that is to be kept as it is. */
  #writeKey(at: number, key: string): boolean {
    const from = this.#keyEndOf(this.#length - 1);
    const { bytes, length } = encodeKey(key);
    this.#reserveKey(from + length);
    const keys = this.#keys;
    for (let i = 0; i < length; i++) keys[from + i] = bytes[i] as number;
    this.#words[at + KEY_END] = from + length;
    return length > 0;
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
