import { loadWasm, type WasmMemory } from '@bowline/apimachinery/wasm';
import { CheckTables } from './check-tables.ts';
import type { MessageType } from './message-type.ts';
import { wasm } from './quick-check.generated.ts';

/** Where what names an object stands in its bytes. What it has not begins where it ends. */
export interface NamePlaces {
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly namespaceStart: number;
  readonly namespaceEnd: number;
  readonly uidStart: number;
  readonly uidEnd: number;
  readonly resourceVersionStart: number;
  readonly resourceVersionEnd: number;
}

/** Answers of assembly/protobuf/quick-check.ts. */
const FINE = 0;
const INCOMPLETE = 2;

/** Its memory: a page of the compiler's, one for names and tables (those of all kinds that there are take a half of it), objects. */
const PAGE_BYTES = 65_536;
const NAMES = PAGE_BYTES;
const TABLES = NAMES + 32;
const INPUT = 2 * PAGE_BYTES;
/** Larger objects are not checked there. */
const MOST_BYTES = 262_144;
/** Behind an object. */
const SLACK_BYTES = 64;

interface CheckModule {
  readonly memory: WasmMemory;
  check(table: number, from: number, to: number): number;
  missingTable(): number;
  missingField(): number;
}

/** The module with its memory. */
class QuickCheck {
  readonly #module: CheckModule;
  readonly #view: DataView;
  readonly #input: Buffer;
  readonly #tables: CheckTables;

  /** @throws {RangeError} when there is no room for its memory */
  constructor(module: CheckModule) {
    const { memory } = module;
    memory.grow(Math.ceil((INPUT + MOST_BYTES + SLACK_BYTES - memory.buffer.byteLength) / PAGE_BYTES));
    this.#module = module;
    this.#view = new DataView(memory.buffer);
    this.#input = Buffer.from(memory.buffer, INPUT, MOST_BYTES);
    this.#tables = new CheckTables(this.#view, TABLES, INPUT);
  }

  check(type: MessageType, bytes: Buffer, from: number, to: number): NamePlaces | undefined {
    const length = to - from;
    const table = length <= MOST_BYTES ? this.#tables.ofObject(type) : 0;
    // What is not there would be what an earlier object has left.
    if (table === 0 || bytes.copy(this.#input, 0, from, to) !== length) return undefined;
    const module = this.#module;
    const end = INPUT + length;
    let answer = module.check(table, INPUT, end);
    while (answer === INCOMPLETE) {
      this.#tables.complete(module.missingTable(), module.missingField());
      answer = module.check(table, INPUT, end);
    }
    return answer === FINE ? this.#names(from - INPUT) : undefined;
  }

  #names(shift: number): NamePlaces {
    const view = this.#view;
    return {
      nameStart: view.getUint32(NAMES, true) + shift,
      nameEnd: view.getUint32(NAMES + 4, true) + shift,
      namespaceStart: view.getUint32(NAMES + 8, true) + shift,
      namespaceEnd: view.getUint32(NAMES + 12, true) + shift,
      uidStart: view.getUint32(NAMES + 16, true) + shift,
      uidEnd: view.getUint32(NAMES + 20, true) + shift,
      resourceVersionStart: view.getUint32(NAMES + 24, true) + shift,
      resourceVersionEnd: view.getUint32(NAMES + 28, true) + shift,
    };
  }
}

/** One for the process; undefined until somebody needs it, null where there can be none. */
let only: QuickCheck | null | undefined;

function load(): QuickCheck | null {
  const module = loadWasm<CheckModule>(wasm);
  try {
    return module === undefined ? null : new QuickCheck(module);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * Passes an object of which `checkMessage` would say that nothing is wrong with it and no field unknown, and tells where its names stand.
 * Undefined leaves that to `checkMessage`: for what is wrong or written in an unusual way, for objects without metadata or of more
 * than 256 KiB, and where there is no WebAssembly.
 *
 * | | cost |
 * |---|---|
 * | n bytes | O(n), a third of `checkMessage` |
 * | first object of a type | a table for each message type in it, 64 KiB at most for those of all types |
 */
export function quickCheck(
  type: MessageType,
  bytes: Buffer,
  from: number = 0,
  to: number = bytes.length,
): NamePlaces | undefined {
  if (only === undefined) only = load();
  return only === null ? undefined : only.check(type, bytes, from, to);
}
