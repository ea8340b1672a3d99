import { type Field, MessageType, type ValueType } from './message-type.ts';
import { BYTES, FIXED64, VARINT } from './wire.ts';

/** Bytes that are JSON: a letter of this file, which no table has. */
export const RAW_JSON = 'j';

/** The messages of types that have a form of their own in JSON. */
const timestamp = new MessageType('Timestamp', 'seconds=1:l nanos=2:i', '');
const raw = new MessageType('Raw', `raw=1:${RAW_JSON}`, '');
export const ownForms: Readonly<Record<string, MessageType>> = {
  t: timestamp,
  u: timestamp,
  f: raw,
  r: raw,
  q: new MessageType('Quantity', 'string_=1:s', ''),
  n: new MessageType('IntOrString', 'type=1:l intVal=2:i strVal=3:s', ''),
};

/** Forms of a field. */
export const OTHER = 0;
export const NUMBER = 1;
export const TEXT = 2;
export const MESSAGE = 3;
const RAW_BYTES = 4;
/** A pair of a map of text. */
export const TEXT_PAIR = 5;
export const JSON_BYTES = 6;

/** What a message type says of fields that the walk can pass quickly. */
export class CheckPlan {
  readonly type: MessageType;
  /** By tag. */
  readonly forms: Uint8Array;
  readonly #children: (CheckPlan | undefined)[] = [];

  constructor(type: MessageType) {
    this.type = type;
    this.forms = new Uint8Array(type.byNumber.length * 8);
    for (const field of type.byNumber) {
      if (field === undefined) continue;
      const { letter, element } = elementOf(field);
      this.forms[field.number * 8 + wireTypeOf(letter)] =
        letter === '{' && element?.letter === 's' ? TEXT_PAIR : formOf(letter);
    }
  }

  /** Of the messages in a field. */
  child(number: number): CheckPlan {
    let child = this.#children[number];
    if (child === undefined) {
      const { letter, message } = elementOf(this.type.byNumber[number] as Field);
      child = checkPlanOf(message ?? (ownForms[letter] as MessageType));
      this.#children[number] = child;
    }
    return child;
  }
}

function elementOf({ type }: Field): ValueType {
  return type.letter === '[' ? (type.element as ValueType) : type;
}

function formOf(letter: string): number {
  if (letter === 's') return TEXT;
  if (letter === 'y') return RAW_BYTES;
  if (letter === RAW_JSON) return JSON_BYTES;
  if ('bil'.includes(letter)) return NUMBER;
  return letter === 'm' || Object.hasOwn(ownForms, letter) ? MESSAGE : OTHER;
}

const plans = new WeakMap<MessageType, CheckPlan>();

export function checkPlanOf(type: MessageType): CheckPlan {
  let plan = plans.get(type);
  if (plan === undefined) {
    plan = new CheckPlan(type);
    plans.set(type, plan);
  }
  return plan;
}

/** How a value of that letter stands on the wire when it is alone. */
export function wireTypeOf(letter: string): number {
  switch (letter) {
    case 'b':
    case 'i':
    case 'l':
      return VARINT;
    case 'd':
      return FIXED64;
    default:
      return BYTES;
  }
}
