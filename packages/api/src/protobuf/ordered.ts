import { Fields } from './fields.ts';
import { isMany, type MessageType } from './message-type.ts';
import { EMBEDDED, type FieldsByNumber, MESSAGE, planOf } from './struct-plan.ts';

/**
 * Whether the fields of an object, and those of the messages in them, stand in the order of their numbers, one of each that is no list and no
 * map. Everybody writes them so, but protobuf allows others. The bytes must have passed `checkMessage`; those that `quickCheck` has passed
 * are ordered.
 */
export function isOrdered(type: MessageType, bytes: Buffer, from: number = 0, to: number = bytes.length): boolean {
  return areOrdered(planOf(type).byNumber, bytes, from, to, true);
}

function areOrdered(byNumber: FieldsByNumber, bytes: Buffer, from: number, to: number, isObject: boolean): boolean {
  const fields = new Fields(bytes, from, to);
  let before = 0;
  while (fields.next()) {
    const { number, start, end } = fields;
    const field = byNumber[number];
    if (number < before || (number === before && !(field && isMany(field.field.type)))) return false;
    before = number;
    if (field === undefined) continue;
    const inner = field.inner ?? (isObject && field.code === MESSAGE ? field.child.byNumber : undefined);
    const isOwn = isObject && field.code === EMBEDDED;
    if (inner !== undefined && !areOrdered(inner, bytes, start, end, isOwn)) return false;
  }
  return true;
}
