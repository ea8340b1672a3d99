import type { DropTree } from './json-path.ts';
import { CLOSE_OBJECT } from './json-tokens.ts';
import { PLACE_NUMBERS, type Places } from './member-places.ts';

/** A bracket or a comma before a key, its quotes, and a colon. */
const AROUND_KEY = 4;

/** Which members an object has, in their order, as their keys stand in JSON. Objects of one kind have few layouts, and share them. */
export class JsonLayout {
  /** Says in one byte which layout an object has; 0 when it is not among those that are remembered. */
  readonly number: number;
  readonly names: readonly string[];
  /** Which member has a name. */
  readonly members: ReadonlyMap<string, number>;
  /** Of each key, without its quotes. */
  readonly keyLengths: readonly number[];
  /** How many bytes of compact JSON stand before each value, those of other values left out. */
  readonly offsets: readonly number[];
  /** All keys, one behind the other. */
  readonly #keys: Buffer;
  #dropped: DropTree | undefined;
  #without: WithoutMembers | undefined;

  constructor(number: number, keys: readonly Buffer[]) {
    this.number = number;
    this.names = keys.map((key) => JSON.parse(`"${key}"`) as string);
    this.members = new Map(this.names.map((name, index) => [name, index]));
    this.keyLengths = keys.map(({ length }) => length);
    let offset = 0;
    this.offsets = this.keyLengths.map((length) => (offset += AROUND_KEY + length));
    this.#keys = Buffer.concat(keys);
  }

  /** Whether the `count` members are those, whose places begin at `at` in `places` and count from `start` in `json`. */
  fits(json: Buffer, start: number, places: Places, at: number, count: number): boolean {
    const keys = this.#keys;
    const { keyLengths } = this;
    if (count !== keyLengths.length) return false;
    let k = 0;
    for (let member = 0; member < count; member++) {
      const place = at + member * PLACE_NUMBERS;
      const to = start + (places[place + 1] as number);
      let i = start + (places[place] as number);
      if (to - i !== keyLengths[member]) return false;
      while (i < to) if (json[i++] !== keys[k++]) return false;
    }
    return true;
  }

  /** What becomes of an object of this layout without what `drop` names. The same for the same tree. */
  without(drop: DropTree, layouts: JsonLayouts): WithoutMembers {
    if (this.#without === undefined || this.#dropped !== drop) {
      this.#dropped = drop;
      this.#without = this.#cut(drop, layouts);
    }
    return this.#without;
  }

  #cut(drop: DropTree, layouts: JsonLayouts): WithoutMembers {
    const trees = this.names.map((name) =>
      drop.cuts.some(({ text }) => text === name)
        ? null
        : drop.branches.find((branch) => branch.name.text === name)?.tree,
    );
    const ends = this.offsets.map((offset, index) => offset - (index + 1) * AROUND_KEY);
    const all = ends.map((end, index) => this.#keys.subarray(ends[index - 1] ?? 0, end));
    const kept = all.filter((_, index) => trees[index] !== null);
    return { trees, layout: kept.length === all.length ? this : layouts.of(kept) };
  }
}

/** The layout of `{}`. */
export const noMembers: JsonLayout = new JsonLayout(0, []);

/** What becomes of the members of an object when some are dropped. */
export interface WithoutMembers {
  /** For each: null when it goes, what is dropped of its value, or undefined when it stays as it is. */
  readonly trees: readonly (DropTree | null | undefined)[];
  /** Of what is left. */
  readonly layout: JsonLayout;
}

/** The last byte of JSON can never be the number of a layout. */
const MOST_LAYOUTS = 255;
/** Of all keys together. Longer ones, of which somebody could make many, are not remembered. */
const LONGEST_LAYOUT_BYTES = 4_096;

/**
 * The layouts of the objects that were seen.
 *
 * | | cost |
 * |---|---|
 * | `find` | O(bytes of the keys) for those that are remembered: the first 254 |
 */
export class JsonLayouts {
  /** By their numbers. */
  readonly #layouts: (JsonLayout | undefined)[] = [undefined];
  readonly #byKeys: Map<string, JsonLayout> = new Map();
  /** By what can be seen without reading the keys. */
  readonly #byLengths: Map<number, JsonLayout[]> = new Map();
  #last: JsonLayout = noMembers;

  /** The layout with that number. */
  at(number: number): JsonLayout | undefined {
    return this.#layouts[number];
  }

  /** The layout of an object whose `count` members have places from `at` on, relative to `start` in `json`. */
  find(json: Buffer, start: number, places: Places, at: number, count: number): JsonLayout {
    if (this.#last.fits(json, start, places, at, count)) return this.#last;
    let hash = count;
    for (let place = at; place < at + count * PLACE_NUMBERS; place += PLACE_NUMBERS) {
      hash = (Math.imul(hash, 31) + (places[place + 1] as number) - (places[place] as number)) | 0;
    }
    const alike = this.#byLengths.get(hash);
    let found = alike?.find((layout) => layout.fits(json, start, places, at, count));
    if (found === undefined) {
      const keyAt = (_: unknown, member: number): Buffer => {
        const place = at + member * PLACE_NUMBERS;
        return json.subarray(start + (places[place] as number), start + (places[place + 1] as number));
      };
      found = this.of(Array.from({ length: count }, keyAt));
      if (found.number > 0) this.#byLengths.set(hash, [...(alike ?? []), found]);
    }
    this.#last = found;
    return found;
  }

  /** The layout of objects that have these keys, which may stand among the bytes of others. */
  of(keys: readonly Buffer[]): JsonLayout {
    const id = `${keys.length} ${keys.join('"')}`; // a quote in a key has a backslash before it
    const known = this.#byKeys.get(id);
    if (known !== undefined) return known;
    const number = this.#layouts.length === CLOSE_OBJECT ? CLOSE_OBJECT + 1 : this.#layouts.length;
    if (number > MOST_LAYOUTS || id.length > LONGEST_LAYOUT_BYTES) return new JsonLayout(0, keys);
    const layout = new JsonLayout(number, keys);
    this.#layouts[number] = layout;
    this.#byKeys.set(id, layout);
    return layout;
  }
}
