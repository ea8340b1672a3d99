import { ownForms, RAW_JSON, wireTypeOf } from './check-plan.ts';
import { type Field, isMany, type MessageType, messageType, type ValueType } from './message-type.ts';
import { BYTES } from './wire.ts';

/** Forms of a field, and what is no wire type: as in assembly/protobuf/quick-check.ts. */
const PASSED_OVER = 0;
const MESSAGE = 1;
const TEXT = 2;
const NAME = 3;
const JSON_BYTES = 4;
const NO_FIELD = 15;
/** There may be many of that field. */
const MANY = 0x80;

const textType: ValueType = { letter: 's', message: undefined, element: undefined };
const boolType: ValueType = { letter: 'b', message: undefined, element: undefined };

/** A field of a table. */
interface Part {
  readonly number: number;
  /** Of each element, where there may be many. */
  readonly type: ValueType;
  readonly many: boolean;
}

interface Table {
  readonly parts: readonly Part[];
  /** Whether it is that of a whole object, whose metadata names it. */
  readonly isObject: boolean;
}

/** Makes the tables for the check in WebAssembly: each when it is first needed, as many as there is room for. */
export class CheckTables {
  readonly #view: DataView;
  readonly #end: number;
  #next: number;
  readonly #tables: Map<number, Table> = new Map();
  /** By message, and by type of a container. */
  readonly #addresses: Map<MessageType | ValueType, number> = new Map();
  readonly #objects: Map<MessageType, number> = new Map();
  #metadata = 0;
  #lastType: MessageType | undefined;
  #lastAddress = 0;

  constructor(view: DataView, start: number, end: number) {
    this.#view = view;
    this.#next = start;
    this.#end = end;
  }

  /** Where the table of an object stands; 0 when there is none. */
  ofObject(type: MessageType): number {
    if (type === this.#lastType) return this.#lastAddress;
    let address = this.#objects.get(type);
    if (address === undefined) {
      address = metadataOf(type) === undefined ? 0 : this.#add(partsOfMessage(type), true);
      this.#objects.set(type, address);
    }
    this.#lastType = type;
    this.#lastAddress = address;
    return address;
  }

  /** Makes the table of the messages in a field of another one. Without room for it the field counts as unusual. */
  complete(table: number, number: number): void {
    const { parts, isObject } = this.#tables.get(table) as Table;
    const { type, many } = parts.find((part) => part.number === number) as Part;
    const isMetadata = isObject && number === 1;
    const address = isMetadata ? this.#ofMetadata(type.message as MessageType) : this.#of(type);
    const entry = address === 0 ? NO_FIELD : entryOf(BYTES, MESSAGE, many, address);
    this.#view.setUint32(table + 4 + 4 * number, entry, true);
  }

  #of(type: ValueType): number {
    const key = type.message !== undefined && type.letter === 'm' ? type.message : (ownForms[type.letter] ?? type);
    let address = this.#addresses.get(key);
    if (address === undefined) {
      address = this.#add(partsOf(type), false);
      this.#addresses.set(key, address);
    }
    return address;
  }

  #ofMetadata(type: MessageType): number {
    if (this.#metadata !== 0) return this.#metadata;
    const address = this.#add(partsOfMessage(type), false);
    this.#metadata = address;
    if (address === 0) return 0;
    ['name', 'namespace', 'uid', 'resourceVersion'].forEach((name, index) => {
      const { number } = type.field(name) as Field;
      this.#view.setUint32(address + 4 + 4 * number, entryOf(BYTES, NAME, false, 8 * index), true);
    });
    return address;
  }

  /** @returns Where it stands, a multiple of 4; 0 when there is no room. */
  #add(parts: readonly Part[], isObject: boolean): number {
    const count = Math.max(0, ...parts.map(({ number }) => number)) + 1;
    const address = this.#next;
    if (address + 4 + 4 * count > this.#end) return 0;
    this.#next += 4 + 4 * count;
    this.#view.setUint32(address, count, true);
    for (let number = 0; number < count; number++) this.#view.setUint32(address + 4 + 4 * number, NO_FIELD, true);
    for (const { number, type, many } of parts) {
      const wireType = wireTypeOf(type.letter);
      const form = wireType === BYTES ? formOf(type.letter) : PASSED_OVER;
      this.#view.setUint32(address + 4 + 4 * number, entryOf(wireType, form, many, 0), true);
    }
    this.#tables.set(address, { parts, isObject });
    return address;
  }
}

function entryOf(wireType: number, form: number, many: boolean, value: number): number {
  return wireType | (form << 4) | (many ? MANY : 0) | (value << 8);
}

function formOf(letter: string): number {
  if (letter === 's') return TEXT;
  if (letter === 'y') return PASSED_OVER;
  return letter === RAW_JSON ? JSON_BYTES : MESSAGE;
}

/** The metadata of an object; undefined where the first field is something else. */
function metadataOf(type: MessageType): MessageType | undefined {
  const metadata = messageType({ group: 'meta.k8s.io', version: 'v1', kind: 'ObjectMeta' });
  return type.byNumber[1]?.type.message === metadata ? metadata : undefined;
}

function partsOfMessage({ byNumber }: MessageType): readonly Part[] {
  return byNumber
    .filter((field) => field !== undefined)
    .map(({ number, type }) => ({
      number,
      type: type.letter === '[' ? (type.element as ValueType) : type,
      many: isMany(type),
    }));
}

/** The fields of the message that holds a value. */
export function partsOf({ letter, message, element }: ValueType): readonly Part[] {
  const schema: ValueType = { letter: 'm', message, element: undefined };
  switch (letter) {
    case 'm':
      return partsOfMessage(message as MessageType);
    case '{':
      return [
        { number: 1, type: textType, many: false },
        { number: 2, type: element as ValueType, many: false },
      ];
    case '<':
      return [{ number: 1, type: element as ValueType, many: true }];
    case 'e':
      return [
        { number: 1, type: boolType, many: false },
        { number: 2, type: schema, many: false },
      ];
    case 'a':
      return [
        { number: 1, type: schema, many: false },
        { number: 2, type: schema, many: true },
      ];
    case 'k':
      return [
        { number: 1, type: schema, many: false },
        { number: 2, type: textType, many: true },
      ];
    default:
      return partsOfMessage(ownForms[letter] as MessageType);
  }
}
