import { MemberWalk } from './json-members.ts';
import { OPEN_OBJECT } from './json-tokens.ts';

/**
 * An object whose syntax was checked, without the members that a later one of the same name replaces, in itself and in its `metadata`.
 * The last one takes the place of the first, as with `JSON.parse`.
 */
export function uniqueMembers(json: Buffer): Buffer {
  return unique(json, 0, true);
}

function unique(json: Buffer, start: number, isTop: boolean): Buffer {
  const members = new Map<string, Buffer>();
  const walk = new MemberWalk(json, start);
  while (walk.next()) {
    const { name, keyFrom, valueFrom, valueTo } = walk;
    const isMetadata = isTop && name === 'metadata' && json[valueFrom] === OPEN_OBJECT;
    const value = isMetadata ? unique(json, valueFrom, false) : json.subarray(valueFrom, valueTo);
    members.set(name, Buffer.concat([json.subarray(keyFrom - 1, walk.keyTo + 1), COLON, value]));
  }
  const parts = [...members.values()].flatMap((member, index) => (index === 0 ? [member] : [COMMA, member]));
  return Buffer.concat([OPEN, ...parts, CLOSE]);
}

const OPEN: Buffer = Buffer.from('{');
const CLOSE: Buffer = Buffer.from('}');
const COLON: Buffer = Buffer.from(':');
const COMMA: Buffer = Buffer.from(',');
