// Scans one item of JSON as strictly as `JsonScanner`, whose doc comment says what is found out. Whatever is out of the ordinary (broken,
// too deep, keys with escape sequences or of one name, too many of them) is left to it: `scanItem` then gives 0.

const QUOTE: u32 = 0x22;
const COMMA: u32 = 0x2c;
const MINUS: u32 = 0x2d;
const COLON: u32 = 0x3a;
const BACKSLASH: u32 = 0x5c;
const OPEN_OBJECT: u32 = 0x7b;
const CLOSE_OBJECT: u32 = 0x7d;
const SPACE: u32 = 0x20;
/** What a bracket lacks to be a brace. */
const BRACE: u32 = 0x20;
/** From a bracket that opens to the one that closes. */
const TO_CLOSE: u32 = 2;

/** Nesting beyond this is left to TypeScript. */
const DEEPEST: u32 = 512;
const MOST_MEMBERS: u32 = 32;
const FIELDS: usize = 8;
const OTHER: u32 = 0;
const NAME: u32 = 1;
const NAMESPACE: u32 = 2;
const UID: u32 = 3;
const RESOURCE_VERSION: u32 = 4;
const KIND: u32 = 5;
const API_VERSION: u32 = 6;
const METADATA: u32 = 7;

const NUMBER: usize = sizeof<u32>();
const PLACE: usize = 4 * NUMBER;

// What `result` says, in numbers of 32 bits.
const TOP_MEMBERS: usize = 0;
const METADATA_MEMBERS: usize = 1 * NUMBER;
const IS_COMPACT: usize = 2 * NUMBER;
const IS_ASCII: usize = 3 * NUMBER;
/** A bit for each field whose string holds escape sequences. */
const ESCAPED: usize = 4 * NUMBER;
/** For each field, where its string begins and ends, without the quotes; a beginning of 0 means that there is none. */
const SPANS: usize = 5 * NUMBER;
const PLACES: usize = SPANS + 2 * FIELDS * NUMBER;
/** Where the members of `metadata` are kept until the number of the others is known. */
const METADATA_PLACES: usize = PLACES + <usize>MOST_MEMBERS * PLACE;

const found: usize = memory.data(<i32>(METADATA_PLACES + <usize>MOST_MEMBERS * PLACE), 16);
/** One byte for each open container: the bracket that closes it. */
const stack: usize = memory.data(<i32>DEEPEST + 1, 16);
/** Of the keys on top, then of those in `metadata`. */
const hashes: usize = memory.data(2 * <i32>MOST_MEMBERS * sizeof<u64>(), 16);

/** Where the item begins. */
let itemStart: usize = 0;
let deepest: usize = 0;
let isCompact: u32 = 1;
/** Where the first byte stands that JSON cannot have there; 0 when that is not known. */
let stop: usize = 0;

/** Behind the first page are the masks, behind those the bytes: there is room for 1 MiB, without its last block. */
const FIRST_MASK: usize = 0x10000;
const FIRST_BYTE: usize = 0x30000;
const BLOCK: usize = 64;
/** A bit for each byte: where a byte stands at `p`, its mask does at `p / 8`, and this further. */
const MASKS: usize = FIRST_MASK - (FIRST_BYTE >> 3);

/** Whether all bytes are ASCII. */
let isWindowAscii: bool = false;

/** Where bytes go that are to be scanned. */
export function firstByte(): usize {
  return FIRST_BYTE;
}

/**
 * To be called when bytes have been put there: finds out which of them are more than themselves in a string. Behind them there must be
 * 128 that are 0, so that nothing runs on.
 */
export function prepare(end: usize): void {
  let all = i8x16.splat(0);
  for (let p = FIRST_BYTE; p < end + BLOCK; p += BLOCK) {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    all = v128.or(all, v128.or(v128.or(a, b), v128.or(c, d)));
    store<u64>(p >> 3, special(a) | (special(b) << 16) | (special(c) << 32) | (special(d) << 48), MASKS);
  }
  isWindowAscii = i8x16.bitmask(all) == 0;
}

/** Where `scanItem` leaves what it finds. */
export function result(): usize {
  return found;
}

/**
 * Scans the object that begins at `from`.
 *
 * @param maxDepth How many containers may be open, the item included.
 * @returns how many bytes the object has; -1 when it does not end before `end`, but may end behind; 0 when it is left to TypeScript.
 */
export function scanItem(from: usize, end: usize, maxDepth: u32): isize {
  itemStart = from;
  stop = 0;
  deepest = stack + <usize>min(maxDepth, DEEPEST);
  isCompact = 1;
  for (let at: usize = 0; at < PLACES; at += NUMBER) store<u32>(found + at, 0);
  const to = membersEnd(from, true);
  if (to == 0) return stop < end ? 0 : -1;
  if (to > end) return -1;
  const top = <usize>load<u32>(found + TOP_MEMBERS);
  const inner = <usize>load<u32>(found + METADATA_MEMBERS) * PLACE;
  for (let at: usize = 0; at < inner; at += PLACE) {
    v128.store(found + top * PLACE + at, v128.load(found + at, METADATA_PLACES), PLACES);
  }
  store<u32>(found + IS_COMPACT, isCompact);
  store<u32>(found + IS_ASCII, <u32>(isWindowAscii || isAscii(from, to)));
  return <isize>(to - from);
}

/** The grammar ends at `p`. */
function stopped(p: usize): usize {
  stop = p;
  return 0;
}

/** Behind the item, or its `metadata`, whose members are looked at; 0 as with `scanItem`. */
function membersEnd(from: usize, isTop: bool): usize {
  const start = itemStart;
  const around = stack + <usize>!isTop;
  if (around >= deepest) return 0;
  let place = found + (isTop ? PLACES : METADATA_PLACES);
  let count: u32 = 0;
  let p = nextByte(from + 1);
  while (true) {
    let c: u32 = load<u8>(p);
    if (c != QUOTE) {
      if (c != CLOSE_OBJECT || count > 0) return stopped(p);
      break;
    }
    const keyFrom = p + 1;
    p = stringEnd(keyFrom);
    if (load<u8>(p) != QUOTE) return load<u8>(p) == BACKSLASH ? 0 : stopped(p);
    if (count == MOST_MEMBERS || isRepeated(keyFrom, p, isTop, count)) return 0;
    const field = isTop ? topField(keyFrom, p) : metadataField(keyFrom, p);
    store<u32>(place, <u32>(keyFrom - start));
    store<u32>(place, <u32>(p - start), NUMBER);
    p = valueStart(p);
    if (p == 0) return 0;
    store<u32>(place, <u32>(p - start), 2 * NUMBER);
    c = load<u8>(p);
    if (c == QUOTE) {
      const valueFrom = p + 1;
      p = stringEnd(valueFrom);
      if (load<u8>(p) != QUOTE) {
        p = escapedStringEnd(p);
        if (p == 0) return 0;
        store<u32>(found, load<u32>(found, ESCAPED) | (1 << field), ESCAPED);
      }
      const span = found + SPANS + <usize>(2 * field) * NUMBER;
      store<u32>(span, <u32>(valueFrom - start));
      store<u32>(span, <u32>(p - start), NUMBER);
      p++;
    } else if (c == OPEN_OBJECT && field == METADATA) p = membersEnd(p, false);
    else if ((c | BRACE) == OPEN_OBJECT) p = containerEnd(p, around + 1, deepest);
    else p = scalarEnd(p, c);
    if (p == 0) return 0;
    store<u32>(place, <u32>(p - start), 3 * NUMBER);
    place += PLACE;
    count++;
    p = nextByte(p);
    c = load<u8>(p);
    if (c == COMMA) p = nextByte(p + 1);
    else if (c == CLOSE_OBJECT) break;
    else return stopped(p);
  }
  store<u32>(found + (isTop ? TOP_MEMBERS : METADATA_MEMBERS), count);
  return p + 1;
}

/** Behind the container that begins at `from`, of which nothing but the grammar is looked at; 0 as with `scanItem`. */
function containerEnd(from: usize, around: usize, deepest: usize): usize {
  let p = from;
  let c: u32 = load<u8>(p);
  let open = around;
  let close: u32 = 0;
  while (true) {
    if (c == QUOTE) {
      p = stringEnd(p + 1);
      if (load<u8>(p) != QUOTE) {
        p = escapedStringEnd(p);
        if (p == 0) return 0;
      }
      p++;
    } else if ((c | BRACE) == OPEN_OBJECT) {
      if (open >= deepest) return 0;
      close = c + TO_CLOSE;
      store<u8>(++open, close);
      p = nextByte(p + 1);
      c = load<u8>(p);
      if (c != close) {
        if (close == CLOSE_OBJECT) {
          p = memberValue(p);
          if (p == 0) return 0;
          c = load<u8>(p);
        }
        continue;
      }
    } else {
      p = scalarEnd(p, c);
      if (p == 0) return 0;
    }

    c = load<u8>(p);
    while (c != COMMA) {
      if (c == close) {
        p++;
        if (--open == around) return p;
        close = load<u8>(open);
      } else {
        const behind = spaceEnd(p);
        if (behind == p) return stopped(p);
        p = behind;
      }
      c = load<u8>(p);
    }
    p = nextByte(p + 1);
    if (close == CLOSE_OBJECT) {
      p = memberValue(p);
      if (p == 0) return 0;
    }
    c = load<u8>(p);
  }
}

/** Where the value begins whose key stands at `from`; 0 when there is no key. */
// @ts-ignore: decorators of functions are AssemblyScript's
@inline
function memberValue(from: usize): usize {
  if (load<u8>(from) != QUOTE) return stopped(from);
  let p = stringEnd(from + 1);
  if (load<u8>(p) != QUOTE) {
    p = escapedStringEnd(p);
    if (p == 0) return 0;
  }
  return valueStart(p);
}

/** Where the value begins whose key ends with the quote at `quote`; 0 when there is no colon. */
// @ts-ignore: decorators of functions are AssemblyScript's
@inline
function valueStart(quote: usize): usize {
  const colon = nextByte(quote + 1);
  return load<u8>(colon) == COLON ? nextByte(colon + 1) : stopped(colon);
}

/** Index of the byte at `p`, or of the first one behind white space. */
// @ts-ignore: decorators of functions are AssemblyScript's
@inline
function nextByte(p: usize): usize {
  return load<u8>(p) > SPACE ? p : spaceEnd(p);
}

/** Index behind the white space at `from`. */
function spaceEnd(from: usize): usize {
  isCompact = 0;
  let p = from;
  while (true) {
    const c = <u32>load<u8>(p);
    if (c != SPACE && c != 0x0a && c != 0x0d && c != 0x09) return p;
    p++;
  }
}

/** Where a string has its first byte that is more than itself: a quote, a backslash, a control character. */
// @ts-ignore: decorators of functions are AssemblyScript's
@inline
function stringEnd(from: usize): usize {
  const bits = load<u64>(from >> 3, MASKS) >> (from & 7);
  return bits != 0 ? from + <usize>ctz(bits) : farStringEnd(from);
}

/** The same, when it is not among the next 57 bytes. */
function farStringEnd(from: usize): usize {
  let p = (from & ~7) + 64;
  while (true) {
    const bits = load<u64>(p >> 3, MASKS);
    if (bits != 0) return p + <usize>ctz(bits);
    p += 64;
  }
}

// @ts-ignore: decorators of functions are AssemblyScript's
@inline
function special(bytes: v128): u64 {
  // A quote without the bit that a space lacks is a space: the first of the bytes that are not special.
  const isQuoteOrControl = i8x16.le_u(v128.xor(bytes, i8x16.splat(0x02)), i8x16.splat(0x20));
  return <u64>i8x16.bitmask(v128.or(isQuoteOrControl, i8x16.eq(bytes, i8x16.splat(0x5c))));
}

/** The quote that ends a string, from its first backslash on; 0 when the string is broken. */
function escapedStringEnd(from: usize): usize {
  let p = from;
  while (load<u8>(p) == BACKSLASH) {
    const kind: u32 = load<u8>(p + 1);
    if (kind == 0x75) {
      for (let k: usize = 2; k < 6; k++) if (!isHexDigit(load<u8>(p + k))) return stopped(p + k);
      p += 6;
    } else {
      if (!isShortEscape(kind)) return stopped(p + 1);
      p += 2;
    }
    p = stringEnd(p);
  }
  return load<u8>(p) == QUOTE ? p : stopped(p);
}

function isShortEscape(kind: u32): bool {
  if (kind == QUOTE || kind == BACKSLASH || kind == 0x6e) return true;
  return kind == 0x2f || kind == 0x62 || kind == 0x66 || kind == 0x72 || kind == 0x74;
}

function isHexDigit(byte: u32): bool {
  return isDigit(byte) || (byte | 0x20) - 0x61 <= 5;
}

// @ts-ignore: decorators of functions are AssemblyScript's
@inline
function isDigit(byte: u32): bool {
  return byte - 0x30 <= 9;
}

/** Index behind a number, `true`, `false` or `null`; 0 when it is none. */
function scalarEnd(from: usize, first: u32): usize {
  if (first == 0x74) return literalEnd(from, 0x65757274);
  if (first == 0x66) return literalEnd(from + 1, 0x65736c61);
  if (first == 0x6e) return literalEnd(from, 0x6c6c756e);
  let p = from;
  if (first == MINUS) p++;
  if (load<u8>(p) == 0x30) p++;
  else {
    p = digitsEnd(p);
    if (p == 0) return 0;
  }
  if (load<u8>(p) == 0x2e) {
    p = digitsEnd(p + 1);
    if (p == 0) return 0;
  }
  if ((<u32>load<u8>(p) | 0x20) == 0x65) {
    p++;
    const sign: u32 = load<u8>(p);
    if (sign == 0x2b || sign == MINUS) p++;
    p = digitsEnd(p);
  }
  return p;
}

/** Behind the four bytes of a literal. */
function literalEnd(from: usize, bytes: u32): usize {
  const difference = load<u32>(from) ^ bytes;
  return difference == 0 ? from + 4 : stopped(from + <usize>(ctz(difference) >> 3));
}

/** Where the digits at `from` end; 0 when there is none. */
// @ts-ignore: decorators of functions are AssemblyScript's
@inline
function digitsEnd(from: usize): usize {
  let p = from;
  while (isDigit(load<u8>(p))) p++;
  return p == from ? stopped(p) : p;
}

/** Remembers a key by its length, its first and its last bytes. Different keys may look the same, but equal ones never look different. */
function isRepeated(from: usize, to: usize, isTop: bool, index: u32): bool {
  const length = <u64>(to - from);
  let hash = load<u64>(from);
  if (length >= 8) hash = length * 0x9e3779b97f4a7c15 + hash * 0xc2b2ae3d27d4eb4f + load<u64>(to - 8);
  else hash = (length << 56) | (hash & (((<u64>1) << (length * 8)) - 1));
  const first = hashes + (isTop ? 0 : <usize>MOST_MEMBERS * sizeof<u64>());
  const own = first + <usize>index * sizeof<u64>();
  for (let each = first; each < own; each += sizeof<u64>()) if (load<u64>(each) == hash) return true;
  store<u64>(own, hash);
  return false;
}

function topField(from: usize, to: usize): u32 {
  const length = to - from;
  if (length == 4) return load<u32>(from) == 0x646e696b ? KIND : OTHER;
  if (length == 8) return load<u64>(from) == 0x617461646174656d ? METADATA : OTHER;
  if (length == 10) return load<u64>(from) == 0x6973726556697061 && load<u16>(from + 8) == 0x6e6f ? API_VERSION : OTHER;
  return OTHER;
}

function metadataField(from: usize, to: usize): u32 {
  const length = to - from;
  if (length == 3) return load<u16>(from) == 0x6975 && load<u8>(from + 2) == 0x64 ? UID : OTHER;
  if (length == 4) return load<u32>(from) == 0x656d616e ? NAME : OTHER;
  if (length == 9) return load<u64>(from) == 0x63617073656d616e && load<u8>(from + 8) == 0x65 ? NAMESPACE : OTHER;
  if (length == 15) {
    return load<u64>(from) == 0x656372756f736572 && load<u64>(from + 7) == 0x6e6f697372655665 ? RESOURCE_VERSION : OTHER;
  }
  return OTHER;
}

function isAscii(from: usize, to: usize): bool {
  let all = i8x16.splat(0);
  let p = from;
  for (; p + 16 <= to; p += 16) all = v128.or(all, v128.load(p));
  let rest: u32 = 0;
  for (; p < to; p++) rest |= load<u8>(p);
  return i8x16.bitmask(all) == 0 && rest < 0x80;
}
