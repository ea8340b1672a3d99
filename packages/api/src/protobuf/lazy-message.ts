import { type FieldSource, LazyShape, unread } from '@bowline/apimachinery';
import { startDecoder } from './decode.ts';
import { Fields } from './fields.ts';
import type { MessageType } from './message-type.ts';
import { fieldPlan } from './read-path.ts';
import { LATE, MESSAGE, planOf, StructPlan } from './struct-plan.ts';

/** What the objects of a kind have and their messages have not. */
export interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * An object that equals `{ apiVersion, kind, ...decodeMessage(type, bytes, from, to) }`, deeply frozen and lazily decoded, as are the
 * messages in its fields: `metadata`, `spec`, `status`. Lists, maps and messages are decoded when they are first read, what is shorter with the
 * object that has it. Messages that are read again and again are made with their object, from then on, for as long as that is so, and those
 * of which all is read are decoded whole. The bytes must
 * have passed `quickCheck`, or `checkMessage` and `isOrdered`, and are held until all was read.
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
  /** Which number it has, or what it is embedded in. */
  readonly number: number;
  /** Of its name. */
  readonly place: number;
  /** Where it is a message that is lazily decoded, too. */
  readonly type: LazyType | undefined;
  /** Of those who have the object, and of those who have read the field. */
  readonly isRead: Habit;
  readonly isReadWhole: Habit;
}

/** Makes the lazy objects of a message type, as whole objects or as fields of those. */
class LazyType {
  readonly #plan: StructPlan;
  readonly #whole: StructPlan;
  readonly #shape: LazyShape;
  /** How many names stand before those of the fields. */
  readonly #first: number;
  /** Of the object that is being made. */
  readonly #values: unknown[];
  /** Whether all objects have the same fields, and each of them is decoded when it is read. */
  readonly #isConstant: boolean;
  /** By the place of their names. */
  readonly #late: readonly (LateField | undefined)[];
  readonly #messages: readonly LateField[];

  /** @param first Names that stand before those of the fields: there are some for whole objects only. */
  constructor(type: MessageType, first: readonly string[]) {
    this.#whole = planOf(type);
    this.#plan = new StructPlan(type, { putsOff: true });
    const { names, fields, size } = this.#plan;
    this.#shape = new LazyShape([...first, ...names]);
    this.#first = first.length;
    this.#isConstant = fields.every(({ isRequired, code }) => isRequired && code === LATE);
    this.#values = new Array<unknown>(first.length + size).fill(undefined);
    const late: (LateField | undefined)[] = first.map(() => undefined);
    for (const { code, field } of fields) {
      const plan = fieldPlan(type, field.name);
      const number = plan.byNumber.findIndex((each) => each !== undefined);
      const message = plan.byNumber[number]?.code === MESSAGE ? field.type.message : undefined;
      const part = first.length > 0 && message !== undefined ? partType(message) : undefined;
      const habits = { isRead: new Habit(), isReadWhole: new Habit() };
      late.push(code === LATE ? { plan, number, place: late.length, type: part, ...habits } : undefined);
    }
    this.#late = late;
    this.#messages = late.filter((field) => field?.type !== undefined) as LateField[];
  }

  /** A whole object. */
  whole(bytes: Buffer, from: number, to: number, { apiVersion, kind }: TypeMeta): object {
    const values = this.#readFields(bytes, from, to);
    values[0] = apiVersion;
    values[1] = kind;
    for (const field of this.#messages) {
      if (values[field.place] !== unread) continue;
      if (field.isRead.isUsual()) values[field.place] = this.#readLate(field, bytes, from, to);
      else field.isRead.made++;
    }
    return this.#shape.object(values, new MessageFields(this, bytes, from, to, undefined));
  }

  /** The object of a field that is read in that way. */
  part(bytes: Buffer, from: number, to: number, isReadWhole: Habit): object {
    if (isReadWhole.isUsual()) return startDecoder(bytes, true).struct(this.#whole, from, to);
    const values = this.#readFields(bytes, from, to);
    for (const value of values) if (value === unread) isReadWhole.made++;
    return this.#shape.object(values, new MessageFields(this, bytes, from, to, isReadWhole));
  }

  /** Decodes a field that was put off. */
  field(place: number, bytes: Buffer, from: number, to: number): unknown {
    const field = this.#late[place];
    if (field === undefined) return undefined;
    field.isRead.read++;
    return this.#readLate(field, bytes, from, to);
  }

  /** Values by the place of their names, until the next call. */
  #readFields(bytes: Buffer, from: number, to: number): unknown[] {
    const values = this.#values;
    // `fill` would be a call out of optimized code.
    if (this.#isConstant) for (let place = 0; place < values.length; place++) values[place] = unread;
    else startDecoder(bytes, true).fields(this.#plan, from, to, values, this.#first);
    return values;
  }

  #readLate({ number, type, plan, isReadWhole }: LateField, bytes: Buffer, from: number, to: number): unknown {
    const fields = new Fields(bytes, from, to);
    do {
      if (!fields.next()) return startDecoder(bytes, true).only(plan, to, to);
    } while (fields.number < number);
    if (type !== undefined && fields.number === number) return type.part(bytes, fields.start, fields.end, isReadWhole);
    return startDecoder(bytes, true).only(plan, fields.at, to);
  }
}

/** How many objects are watched to see what is read of them, and for how many after that it counts. */
const WATCHED = 32;
const TRUSTED = 992;

/** Whether what is put off is usually read after all: then it is cheaper to decode it at once. */
class Habit {
  /** What was put off, and what was read of that. */
  made = 0;
  read = 0;
  #left: number = WATCHED;
  #isUsual = false;

  /** Whether it is to be decoded at once, this time. */
  isUsual(): boolean {
    if (this.#left-- > 0) return this.#isUsual;
    this.#isUsual = !this.#isUsual && this.read * 4 >= this.made * 3 && this.made > 0;
    this.#left = this.#isUsual ? TRUSTED : WATCHED;
    this.made = 0;
    this.read = 0;
    return this.#isUsual;
  }
}

/** The fields of one message. */
class MessageFields implements FieldSource {
  readonly #type: LazyType;
  readonly #bytes: Buffer;
  readonly #from: number;
  readonly #to: number;
  readonly #isReadWhole: Habit | undefined;

  constructor(type: LazyType, bytes: Buffer, from: number, to: number, isReadWhole: Habit | undefined) {
    this.#type = type;
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
    this.#isReadWhole = isReadWhole;
  }

  read(_: string, place: number): unknown {
    if (this.#isReadWhole !== undefined) this.#isReadWhole.read++;
    return this.#type.field(place, this.#bytes, this.#from, this.#to);
  }
}
