// Scans one item of JSON as strictly as `JsonScanner`, whose doc comment says what is found out. Whatever is out of the ordinary (broken,
// cut off, too deep, keys with escape sequences or of one name) is left to it: `scanItem` then gives 0.

const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const MINUS: u8 = 0x2d;
const COLON: u8 = 0x3a;
const BACKSLASH: u8 = 0x5c;
const OPEN_OBJECT: u8 = 0x7b;
const CLOSE_OBJECT: u8 = 0x7d;
const CLOSE_ARRAY: u8 = 0x5d;
/** What a bracket lacks to be a brace. */
const BRACE: u8 = 0x20;
/** From a bracket that opens to the one that closes. */
const TO_CLOSE: u8 = 2;

/** Nesting beyond this is left to TypeScript. */
const DEEPEST: i32 = 512;
const MOST_MEMBERS: i32 = 32;
const FIELDS: i32 = 8;
const NAME: i32 = 1;
const NAMESPACE: i32 = 2;
const UID: i32 = 3;
const RESOURCE_VERSION: i32 = 4;
const KIND: i32 = 5;
const API_VERSION: i32 = 6;
const METADATA: i32 = 7;
const OTHER: i32 = 0;

const NUMBER: usize = sizeof<i32>();
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
const PLACES: usize = SPANS + <usize>(2 * FIELDS) * NUMBER;
/** Where the members of `metadata` are kept until the number of the others is known. */
const METADATA_PLACES: usize = PLACES + <usize>MOST_MEMBERS * PLACE;

const found: usize = memory.data(METADATA_PLACES + <usize>MOST_MEMBERS * PLACE, 16);
/** One byte for each open container: the bracket that closes it. */
const stack: usize = memory.data(DEEPEST + 1, 16);
/** Of the keys on top, then of those in `metadata`. */
const hashes: usize = memory.data(2 * MOST_MEMBERS * sizeof<u64>(), 16);

/** Where `scanItem` leaves what it finds. */
export function result(): usize {
  return found;
}

/**
 * Scans the object that begins at `from`. Behind the last byte there must be 16 that are 0, so that nothing runs on.
 *
 * @param maxDepth How many containers may be open, the item included.
 * @returns how many bytes the object has; 0 when it is left to TypeScript.
 */
export function scanItem(from: usize, end: usize, maxDepth: i32): usize {
  const deepest = min(maxDepth, DEEPEST);
  memory.fill(found, 0, PLACES);
  let compact = true;
  let top = 0;
  let inner = 0;
  /** The place of the last member on top, and of the last one in `metadata`. */
  let topPlace = found + PLACES - PLACE;
  let innerPlace = found + METADATA_PLACES - PLACE;
  let inMetadata = false;
  let field = OTHER;
  let depth = 1;
  let close = CLOSE_OBJECT;
  if (depth > deepest) return 0;
  store<u8>(stack + 1, close);
  let p = from + 1;
  let c = load<u8>(p);
  if (c <= 0x20) {
    compact = false;
    p = spaceEnd(p);
    c = load<u8>(p);
  }
  let isEmpty = c == CLOSE_OBJECT;

  while (true) {
    let isOpened = false;
    if (!isEmpty) {
      if (close == CLOSE_OBJECT) {
        if (c != QUOTE) return 0;
        const keyFrom = p + 1;
        p = stringEnd(keyFrom);
        if (depth <= 2 && (depth == 1 || inMetadata)) {
          if (load<u8>(p) != QUOTE) return 0;
          const isTop = depth == 1;
          const index = isTop ? top++ : inner++;
          if (index >= MOST_MEMBERS || isRepeated(keyFrom, p, isTop, index)) return 0;
          field = isTop ? topField(keyFrom, p) : metadataField(keyFrom, p);
          let place: usize;
          if (isTop) place = topPlace += PLACE;
          else place = innerPlace += PLACE;
          store<u32>(place, <u32>(keyFrom - from));
          store<u32>(place + NUMBER, <u32>(p - from));
        }
        if (load<u16>(p) == ((<u16>COLON) << 8 | QUOTE)) p += 2;
        else {
          if (load<u8>(p) == BACKSLASH) {
            p = escapedStringEnd(p);
            if (p == 0) return 0;
          }
          if (load<u8>(p) != QUOTE) return 0;
          p++;
          if (load<u8>(p) <= 0x20) {
            compact = false;
            p = spaceEnd(p);
          }
          if (load<u8>(p) != COLON) return 0;
          p++;
        }
        c = load<u8>(p);
        if (c <= 0x20) {
          compact = false;
          p = spaceEnd(p);
          c = load<u8>(p);
        }
      }

      if (depth <= 2) {
        if (depth == 1) store<u32>(topPlace + 2 * NUMBER, <u32>(p - from));
        else if (inMetadata) store<u32>(innerPlace + 2 * NUMBER, <u32>(p - from));
      }
      if (c == QUOTE) {
        const valueFrom = p + 1;
        p = stringEnd(valueFrom);
        if (load<u8>(p) == BACKSLASH) {
          p = escapedStringEnd(p);
          if (p == 0) return 0;
          if (field != OTHER) store<u32>(found + ESCAPED, load<u32>(found + ESCAPED) | (1 << field));
        }
        if (load<u8>(p) != QUOTE) return 0;
        if (field != OTHER) {
          const span = found + SPANS + <usize>(2 * field) * NUMBER;
          store<u32>(span, <u32>(valueFrom - from));
          store<u32>(span + NUMBER, <u32>(p - from));
          field = OTHER;
        }
        p++;
      } else if ((c | BRACE) == OPEN_OBJECT) {
        const closing = c + TO_CLOSE;
        if (depth == 1) inMetadata = field == METADATA && c == OPEN_OBJECT;
        field = OTHER;
        if (depth >= deepest) return 0;
        p++;
        c = load<u8>(p);
        if (c <= 0x20) {
          compact = false;
          p = spaceEnd(p);
          c = load<u8>(p);
        }
        if (c == closing) p++;
        else {
          depth++;
          close = closing;
          store<u8>(stack + depth, close);
          isOpened = true;
        }
      } else {
        p = scalarEnd(p, c);
        if (p == 0) return 0;
        field = OTHER;
      }
      if (isOpened) continue;
      if (depth <= 2) {
        if (depth == 1) store<u32>(topPlace + 3 * NUMBER, <u32>(p - from));
        else if (inMetadata) store<u32>(innerPlace + 3 * NUMBER, <u32>(p - from));
      }
      c = load<u8>(p);
    }
    isEmpty = false;

    while (true) {
      if (c == COMMA) break;
      if (c == close) {
        p++;
        depth--;
        if (depth <= 1) {
          if (depth == 0) {
            if (p > end) return 0;
            finish(from, p, top, inner, compact);
            return p - from;
          }
          store<u32>(topPlace + 3 * NUMBER, <u32>(p - from));
          inMetadata = false;
        } else if (depth == 2 && inMetadata) store<u32>(innerPlace + 3 * NUMBER, <u32>(p - from));
        close = load<u8>(stack + depth);
      } else {
        if (c > 0x20) return 0;
        compact = false;
        const behind = spaceEnd(p);
        if (behind == p) return 0;
        p = behind;
      }
      c = load<u8>(p);
    }
    p++;
    c = load<u8>(p);
    if (c <= 0x20) {
      compact = false;
      p = spaceEnd(p);
      c = load<u8>(p);
    }
  }
}

function finish(from: usize, to: usize, top: i32, inner: i32, compact: bool): void {
  memory.copy(found + PLACES + <usize>top * PLACE, found + METADATA_PLACES, <usize>inner * PLACE);
  store<i32>(found + TOP_MEMBERS, top);
  store<i32>(found + METADATA_MEMBERS, inner);
  store<i32>(found + IS_COMPACT, <i32>compact);
  store<i32>(found + IS_ASCII, <i32>isAscii(from, to));
}

/** Where a string has its first byte that is more than itself: a quote, a backslash, a control character. */
// @ts-ignore: decorators of functions are AssemblyScript's
@inline
function stringEnd(from: usize): usize {
  let p = from;
  while (true) {
    const bytes = v128.load(p);
    const isSpecial = v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(BACKSLASH))),
      i8x16.le_u(bytes, i8x16.splat(0x1f)),
    );
    const bits = i8x16.bitmask(isSpecial);
    if (bits != 0) return p + ctz(bits);
    p += 16;
  }
}

/** The same from a backslash on, behind all escape sequences; 0 when one of them is broken. */
function escapedStringEnd(from: usize): usize {
  let p = from;
  do {
    const kind = load<u8>(p + 1);
    if (kind == 0x75) {
      for (let k: usize = 2; k < 6; k++) if (!isHexDigit(load<u8>(p + k))) return 0;
      p += 6;
    } else {
      if (!isShortEscape(kind)) return 0;
      p += 2;
    }
    p = stringEnd(p);
  } while (load<u8>(p) == BACKSLASH);
  return p;
}

// @ts-ignore: decorators of functions are AssemblyScript's
@inline
function isShortEscape(kind: u8): bool {
  if (kind == QUOTE || kind == BACKSLASH || kind == 0x6e) return true;
  return kind == 0x2f || kind == 0x62 || kind == 0x66 || kind == 0x72 || kind == 0x74;
}

function isHexDigit(byte: u8): bool {
  const letter = byte | 0x20;
  return isDigit(byte) || (letter >= 0x61 && letter <= 0x66);
}

// @ts-ignore: decorators of functions are AssemblyScript's
@inline
function isDigit(byte: u8): bool {
  return <u8>(byte - 0x30) <= 9;
}

/** Index behind the white space at `p`. */
function spaceEnd(from: usize): usize {
  let p = from;
  while (true) {
    const c = load<u8>(p);
    if (c != 0x20 && c != 0x0a && c != 0x0d && c != 0x09) return p;
    p++;
  }
}

/** Index behind a number, `true`, `false` or `null`; 0 when it is none. */
function scalarEnd(from: usize, first: u8): usize {
  if (first == 0x74) return load<u32>(from) == 0x65757274 ? from + 4 : 0;
  if (first == 0x66) return load<u32>(from + 1) == 0x65736c61 ? from + 5 : 0;
  if (first == 0x6e) return load<u32>(from) == 0x6c6c756e ? from + 4 : 0;
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
  if ((load<u8>(p) | 0x20) == 0x65) {
    p++;
    const sign = load<u8>(p);
    if (sign == 0x2b || sign == MINUS) p++;
    p = digitsEnd(p);
  }
  return p;
}

/** Where the digits at `from` end; 0 when there is none. */
// @ts-ignore: decorators of functions are AssemblyScript's
@inline
function digitsEnd(from: usize): usize {
  let p = from;
  while (isDigit(load<u8>(p))) p++;
  return p == from ? 0 : p;
}

/** Remembers a key by its length, its first and its last bytes. Different keys may look the same, but equal ones never look different. */
function isRepeated(from: usize, to: usize, isTop: bool, index: i32): bool {
  const length = to - from;
  let hash: u64 = length;
  if (length >= 8) hash = hash * 0x9e3779b97f4a7c15 + load<u64>(from) * 0xc2b2ae3d27d4eb4f + load<u64>(to - 8);
  else hash = hash << 56 | (load<u64>(from) & ((<u64>1 << (<u64>length * 8)) - 1));
  const first = hashes + (isTop ? 0 : <usize>MOST_MEMBERS * sizeof<u64>());
  const own = first + <usize>index * sizeof<u64>();
  for (let each = first; each < own; each += sizeof<u64>()) if (load<u64>(each) == hash) return true;
  store<u64>(own, hash);
  return false;
}

function topField(from: usize, to: usize): i32 {
  const length = to - from;
  if (length == 4) return load<u32>(from) == 0x646e696b ? KIND : OTHER;
  if (length == 8) return load<u64>(from) == 0x617461646174656d ? METADATA : OTHER;
  if (length == 10) return load<u64>(from) == 0x6973726556697061 && load<u16>(from + 8) == 0x6e6f ? API_VERSION : OTHER;
  return OTHER;
}

function metadataField(from: usize, to: usize): i32 {
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
  let rest: u8 = 0;
  for (; p < to; p++) rest |= load<u8>(p);
  return i8x16.bitmask(all) == 0 && rest < 0x80;
}
