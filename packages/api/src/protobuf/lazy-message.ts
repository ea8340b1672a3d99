import { type FieldSource, LazyShape, unread } from '@bowline/apimachinery';
import { type Decoder, readNumber, startDecoder } from './decode.ts';
import { Fields } from './fields.ts';
import type { MessageType } from './message-type.ts';
import { fieldPlan } from './read-path.ts';
import {
  BOOL,
  EMBEDDED,
  type FieldPlan,
  type FieldsByNumber,
  MESSAGE,
  NUMBER,
  OTHER,
  planOf,
  type StructPlan,
  TEXT,
} from './struct-plan.ts';
import { readText } from './text.ts';
import { BYTES, Cursor } from './wire.ts';

/** What the objects of a kind have and their messages have not. */
export interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * An object that equals `{ apiVersion, kind, ...decodeMessage(type, bytes, from, to) }`, deeply frozen and lazily decoded, as are the
 * messages in its fields: `metadata`, `spec`, `status`. Lists, maps and messages are decoded when they are first read, what is shorter with the
 * object that has it. Fields that are read whole again and again are decoded whole, from then on, for as long as that is so. The bytes must
 * have passed `checkMessage`, and are held until all was read.
 *
 * | | cost |
 * |---|---|
 * | the object, and each of the messages in its fields when it is read | one pass over its fields, and what `LazyShape.object` takes |
 * | first read of a list or map, or of a message within one of those messages | decoding all of it |
 */
export function lazyMessage<T>(type: MessageType, bytes: Buffer, from: number, to: number, meta: TypeMeta): T {
  let whole = wholes.get(type);
  if (whole === undefined) {
    whole = new LazyType(type, typeNames);
    wholes.set(type, whole);
  }
  return whole.whole(bytes, from, to, meta) as T;
}

const typeNames: readonly string[] = ['apiVersion', 'kind'];
const wholes = new WeakMap<MessageType, LazyType>();
const parts = new WeakMap<MessageType, LazyType>();

function partType(type: MessageType): LazyType {
  let part = parts.get(type);
  if (part === undefined) {
    part = new LazyType(type, []);
    parts.set(type, part);
  }
  return part;
}

/** A field that is decoded when it is read. */
interface LateField {
  /** Of this field alone. */
  readonly plan: StructPlan;
  /** Where it is a message that is lazily decoded, too. */
  readonly type: LazyType | undefined;
  readonly habit: Habit;
}

/** Makes the lazy objects of a message type, as whole objects or as fields of those. */
class LazyType {
  readonly #plan: StructPlan;
  readonly #shape: LazyShape;
  /** How many names stand before those of the fields. */
  readonly #first: number;
  /** Of the object that is being made. */
  readonly #values: unknown[];
  /** Whether all objects have the same fields, and each of them is decoded when it is read. */
  readonly #isConstant: boolean;
  /** By slot; undefined for those that are decoded with the object. */
  readonly #late: readonly (LateField | undefined)[];

  /** @param first Names that stand before those of the fields: there are some for whole objects only. */
  constructor(type: MessageType, first: readonly string[]) {
    this.#plan = planOf(type);
    const { names, fields } = this.#plan;
    this.#shape = new LazyShape([...first, ...names]);
    this.#first = first.length;
    this.#isConstant = fields.every((field) => field.isRequired && !isShort(field));
    this.#values = new Array<unknown>(first.length + names.length).fill(this.#isConstant ? unread : undefined);
    this.#late = fields.map((field) => {
      if (isShort(field)) return undefined;
      const isLazy = first.length > 0 && field.code === MESSAGE;
      return {
        plan: fieldPlan(type, field.name),
        type: isLazy ? partType(field.type.message as MessageType) : undefined,
        habit: new Habit(),
      };
    });
  }

  /** A whole object. */
  whole(bytes: Buffer, from: number, to: number, { apiVersion, kind }: TypeMeta): object {
    const values = this.#values;
    values[0] = apiVersion;
    values[1] = kind;
    if (!this.#isConstant) this.#read(bytes, from, to, values);
    return this.#shape.object(values, new MessageFields(this, bytes, from, to, undefined));
  }

  /** The object of a field that is read in that way. */
  part(bytes: Buffer, from: number, to: number, habit: Habit): object {
    if (habit.isWhole()) return startDecoder(bytes, true).struct(this.#plan, from, to);
    const values = this.#values;
    if (!this.#isConstant) this.#read(bytes, from, to, values);
    for (const value of values) if (value === unread) habit.made++;
    return this.#shape.object(values, new MessageFields(this, bytes, from, to, habit));
  }

  /** Decodes the short fields of a message, and finds the others. */
  #read(bytes: Buffer, from: number, to: number, values: unknown[]): void {
    values.fill(undefined, this.#first);
    const decoder = startDecoder(bytes, true);
    this.#readFields(this.#plan.byNumber, decoder, from, to, values);
    for (const field of this.#plan.required) {
      const place = this.#first + field.slot;
      if (values[place] !== undefined) continue;
      values[place] = this.#late[field.slot] === undefined ? decoder.absent(field) : unread;
    }
  }

  #readFields(byNumber: FieldsByNumber, decoder: Decoder, from: number, to: number, values: unknown[]): void {
    const { bytes } = decoder;
    const walk = new Fields(bytes, from, to);
    while (walk.next()) {
      const { number, wireType, start, end } = walk;
      const field = number < byNumber.length ? byNumber[number] : undefined;
      if (field === undefined) continue;
      if (field.code === EMBEDDED) {
        this.#readFields(field.inner as FieldsByNumber, decoder, start, end, values);
        continue;
      }
      let value: unknown;
      if (this.#late[field.slot] !== undefined) value = unread;
      else if (wireType !== BYTES) {
        value = readNumber(field.type, new Cursor(bytes, start));
        if (field.omitsEmpty && (value === 0 || value === false)) value = undefined;
      } else if (field.code === TEXT) {
        value = start === end && field.omitsEmpty ? undefined : readText(bytes, start, end);
      } else {
        value = decoder.value(field.type, start, end);
        if ((value === '' && field.omitsEmpty) || (value === null && field.omitsNull)) value = undefined;
      }
      values[this.#first + field.slot] = value;
    }
  }

  /** Decodes one of the other fields. */
  field(place: number, bytes: Buffer, from: number, to: number): unknown {
    const late = this.#late[place - this.#first];
    if (late === undefined) return undefined;
    if (late.type !== undefined) {
      const { number } = late.plan.fields[0] as FieldPlan;
      const walk = new Fields(bytes, from, to);
      let start = -1;
      let end = -1;
      let isInParts = false;
      while (walk.next()) {
        if (walk.number !== number) continue;
        isInParts = start >= 0;
        start = walk.start;
        end = walk.end;
      }
      // A message in parts, which nobody writes, is joined.
      if (start >= 0 && !isInParts) return late.type.part(bytes, start, end, late.habit);
    }
    return startDecoder(bytes, true).only(late.plan, from, to);
  }
}

/** How many objects are made lazily to see what is read of them, and how many are decoded at once after that. */
const LEARNED = 32;
const DECODED_WHOLE = 992;

/** Whether those who read a field of objects of a kind read all of it: then it is cheaper to decode all of it at once. */
class Habit {
  /** Fields that were put off, and those of them that were read. */
  made = 0;
  read = 0;
  #left: number = LEARNED;
  #isWhole = false;

  /** Whether the next object is to be decoded at once. */
  isWhole(): boolean {
    if (this.#left-- > 0) return this.#isWhole;
    this.#isWhole = !this.#isWhole && this.read * 4 >= this.made * 3 && this.made > 0;
    this.#left = this.#isWhole ? DECODED_WHOLE : LEARNED;
    this.made = 0;
    this.read = 0;
    return this.#isWhole;
  }
}

/** Whether a field takes no longer to decode than to be put off, or must be decoded to know whether it is there. */
function isShort({ code, type, omitsNull, omitsEmpty }: FieldPlan): boolean {
  return (
    [TEXT, BOOL, NUMBER].includes(code) || (code === OTHER && ('tuqn'.includes(type.letter) || omitsNull || omitsEmpty))
  );
}

/** The fields of one message. */
class MessageFields implements FieldSource {
  readonly #type: LazyType;
  readonly #bytes: Buffer;
  readonly #from: number;
  readonly #to: number;
  readonly #habit: Habit | undefined;

  constructor(type: LazyType, bytes: Buffer, from: number, to: number, habit: Habit | undefined) {
    this.#type = type;
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
    this.#habit = habit;
  }

  read(_: string, place: number): unknown {
    if (this.#habit !== undefined) this.#habit.read++;
    return this.#type.field(place, this.#bytes, this.#from, this.#to);
  }
}
