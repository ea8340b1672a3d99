import { SplitError } from './split-error.ts';

/** Bytes that are not JSON. */
export class JsonSyntaxError extends SplitError {
  override readonly name = 'JsonSyntaxError';
}

export const QUOTE = 0x22;
export const COMMA = 0x2c;
const MINUS = 0x2d;
export const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** Longer numbers are nobody's, and longer keys none that a scanner looks for. */
export const LONGEST_TOKEN = 4096;

export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

export function unexpected(byte: number, offset: number): JsonSyntaxError {
  const shown =
    byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16).padStart(2, '0')}`;
  return new JsonSyntaxError(`Unexpected ${shown}`, offset);
}

/**
 * The length of the escape sequence at `window[i]`, or 0 when the window ends within it.
 *
 * @throws {JsonSyntaxError}
 */
export function escapeLength(window: Uint8Array, i: number, end: number, base: number): number {
  if (i + 1 >= end) return 0;
  const kind = window[i + 1] as number;
  switch (kind) {
    case 0x22: // "
    case 0x5c: // \
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return 2;
    case 0x75: // u
      for (let k = 2; k < 6; k++) {
        if (i + k >= end) return 0;
        const digit = window[i + k] as number;
        if (!isHexDigit(digit)) throw unexpected(digit, base + i + k);
      }
      return 6;
    default:
      throw unexpected(kind, base + i + 1);
  }
}

/**
 * Index behind the quote that ends a string; `end` where the window ends before, or there is a control character.
 * Four bytes a turn take two thirds of the time that one takes.
 */
export function ordinaryStringEnd(window: Uint8Array, from: number, end: number, base: number): number {
  const last = end - 4;
  let i = from;
  for (;;) {
    while (i <= last) {
      if (isSpecial(window[i] as number)) break;
      if (isSpecial(window[i + 1] as number)) {
        i++;
        break;
      }
      if (isSpecial(window[i + 2] as number)) {
        i += 2;
        break;
      }
      if (isSpecial(window[i + 3] as number)) {
        i += 3;
        break;
      }
      i += 4;
    }
    if (i >= end) return end;
    const c = window[i++] as number;
    if (c === QUOTE) return i;
    if (c === BACKSLASH) {
      if (i < end && isShortEscape[window[i] as number]) i++;
      else {
        const length = escapeLength(window, i - 1, end, base);
        if (length === 0) return end;
        i += length - 1;
      }
    } else if (c < 0x20) return end;
  }
}

/** Whether a byte in a string may be more than itself. */
function isSpecial(byte: number): boolean {
  return byte <= QUOTE || byte === BACKSLASH;
}

const isShortEscape: Uint8Array = new Uint8Array(256);
for (const byte of Buffer.from('"\\/bfnrt')) isShortEscape[byte] = 1;

/**
 * The length of the number, `true`, `false` or `null` at `window[i]`, or 0 when the window ends within it or right behind it,
 * so that it may go on.
 *
 * @throws {JsonSyntaxError}
 */
export function scalarLength(window: Uint8Array, i: number, end: number, base: number): number {
  switch (window[i]) {
    case 0x74:
      return literalLength(window, i, end, base, 'true');
    case 0x66:
      return literalLength(window, i, end, base, 'false');
    case 0x6e:
      return literalLength(window, i, end, base, 'null');
    default:
      return numberLength(window, i, end, base);
  }
}

function literalLength(window: Uint8Array, i: number, end: number, base: number, literal: string): number {
  for (let k = 1; k < literal.length; k++) {
    if (i + k >= end) return 0;
    const byte = window[i + k] as number;
    if (byte !== literal.charCodeAt(k)) throw unexpected(byte, base + i + k);
  }
  return i + literal.length < end ? literal.length : 0;
}

function numberLength(window: Uint8Array, i: number, end: number, base: number): number {
  let k = i;
  if (window[k] === MINUS) k++;
  if (k >= end) return 0;
  if (window[k] === 0x30) k++;
  else {
    k = digits(window, k, end, base);
    if (k < 0) return 0;
  }
  if (k < end && window[k] === 0x2e) {
    k = digits(window, k + 1, end, base);
    if (k < 0) return 0;
  }
  if (k < end && ((window[k] as number) | 0x20) === 0x65) {
    k++;
    if (k < end && (window[k] === 0x2b || window[k] === MINUS)) k++;
    k = digits(window, k, end, base);
    if (k < 0) return 0;
  }
  return k < end ? k - i : 0;
}

/** Where the digits that must begin at `k` end; -1 when the window ends before the first. */
function digits(window: Uint8Array, k: number, end: number, base: number): number {
  if (k >= end) return -1;
  const first = window[k] as number;
  if (first < 0x30 || first > 0x39) throw unexpected(first, base + k);
  let next = k + 1;
  while (next < end && (window[next] as number) >= 0x30 && (window[next] as number) <= 0x39) next++;
  return next;
}

function isHexDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46);
}
