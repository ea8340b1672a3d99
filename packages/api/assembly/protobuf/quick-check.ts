/*
 * Checks the message of an object as `checkMessage` does, and finds its names on the way. It passes what is written in the usual way; of
 * everything else, right or wrong, it says that it is unusual, and the walk in TypeScript decides.
 *
 * The user of the module lays out its memory and gives addresses: behind the first page, which is the compiler's, NAMES, then the tables of the
 * message types, then the bytes of the object. A few bytes behind the object may be read and never count: there must be 64.
 *
 * A table is the number of its entries, then one entry for each field number: its wire type, or 15 where there is no field (4 bits); its
 * form (3 bits); whether there may be many (1 bit); the address of the table of the message in it, or the place among NAMES of where it
 * stands (24 bits). All words have 32 bits.
 *
 * The usual way is that of Go: fields in the order of their numbers, one of each that is no list and no map.
 */

/** All is well. */
const FINE: i32 = 0;
/** Wrong, or written in a way that is not looked at here. */
const UNUSUAL: i32 = 1;
/** The table of a message that was met is still to be made: that of `missingField` of `missingTable`. */
const INCOMPLETE: i32 = 2;

const VARINT: u32 = 0;
const FIXED64: u32 = 1;

const MESSAGE: u32 = 1;
const TEXT: u32 = 2;
const NAME: u32 = 3;
const JSON_BYTES: u32 = 4;

/** In an entry. */
const MANY: u32 = 0x80;

/** As in check.ts. */
const MAX_DEPTH: i32 = 200;
const MAX_JSON_DEPTH: i32 = 2000;

/** Two words for each name: where it begins and where it ends. */
const NAMES: usize = 65536;

let missing: u32 = 0;
let missingNumber: u32 = 0;

export function missingTable(): u32 {
  return missing;
}

export function missingField(): u32 {
  return missingNumber;
}

/** Checks the message of an object that stands at `from` and ends before `to`. Names that it has not stand at 0. */
export function check(table: usize, from: usize, to: usize): i32 {
  v128.store(NAMES, i64x2.splat(0));
  v128.store(NAMES, i64x2.splat(0), 16);
  return message(table, from, to, 0);
}

function message(table: usize, from: usize, to: usize, depth: i32): i32 {
  if (depth > MAX_DEPTH) return UNUSUAL;
  const count = load<u32>(table);
  let at = from;
  let before: u32 = 0;
  while (at < to) {
    // Nearly all tags and lengths have one byte. Bytes behind `to` may be read, but are never trusted: `end` tells.
    const head: u32 = load<u16>(at);
    let tag = head & 0xff;
    let length = head >> 8;
    at += 2;
    if (tag >= 0x80) {
      if (length >= 0x80) return UNUSUAL;
      tag = (tag & 0x7f) | (length << 7);
      length = load<u8>(at++);
    }
    const number = tag >> 3;
    if (number >= count) return UNUSUAL;
    const entry = load<u32>(table + 4 + (number << 2));
    const wireType = entry & 15;
    if (wireType !== (tag & 7)) return UNUSUAL;
    if (number <= before && (number < before || (entry & MANY) === 0)) return UNUSUAL;
    before = number;
    if (wireType === VARINT) {
      if (length >= 0x80) {
        at = afterVarint(at, min(to, at + 9));
        if (at === 0) return UNUSUAL;
      } else if (at > to) return UNUSUAL;
      continue;
    }
    if (wireType === FIXED64) {
      at += 7;
      if (at > to) return UNUSUAL;
      continue;
    }
    if (length >= 0x80) {
      let byte: u32 = load<u8>(at++);
      length = (length & 0x7f) | ((byte & 0x7f) << 7);
      if (byte >= 0x80) {
        byte = load<u8>(at++);
        if (byte >= 0x80) return UNUSUAL;
        length |= byte << 14;
      }
    }
    const end = at + length;
    if (end > to) return UNUSUAL;
    const form = (entry >> 4) & 7;
    if (form === TEXT) {
      if (!isAscii(at, end) && !isUtf8(at, end)) return UNUSUAL;
    } else if (form === MESSAGE) {
      const inner: usize = entry >> 8;
      if (inner === 0) {
        missing = table;
        missingNumber = number;
        return INCOMPLETE;
      }
      const result = message(inner, at, end, depth + 1);
      if (result !== FINE) return result;
    } else if (form === NAME) {
      if (!isAscii(at, end) && !isUtf8(at, end)) return UNUSUAL;
      const place = NAMES + (entry >> 8);
      store<u32>(place, at);
      store<u32>(place, end, 4);
    } else if (form === JSON_BYTES) {
      if (length > 2 * MAX_JSON_DEPTH && !isFlat(at, end)) return UNUSUAL;
    }
    at = end;
  }
  return FINE;
}

/** Behind a number that ends before `to`; otherwise 0. */
function afterVarint(from: usize, to: usize): usize {
  for (let at = from; at < to; ) if (load<u8>(at++) < 0x80) return at;
  return 0;
}

function isAscii(from: usize, to: usize): bool {
  const length = <i32>(to - from);
  if (length < 16) return (i8x16.bitmask(v128.load(from)) & ((1 << length) - 1)) === 0;
  const last = to - 16;
  for (let at = from; at < last; at += 16) if (i8x16.bitmask(v128.load(at)) !== 0) return false;
  return i8x16.bitmask(v128.load(last)) === 0;
}

function isUtf8(from: usize, to: usize): bool {
  let at = from;
  while (at < to) {
    const first: u32 = load<u8>(at++);
    if (first < 0x80) continue;
    if (first < 0xc2 || first > 0xf4) return false;
    const more: usize = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (at + more > to) return false;
    // Shorter forms, surrogates, and what is beyond U+10FFFF are told by the second byte.
    const second: u32 = load<u8>(at);
    const least: u32 = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const most: u32 = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) return false;
    if (more > 1 && (load<u8>(at, 1) & 0xc0) !== 0x80) return false;
    if (more > 2 && (load<u8>(at, 2) & 0xc0) !== 0x80) return false;
    at += more;
  }
  return true;
}

/** Whether JSON holds so few brackets, also within its strings, that it cannot be nested too deeply. */
function isFlat(from: usize, to: usize): bool {
  let brackets = 0;
  for (let at = from; at < to; at += 16) {
    const bytes = v128.load(at);
    const opening = v128.or(i8x16.eq(bytes, i8x16.splat(0x5b)), i8x16.eq(bytes, i8x16.splat(0x7b)));
    const rest = <i32>(to - at);
    brackets += popcnt(i8x16.bitmask(opening) & (rest < 16 ? (1 << rest) - 1 : 0xffff));
  }
  return brackets <= MAX_JSON_DEPTH;
}
