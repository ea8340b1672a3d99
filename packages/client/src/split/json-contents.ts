import { type JsonLayout, JsonLayouts, noMembers } from './json-layout.ts';
import { CLOSE_OBJECT } from './json-tokens.ts';
import { MOST_MEMBERS, PLACE_NUMBERS, type Places } from './member-places.ts';

/** Longer values are not noted: their length takes four bytes of seven bits. */
const LONGEST_VALUE_BYTES = 2 ** 28 - 1;

/** The members of an object in compact JSON. What is between their values is known from the layout. */
export class JsonMembers {
  layout: JsonLayout = noMembers;
  /** Of each value. */
  readonly lengths: Int32Array = new Int32Array(MOST_MEMBERS);

  /** Where the value of a member begins, counted from the object. */
  valueAt(member: number): number {
    let at = this.layout.offsets[member] as number;
    for (let i = 0; i < member; i++) at += this.lengths[i] as number;
    return at;
  }

  /** How many bytes the object has. */
  get size(): number {
    const last = this.layout.keyLengths.length - 1;
    return last < 0 ? 2 : this.valueAt(last) + (this.lengths[last] as number) + 1;
  }
}

/**
 * The table of contents of a JSON object: which members it has and how long their values are, and the same of its `metadata`, so that
 * nobody has to look for them. It stands behind the JSON and is read from its last byte backwards: the number of a layout, which is no
 * bracket as the last byte of JSON is; lengths, seven bits a byte, the highest bit set where there are more; and the same once more.
 * It has some 25 bytes, and tells of JSON without white space between the members, no two of which have one name.
 *
 * | | cost |
 * |---|---|
 * | read, write | O(members) |
 */
export class JsonContents {
  readonly layouts: JsonLayouts = new JsonLayouts();
  readonly metadataLayouts: JsonLayouts = new JsonLayouts();
  readonly top: JsonMembers = new JsonMembers();
  readonly metadata: JsonMembers = new JsonMembers();
  /** Whether there is a `metadata` whose members are known. */
  hasMetadata = false;
  #at = 0;

  /** The layout of what ends at `end`; undefined when there is no table. */
  layoutAt(bytes: Buffer, end: number): JsonLayout | undefined {
    const number = bytes[end - 1] as number;
    return number === CLOSE_OBJECT ? undefined : this.layouts.at(number);
  }

  /** Reads the table that ends at `end`. @returns false when there is none. */
  read(bytes: Buffer, end: number): boolean {
    const layout = this.layoutAt(bytes, end);
    if (layout === undefined) return false;
    this.top.layout = layout;
    this.#at = end - 1;
    this.#readLengths(bytes, this.top);
    const metadata = this.metadataLayouts.at(bytes[--this.#at] as number);
    this.hasMetadata = metadata !== undefined;
    if (metadata !== undefined) {
      this.metadata.layout = metadata;
      this.#readLengths(bytes, this.metadata);
    }
    return true;
  }

  /**
   * Takes over what was found when an object was scanned that begins at `start` in `json` and has `size` bytes.
   *
   * @param places Of the members of the object, then of those of its `metadata`.
   * @param top How many members it has, at most `MOST_MEMBERS`; -1 when that is not known. So does `inMetadata` say of its `metadata`.
   * @returns false when there is no table of such an object.
   */
  take(json: Buffer, start: number, size: number, places: Places, top: number, inMetadata: number): boolean {
    if (size > LONGEST_VALUE_BYTES || !this.#takeLengths(this.top, places, 0, top, 0, size)) return false;
    const layout = this.layouts.find(json, start, places, 0, top);
    if (layout.number === 0) return false;
    this.top.layout = layout;
    this.hasMetadata = this.#takeMetadata(json, start, places, top, inMetadata);
    return true;
  }

  /** How many bytes the table has. */
  get size(): number {
    return sizeOf(this.top) + (this.hasMetadata ? sizeOf(this.metadata) : 1);
  }

  /** Writes the table, if there can be one, to `at` in `target`. @returns behind it. */
  write(target: Buffer, at: number): number {
    if (this.top.layout.number === 0) return at;
    let i = at;
    if (this.hasMetadata && this.metadata.layout.number > 0) i = writeMembers(target, i, this.metadata);
    else target[i++] = 0;
    return writeMembers(target, i, this.top);
  }

  #takeMetadata(json: Buffer, start: number, places: Places, top: number, count: number): boolean {
    const member = this.top.layout.members.get('metadata');
    if (member === undefined) return false;
    const at = top * PLACE_NUMBERS;
    const from = places[member * PLACE_NUMBERS + 2] as number;
    if (!this.#takeLengths(this.metadata, places, at, count, from, this.top.lengths[member] as number)) return false;
    const layout = this.metadataLayouts.find(json, start, places, at, count);
    this.metadata.layout = layout;
    return layout.number > 0;
  }

  /** @returns false when there is anything besides the members and what must be between them. */
  #takeLengths(
    { lengths }: JsonMembers,
    places: Places,
    at: number,
    count: number,
    from: number,
    size: number,
  ): boolean {
    let place = at;
    let quote = from + 1;
    for (let member = 0; member < count; member++) {
      const valueFrom = places[place + 2] as number;
      if (places[place] !== quote + 1 || places[place + 1] !== valueFrom - 2) return false;
      const valueTo = places[place + 3] as number;
      lengths[member] = valueTo - valueFrom;
      quote = valueTo + 1;
      place += PLACE_NUMBERS;
    }
    return count > 0 && quote === from + size;
  }

  #readLengths(bytes: Buffer, { layout, lengths }: JsonMembers): void {
    const count = layout.keyLengths.length;
    let at = this.#at;
    for (let member = 0; member < count; member++) {
      let byte = bytes[--at] as number;
      let length = byte & 0x7f;
      for (let shift = 7; byte >= 0x80; shift += 7) {
        byte = bytes[--at] as number;
        length |= (byte & 0x7f) << shift;
      }
      lengths[member] = length;
    }
    this.#at = at;
  }
}

/** From the last length to the first, and then the number: as they are not read. */
function writeMembers(target: Buffer, at: number, { layout, lengths }: JsonMembers): number {
  let i = at;
  for (let member = layout.keyLengths.length - 1; member >= 0; member--) {
    const length = lengths[member] as number;
    if (length >= 0x80) {
      if (length >= 0x4000) {
        if (length >= 0x200000) target[i++] = length >>> 21;
        target[i++] = ((length >>> 14) & 0x7f) | (length >= 0x200000 ? 0x80 : 0);
      }
      target[i++] = ((length >>> 7) & 0x7f) | (length >= 0x4000 ? 0x80 : 0);
    }
    target[i++] = (length & 0x7f) | (length >= 0x80 ? 0x80 : 0);
  }
  target[i++] = layout.number;
  return i;
}

function sizeOf({ layout, lengths }: JsonMembers): number {
  let size = 1;
  for (let member = 0; member < layout.keyLengths.length; member++) {
    const length = lengths[member] as number;
    size += length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : 4;
  }
  return size;
}
