/** Of how many words of 32 bits a uid is, and a resource version. */
export const UID_WORDS = 4;
export const VERSION_WORDS = 2;

const WORD = 2 ** 32;
/** What fewer digits say is a safe integer. */
const MOST_DIGITS = 15;

/** Written as `8-4-4-4-12` hexadecimal digits: a uid as API servers make it. */
const UID_LENGTH = 36;
const DASHES = [8, 13, 18, 23] as const;
const ZERO = 48;
const DASH = 45;
const digits = '0123456789abcdef';
/** By character: what it is worth as a hexadecimal digit, or -1. */
const worth: Int8Array = Int8Array.from({ length: 128 }, (_, code) => digits.indexOf(String.fromCharCode(code)));
/** Where groups of four digits begin in a uid; two of them are a word. */
const groups = [0, 4, 9, 14, 19, 24, 28, 32] as const;
const digitCodes: Uint8Array = Uint8Array.from(digits, (digit) => digit.charCodeAt(0));
const uidText: Buffer = Buffer.alloc(UID_LENGTH, '-');

/** Characters of a text, or bytes of ASCII. */
type Codes = Uint16Array | Uint8Array;

const shortText: Uint16Array = new Uint16Array(UID_LENGTH);

/** The first of a text. Good until the next call. */
function codesOf(text: string): Codes {
  const length = Math.min(text.length, UID_LENGTH);
  for (let i = 0; i < length; i++) shortText[i] = text.charCodeAt(i);
  return shortText;
}

export function writeUidText(words: Int32Array, at: number, uid: string): boolean {
  return writeUid(words, at, codesOf(uid), 0, uid.length);
}

/** A uid as a server makes it. @returns false for one that a reader would not get back. */
export function writeUid(words: Int32Array, at: number, codes: Codes, start: number, end: number): boolean {
  if (end - start !== UID_LENGTH) return false;
  for (const dash of DASHES) if (codes[start + dash] !== DASH) return false;
  let isOther = 0;
  for (let word = 0; word < UID_WORDS; word++) {
    const high = fourDigits(codes, start + (groups[2 * word] as number));
    const low = fourDigits(codes, start + (groups[2 * word + 1] as number));
    isOther |= high | low;
    words[at + word] = (high << 16) | low;
  }
  return isOther >= 0;
}

/** @returns less than 0 when there is something else. */
function fourDigits(codes: Codes, at: number): number {
  return (
    (worthAt(codes, at) << 12) | (worthAt(codes, at + 1) << 8) | (worthAt(codes, at + 2) << 4) | worthAt(codes, at + 3)
  );
}

function worthAt(codes: Codes, at: number): number {
  const code = codes[at] as number;
  return code < worth.length ? (worth[code] as number) : -1;
}

export function readUid(words: Int32Array, at: number): string {
  for (let group = 0; group < groups.length; group++) {
    const word = words[at + (group >> 1)] as number;
    const from = groups[group] as number;
    const shift = group % 2 === 0 ? 28 : 12;
    for (let digit = 0; digit < 4; digit++) {
      uidText[from + digit] = digitCodes[(word >> (shift - 4 * digit)) & 15] as number;
    }
  }
  return uidText.toString('latin1');
}

export function writeVersionText(words: Int32Array, at: number, version: string): boolean {
  return writeVersion(words, at, codesOf(version), 0, version.length);
}

/** A number without zeros in front. @returns false for one that a reader would not get back. */
export function writeVersion(words: Int32Array, at: number, codes: Codes, start: number, end: number): boolean {
  if (start === end || end - start > MOST_DIGITS || codes[start] === ZERO) return false;
  let number = 0;
  for (let i = start; i < end; i++) {
    const digit = (codes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return false;
    number = number * 10 + digit;
  }
  words[at] = number % WORD;
  words[at + 1] = Math.floor(number / WORD);
  return true;
}

export function readVersion(words: Int32Array, at: number): string {
  return String((words[at + 1] as number) * WORD + ((words[at] as number) >>> 0));
}
