import { ObjectMakers } from '@bowline/apimachinery';
import { type Field, isMany, type MessageType, type ValueType } from './message-type.ts';

/** How a field is read. */
export const TEXT = 0;
export const MESSAGE = 1;
export const MESSAGES = 2;
export const TEXTS = 3;
export const MAP = 4;
export const EMBEDDED = 5;
export const BOOL = 6;
const NUMBER = 7;
/** A list of numbers or booleans, packed or not. */
export const NUMBERS = 8;
/** A list of what has a form of its own. */
export const OTHERS = 9;
/** What has a form of its own. */
const OTHER = 10;
/** A field that is put off. */
export const LATE = 11;

/** A field within the object that it belongs to. */
export class FieldPlan {
  readonly field: Field;
  readonly name: string;
  readonly number: number;
  /** Its place among the fields of the object; that of an embedded structure is behind them, and tells whether it was there. */
  readonly slot: number;
  readonly code: number;
  /** Of the value; of the elements of a list or map. */
  readonly type: ValueType;
  /** Empty values are left out. */
  readonly omitsEmpty: boolean;
  /** Null is left out. */
  readonly omitsNull: boolean;
  /** Is written when it is absent: as null, or as Go's zero. */
  readonly isRequired: boolean;
  /** Fields of an embedded structure, by number. */
  readonly inner: FieldsByNumber | undefined;
  #child: StructPlan | undefined;

  /** @param putsOff Whether to put off what is long. */
  constructor(field: Field, slot: number, inner: FieldsByNumber | undefined, putsOff: boolean) {
    const { letter } = field.type;
    const omits = field.omitEmpty && canBeEmpty(letter);
    this.field = field;
    this.name = field.name;
    this.number = field.number;
    this.slot = slot;
    this.type = (isMany(field.type) && field.type.element) || field.type;
    this.omitsEmpty = !field.pointer && omits;
    this.omitsNull = !field.pointer && field.omitZero;
    this.isRequired = inner === undefined && !(field.pointer ? field.omitEmpty : field.omitZero || omits);
    this.inner = inner;
    if (inner !== undefined) this.code = EMBEDDED;
    else this.code = putsOff && !this.#isShort ? LATE : codeOf(field.type);
  }

  /** Whether it takes no longer to decode than to be put off, or must be decoded to know whether it is there. */
  get #isShort(): boolean {
    const { letter } = this.field.type;
    return 'sbildtuqn'.includes(letter) || (codeOf(this.field.type) === OTHER && (this.omitsNull || this.omitsEmpty));
  }

  /** Of the messages in it. */
  get child(): StructPlan {
    this.#child ??= planOf(this.type.message as MessageType);
    return this.#child;
  }
}

export type FieldsByNumber = readonly (FieldPlan | undefined)[];

export interface PlanOptions {
  /** Name of the one field that is wanted. */
  readonly only?: string;
  /** Whether lists, maps and messages are only looked for. */
  readonly putsOff?: boolean;
}

/** How the object of a message type is made, or one field of it. */
export class StructPlan {
  /** The fields of the object in Go's order, those of embedded structures among them: each stands at the place that is its slot. */
  readonly fields: readonly FieldPlan[];
  readonly names: readonly string[];
  readonly required: readonly FieldPlan[];
  /** Lists that may grow until the object is complete. */
  readonly numberLists: readonly FieldPlan[];
  readonly byNumber: FieldsByNumber;
  /** Number of slots: of `fields` and, behind them, of embedded structures. */
  readonly size: number;
  readonly makers: ObjectMakers = new ObjectMakers();

  constructor(type: MessageType, { only, putsOff = false }: PlanOptions = {}) {
    const fields: FieldPlan[] = [];
    this.size = countFields(type);
    let embeddedSlot = this.size;
    const place = (of: MessageType): FieldsByNumber => {
      const byNumber = new Array<FieldPlan | undefined>(of.byNumber.length).fill(undefined);
      for (const field of of.fields) {
        const inner = field.name === '' ? place(field.type.message as MessageType) : undefined;
        if (only !== undefined && only !== field.name && !inner?.some((plan) => plan !== undefined)) continue;
        const plan = new FieldPlan(field, inner === undefined ? fields.length : --embeddedSlot, inner, putsOff);
        if (inner === undefined) fields.push(plan);
        if (field.number > 0) byNumber[field.number] = plan;
      }
      return byNumber;
    };
    this.byNumber = place(type);
    this.fields = fields;
    this.names = fields.map(({ name }) => name);
    this.required = fields.filter(({ isRequired }) => isRequired);
    this.numberLists = fields.filter(({ code }) => code === NUMBERS);
  }
}

/** Those of embedded structures, and these themselves, included. */
function countFields(type: MessageType): number {
  let count = 0;
  for (const { name, type: of } of type.fields) count += name === '' ? 1 + countFields(of.message as MessageType) : 1;
  return count;
}

const plans = new WeakMap<MessageType, StructPlan>();

export function planOf(type: MessageType): StructPlan {
  let plan = plans.get(type);
  if (plan === undefined) {
    plan = new StructPlan(type);
    plans.set(type, plan);
  }
  return plan;
}

function codeOf(type: ValueType): number {
  switch (type.letter) {
    case '[': {
      const { letter } = type.element as ValueType;
      if (letter === 'm') return MESSAGES;
      if (letter === 's') return TEXTS;
      return 'bild'.includes(letter) ? NUMBERS : OTHERS;
    }
    case '{':
      return MAP;
    case 's':
      return TEXT;
    case 'b':
      return BOOL;
    case 'i':
    case 'l':
    case 'd':
      return NUMBER;
    case 'm':
      return MESSAGE;
    default:
      return OTHER;
  }
}

/** Structures and types with a form of their own are never empty for Go. */
function canBeEmpty(letter: string): boolean {
  return 'sbildy[{<'.includes(letter);
}
