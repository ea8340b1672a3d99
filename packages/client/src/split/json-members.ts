import { BACKSLASH, CLOSE_OBJECT, COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './json-tokens.ts';

/** After so many bytes of a string its end is looked for natively, which costs as much as these. */
const LONG_STRING_BYTES = 48;

/** Index behind the quote that ends a string, whose first byte is at `from`. */
function stringEnd(json: Buffer, from: number): number {
  const near = from + LONG_STRING_BYTES;
  let i = from;
  for (;;) {
    const c = json[i++];
    if (c === QUOTE) return i;
    if (c === BACKSLASH) i++;
    else if (i >= near) return farStringEnd(json, i);
  }
}

/** `from` is not behind half an escape sequence. */
function farStringEnd(json: Buffer, from: number): number {
  for (let at = from; ; ) {
    const quote = json.indexOf(QUOTE, at);
    if (quote < 0) throw unchecked();
    let backslashes = 0;
    while (quote - backslashes > from && json[quote - backslashes - 1] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

/** Index behind the white space at `i`. */
export function spaceEnd(json: Buffer, i: number): number {
  let at = i;
  while ((json[at] as number) <= 0x20) at++;
  return at;
}

/** Index behind the value at `from`. */
export function valueEnd(json: Buffer, from: number): number {
  const first = json[from];
  if (first === QUOTE) return stringEnd(json, from + 1);
  return first === OPEN_OBJECT || first === OPEN_ARRAY ? containerEnd(json, from) : scalarEnd(json, from);
}

function scalarEnd(json: Buffer, from: number): number {
  let i = from;
  for (;;) {
    const c = json[i] ?? 0;
    if (c <= 0x20 || c === COMMA || (c | BRACE) === CLOSE_OBJECT) return i;
    i++;
  }
}

/** What a bracket lacks to be a brace. */
const BRACE = 0x20;

/** Half of all time goes in here, so the loop over strings stands in it once more. */
function containerEnd(json: Buffer, from: number): number {
  const { length } = json;
  let depth = 0;
  let i = from;
  while (i < length) {
    const c = json[i++] as number;
    if (c === QUOTE) {
      const near = i + LONG_STRING_BYTES;
      for (;;) {
        const d = json[i++];
        if (d === QUOTE) break;
        if (d === BACKSLASH) i++;
        else if (i >= near) {
          i = farStringEnd(json, i);
          break;
        }
      }
    } else if ((c | BRACE) === OPEN_OBJECT) depth++;
    else if ((c | BRACE) === CLOSE_OBJECT && --depth === 0) return i;
  }
  throw unchecked();
}

/** Walks through the members of an object whose syntax was checked. Values that nobody asks for are skipped, the last one never. */
export class MemberWalk {
  readonly #json: Buffer;
  /** Behind the last value or the opening bracket; or the start of a value whose end is not known. */
  #at: number;
  #isInValue = false;
  #isFirst = true;
  #isKeyEscaped = false;
  /** Of the key, without its quotes. */
  keyFrom = 0;
  keyTo = 0;
  valueFrom = 0;

  /** @param at Where the object begins. */
  constructor(json: Buffer, at: number) {
    this.#json = json;
    this.#at = at + 1;
  }

  /** Goes to the next member. */
  next(): boolean {
    const json = this.#json;
    let i = spaceEnd(json, this.valueTo);
    if (json[i] === CLOSE_OBJECT) return false;
    if (!this.#isFirst) i = spaceEnd(json, i + 1);
    this.#isFirst = false;
    this.keyFrom = i + 1;
    this.#endKey();
    i = spaceEnd(json, this.keyTo + 1);
    this.valueFrom = spaceEnd(json, i + 1);
    this.#at = this.valueFrom;
    this.#isInValue = true;
    return true;
  }

  /** Behind the member's value. */
  get valueTo(): number {
    if (this.#isInValue) {
      this.#at = valueEnd(this.#json, this.#at);
      this.#isInValue = false;
    }
    return this.#at;
  }

  /** Says where the value ends, so that it is not looked for. */
  endValue(at: number): void {
    this.#at = at;
    this.#isInValue = false;
  }

  /** Whether the member has this name. */
  isNamed({ text, bytes }: JsonName): boolean {
    const json = this.#json;
    const { keyFrom } = this;
    if (this.#isKeyEscaped) return this.name === text;
    if (this.keyTo - keyFrom !== bytes.length) return false;
    for (let k = 0; k < bytes.length; k++) if (json[keyFrom + k] !== bytes[k]) return false;
    return true;
  }

  /** The name itself. */
  get name(): string {
    const { keyFrom, keyTo } = this;
    if (!this.#isKeyEscaped) return this.#json.toString('utf8', keyFrom, keyTo);
    return JSON.parse(this.#json.toString('utf8', keyFrom - 1, keyTo + 1)) as string;
  }

  #endKey(): void {
    const json = this.#json;
    let i = this.keyFrom;
    this.#isKeyEscaped = false;
    for (;;) {
      const c = json[i];
      if (c === QUOTE) break;
      if (c === undefined) throw unchecked();
      if (c === BACKSLASH) this.#isKeyEscaped = true;
      i += c === BACKSLASH ? 2 : 1;
    }
    this.keyTo = i;
  }
}

/** A name, and how it usually stands in JSON. */
export class JsonName {
  readonly text: string;
  readonly bytes: Buffer;

  constructor(text: string) {
    this.text = text;
    const bytes = Buffer.from(text);
    // Half a character has no bytes of its own: it stands as an escape sequence.
    this.bytes = bytes.toString('utf8') === text ? bytes : Buffer.of(0xff);
  }
}

function unchecked(): RangeError {
  return new RangeError('Cannot read JSON: it must be checked before');
}
