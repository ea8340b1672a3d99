import type { ListMeta, Undecodable } from '@bowline/apimachinery';
import { ByteBlocks } from './byte-blocks.ts';
import type { ChunkMemory } from './chunk-memory.ts';
import { FieldWalk } from './field-walk.ts';
import type { ProtobufEncoding } from './protobuf-encoding.ts';
import { decodeKnown, readProtobufItem } from './protobuf-item.ts';
import { HEAD_BYTES, type SplitLimits } from './read-item.ts';
import { STEP_BYTES } from './slices.ts';
import { SplitError } from './split-error.ts';
import { type ListHead, type ListSplitting, SplitItem } from './split-item.ts';

/** Before every answer: `k8s` and a zero byte. */
const magic = Buffer.from('k8s\0');

/** Fields of the envelope, and of every list. */
const TYPE_META = 1;
const RAW = 2;
const LIST_META = 1;
const ITEMS = 2;

const VARINT = 0;
const BYTES = 2;
const ITEM_TAG = ITEMS * 8 + BYTES;
/** How long values are whose length does not stand before them. */
const lengths: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/** Where the next byte belongs. */
type Place = 'magic' | 'tag' | 'length' | 'number' | 'value';

/**
 * Splits the protobuf of a list into items, from chunks of any size, and checks the structure of each.
 * An item that stands in one chunk refers to it; the others share buffers.
 * An item that cannot be used is named in `undecodable`, and the rest goes on; what is no list at all throws.
 *
 * | | cost |
 * |---|---|
 * | n bytes | O(n) |
 */
export class ProtobufListSplitter<T> implements ListSplitting<T> {
  readonly items: SplitItem<T>[] = [];
  readonly undecodable: Undecodable[] = [];
  readonly #limits: SplitLimits;
  readonly #encoding: ProtobufEncoding<T>;
  #place: Place = 'magic';
  /** Position of the next byte. */
  #position = 0;
  /** The number that is being read. */
  #number = 0;
  #factor = 1;
  #field = 0;
  /** Behind the list within the envelope; undefined outside of it. */
  #listEnd: number | undefined;
  #seenList = false;
  readonly #blocks: ByteBlocks = new ByteBlocks(STEP_BYTES);
  /** Where the value goes that is being read, or as much of it as is wanted. */
  #value: Buffer = Buffer.alloc(0);
  #valueStart = 0;
  #wanted = 0;
  #filled = 0;
  /** How many bytes of the value are still to come. */
  #missing = 0;
  #valueLength = 0;
  #apiVersion = '';
  #listKind = '';
  #metadata: ListMeta = {};

  /** @param encoding What the items are. */
  constructor(limits: SplitLimits, encoding: ProtobufEncoding<T>) {
    this.#limits = limits;
    this.#encoding = encoding;
  }

  /** @throws {SplitError | UnknownFieldsError} */
  push(chunk: Uint8Array, memory?: ChunkMemory): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    while (at < bytes.length) {
      if (this.#place === 'value') {
        const take = Math.min(this.#missing, bytes.length - at);
        const wanted = Math.min(take, this.#wanted - this.#filled);
        bytes.copy(this.#value, this.#valueStart + this.#filled, at, at + wanted);
        this.#filled += wanted;
        this.#missing -= take;
        this.#position += take;
        at += take;
        if (this.#missing === 0) this.#endValue();
      } else if (this.#listEnd !== undefined && bytes[at] === ITEM_TAG && this.#place === 'tag' && this.#factor === 1) {
        at = this.#wholeItem(bytes, at, memory);
      } else {
        this.#byte(bytes[at++] as number);
        this.#position++;
        this.#leaveList();
      }
    }
  }

  end(): ListHead {
    const complete = this.#place === 'tag' && this.#factor === 1 && this.#listEnd === undefined;
    if (!complete || !this.#seenList) throw new SplitError('The answer ends too early', this.#position, true);
    return { apiVersion: this.#apiVersion, kind: this.#listKind, metadata: this.#metadata };
  }

  /**
   * Takes an item that stands in a chunk with its tag and length, without copying it. Otherwise only the tag is taken.
   * @returns Behind what was taken.
   */
  #wholeItem(bytes: Buffer, tag: number, memory: ChunkMemory | undefined): number {
    let at = tag + 1;
    let length = 0;
    let factor = 1;
    for (; at < bytes.length && factor <= 2 ** 28; factor *= 128) {
      const byte = bytes[at++] as number;
      length += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
    }
    const end = at + length;
    const isWhole = at > tag + 1 && (bytes[at - 1] as number) < 0x80 && end <= bytes.length;
    const position = this.#position + end - tag;
    if (!isWhole || length > this.#limits.maxItemBytes || position > (this.#listEnd as number)) {
      this.#byte(bytes[tag] as number);
      this.#position++;
      this.#leaveList();
      return tag + 1;
    }
    this.#position = position;
    this.#take(bytes, at, end, false, memory);
    this.#leaveList();
    return end;
  }

  #byte(byte: number): void {
    if (this.#place === 'magic') {
      if (byte !== magic[this.#position]) throw new SplitError('Expected k8s and a zero byte', this.#position);
      if (this.#position === magic.length - 1) this.#place = 'tag';
      return;
    }
    this.#number += (byte & 0x7f) * this.#factor;
    this.#factor *= 128;
    if (byte >= 0x80) {
      if (this.#factor >= 2 ** 70) throw new SplitError('A number does not end', this.#position);
      return;
    }
    const number = this.#number;
    const place = this.#place;
    this.#number = 0;
    this.#factor = 1;
    this.#place = 'tag';
    if (place === 'tag') this.#startField(number);
    else if (place === 'length') this.#startValue(number);
  }

  #startField(tag: number): void {
    const wireType = tag % 8;
    this.#field = Math.floor(tag / 8);
    const length = lengths[wireType];
    if (this.#field === 0 || (wireType !== VARINT && wireType !== BYTES && length === undefined))
      throw new SplitError('Expected a field', this.#position);
    if (wireType === BYTES) this.#place = 'length';
    else if (length === undefined) this.#place = 'number';
    else {
      this.#field = 0; // nobody's
      this.#startValue(length);
    }
  }

  #startValue(length: number): void {
    const from = this.#position + 1;
    if (this.#listEnd !== undefined && from + length > this.#listEnd)
      throw new SplitError('A field reaches beyond the list', this.#position);
    if (this.#listEnd === undefined && this.#field === RAW) this.#enterList(from, length);
    else {
      this.#valueLength = length;
      this.#missing = length;
      this.#filled = 0;
      this.#wanted = this.#wantedOf(length);
      this.#value = this.#blocks.take(this.#wanted);
      this.#valueStart = this.#blocks.start;
      if (length === 0) this.#endValue();
      else this.#place = 'value';
    }
  }

  /** How much of a value is kept. */
  #wantedOf(length: number): number {
    const isItem = this.#listEnd !== undefined && this.#field === ITEMS;
    if (isItem) return length > this.#limits.maxItemBytes ? Math.min(length, HEAD_BYTES) : length;
    if (this.#field !== TYPE_META && this.#field !== LIST_META) return 0;
    if (length > this.#limits.maxItemBytes)
      throw new SplitError('What stands around the items is too large', this.#position);
    return length;
  }

  #enterList(from: number, length: number): void {
    if (this.#seenList) throw new SplitError('A second list', this.#position);
    const expected = `${this.#encoding.apiVersion} ${this.#encoding.kind}List`;
    const got = `${this.#apiVersion} ${this.#listKind}`;
    if (got !== expected) throw new SplitError(`Expected ${expected}, got ${got}`, this.#position);
    this.#seenList = true;
    this.#listEnd = from + length;
  }

  #leaveList(): void {
    if (this.#listEnd === undefined || this.#position < this.#listEnd) return;
    if (this.#position > this.#listEnd || this.#place !== 'tag' || this.#factor !== 1)
      throw new SplitError('The list ends within a field', this.#position);
    this.#listEnd = undefined;
  }

  #endValue(): void {
    const value = this.#value;
    const start = this.#valueStart;
    const end = start + this.#wanted;
    this.#place = 'tag';
    if (this.#listEnd === undefined) {
      if (this.#field === TYPE_META) this.#readType(value, start, end);
      return;
    }
    if (this.#field === LIST_META)
      this.#metadata = decodeKnown<ListMeta>('ListMeta', value, start, end, this.#position);
    else if (this.#field === ITEMS) this.#take(value, start, end, this.#valueLength > this.#limits.maxItemBytes);
    this.#leaveList();
  }

  #take(bytes: Buffer, start: number, end: number, isTooLarge: boolean, memory?: ChunkMemory): void {
    const item = readProtobufItem<T>(bytes, start, end, isTooLarge, this.#encoding, this.#limits, memory);
    if (item instanceof SplitItem) this.items.push(item);
    else this.undecodable.push(item);
  }

  #readType(value: Buffer, from: number, to: number): void {
    const walk = new FieldWalk(value, from, to);
    while (walk.next()) {
      if (walk.number === 1) this.#apiVersion = value.toString('utf8', walk.start, walk.end);
      else if (walk.number === 2) this.#listKind = value.toString('utf8', walk.start, walk.end);
    }
    if (walk.isBroken) throw new SplitError('Expected the type of the list', this.#position);
  }
}
