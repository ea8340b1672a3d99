import { loadWasm, type WasmMemory } from '@bowline/apimachinery/wasm';
import { wasm } from './json-scan.generated.ts';
import { MOST_MEMBERS, PLACE_NUMBERS } from './member-places.ts';

/** What assembly/split/json-scan.ts exports. */
export interface ScanModule {
  readonly memory: WasmMemory;
  firstByte(): number;
  result(): number;
  prepare(end: number): void;
  scanItem(from: number, end: number, maxDepth: number): number;
}

// Which numbers of the result say what.
const TOP_MEMBERS = 0;
const METADATA_MEMBERS = 1;
const IS_COMPACT = 2;
const IS_ASCII = 3;
const ESCAPED = 4;
const SPANS = 5;
/** Behind the places of eight strings. */
const PLACES = SPANS + 2 * 8;
const NUMBERS = PLACES + 2 * MOST_MEMBERS * PLACE_NUMBERS;

const PAGE_BYTES = 65_536;
/** Zeros behind the bytes: nothing runs on there. */
const PADDING = 128;
/** So many bytes of a window are copied at once. An item may be half as large. */
const MOST_BYTES = (1 << 20) - PADDING;

/**
 * Scans whole items in WebAssembly, 64 bytes at a time, and finds all that `JsonScanner` finds. What it finds is there until the next call.
 *
 * | | cost |
 * |---|---|
 * | n bytes | O(n), about 0.4 ns a byte, of which the copy takes a tenth; nothing is allocated but memory of at most 1.2 MiB, which stays |
 */
export class ItemScan {
  readonly #module: ScanModule;
  readonly #firstByte: number;
  #memory: Uint8Array;
  #result: Int32Array;
  /** Which window's bytes are in the memory, and which of them. */
  #window: WeakRef<Uint8Array> | undefined;
  #from = 0;
  #to = 0;
  /** As `JsonScanner.places`. */
  places: Int32Array;

  constructor(module: ScanModule) {
    this.#module = module;
    this.#firstByte = module.firstByte();
    const { buffer } = module.memory;
    this.#memory = new Uint8Array(buffer);
    this.#result = new Int32Array(buffer, module.result(), NUMBERS);
    this.places = this.#result.subarray(PLACES);
  }

  /**
   * @returns how many bytes the item has that begins at `from`; -1 when it is sound as far as it is there, but ends behind `end`; 0 when it is
   * out of the ordinary, or too large.
   */
  scan(window: Uint8Array, from: number, end: number, maxDepth: number): number {
    if (this.#window?.deref() !== window || !this.#has(from, end)) {
      if (!this.#copy(window, from)) return 0;
    }
    const offset = this.#firstByte - this.#from;
    const length = this.#module.scanItem(offset + from, offset + Math.min(end, this.#to), maxDepth);
    return length < 0 && end > this.#to ? 0 : length;
  }

  get topMembers(): number {
    return this.#result[TOP_MEMBERS] as number;
  }

  get metadataMembers(): number {
    return this.#result[METADATA_MEMBERS] as number;
  }

  get isCompact(): boolean {
    return this.#result[IS_COMPACT] === 1;
  }

  get isAscii(): boolean {
    return this.#result[IS_ASCII] === 1;
  }

  /** One bit for each field whose string holds escape sequences. */
  get escaped(): number {
    return this.#result[ESCAPED] as number;
  }

  /** Copies where the strings of all fields stand. */
  spans(target: Int32Array): void {
    for (let k = 0; k < target.length; k++) target[k] = this.#result[SPANS + k] as number;
  }

  #has(from: number, end: number): boolean {
    return from >= this.#from && (end <= this.#to || this.#to - from > MOST_BYTES / 2);
  }

  /** @returns whether there was memory for it. */
  #copy(window: Uint8Array, from: number): boolean {
    const to = Math.min(window.length, from + MOST_BYTES);
    const behind = this.#firstByte + to - from;
    if (behind + PADDING > this.#memory.length && !this.#grow(behind + PADDING)) return false;
    this.#memory.set(from === 0 && to === window.length ? window : window.subarray(from, to), this.#firstByte);
    this.#memory.fill(0, behind, behind + PADDING);
    this.#module.prepare(behind);
    this.#window = new WeakRef(window);
    this.#from = from;
    this.#to = to;
    return true;
  }

  #grow(bytes: number): boolean {
    const { memory } = this.#module;
    try {
      memory.grow(Math.ceil((bytes - this.#memory.length) / PAGE_BYTES));
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    this.#memory = new Uint8Array(memory.buffer);
    this.#result = new Int32Array(memory.buffer, this.#module.result(), NUMBERS);
    this.places = this.#result.subarray(PLACES);
    return true;
  }
}

let shared: ItemScan | undefined;
let isLoaded = false;

/** The one of this thread; undefined where there is no WebAssembly. Loaded when it is first asked for. */
export function itemScan(): ItemScan | undefined {
  if (!isLoaded) {
    isLoaded = true;
    const module = loadWasm<ScanModule>(wasm);
    if (module) shared = new ItemScan(module);
  }
  return shared;
}
