import { isJsonObject } from '@bowline/apimachinery';
import { quote } from '../go-format.ts';
import { type DuplicateField, type ParsedJson, parseJson as parse } from '../schema/index.ts';

/** A text that is not JSON; the message is that of Go's decoder. */
export class JsonSyntaxError extends Error {}

/** Go reads ten times as many; what walks objects here would need more stack than there is. */
const MOST_LEVELS = 1_000;

/**
 * Reads JSON and says what stands twice in it.
 *
 * @throws {JsonSyntaxError} when the text is not JSON, or nested too deeply.
 */
export function parseJson(text: string): ParsedJson {
  const tooDeep = text.length > MOST_LEVELS ? firstTooDeep(text) : undefined;
  if (tooDeep !== undefined) throw new JsonSyntaxError(`invalid character '${tooDeep}' exceeded max depth`);
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Go refuses the same texts, so this throws, with Go's words.
    new Checker(text).document();
    throw new JsonSyntaxError(error.message);
  }
}

const OBJECT = 0x7b;
const OBJECT_END = 0x7d;
const ARRAY = 0x5b;
const ARRAY_END = 0x5d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The first bracket that is too many, also of what is no JSON. Those within strings do not count. */
function firstTooDeep(text: string): string | undefined {
  let levels = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === OBJECT || code === ARRAY) {
      if (++levels > MOST_LEVELS) return text[at];
    } else if (code === OBJECT_END || code === ARRAY_END) levels--;
    else if (code === QUOTE) {
      at++;
      while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
    }
  }
  return undefined;
}

/** What stands twice in a document of any type: `duplicate field "data.a"`, in the order in which it stands there. */
export function duplicateErrors(value: unknown, duplicates: ReadonlyMap<object, readonly DuplicateField[]>): string[] {
  const found: string[] = [];
  if (duplicates.size > 0) collect(value, '', duplicates, found);
  return found;
}

function collect(
  value: unknown,
  path: string,
  duplicates: ReadonlyMap<object, readonly DuplicateField[]>,
  found: string[],
): void {
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) collect(element, `${path}[${index}]`, duplicates, found);
  } else if (isJsonObject(value)) {
    const own = duplicates.get(value) ?? [];
    let position = 0;
    for (const [name, member] of Object.entries(value)) {
      collect(member, path === '' ? name : `${path}.${name}`, duplicates, found);
      position++;
      for (const { name: twice, after } of own) {
        if (after === position)
          found.push(`duplicate field ${JSON.stringify(path === '' ? twice : `${path}.${twice}`)}`);
      }
    }
  }
}

/** Finds out why a text is not JSON, and says it as Go does. @see Go encoding/json/scanner.go */
class Checker {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value();
    this.#space();
    if (this.#position < this.#text.length) throw this.#unexpected('after top-level value');
  }

  /** The character that comes next; empty at the end. A method, because it changes while nobody assigns. */
  #peek(): string {
    return this.#text[this.#position] ?? '';
  }

  #space(): void {
    while (/[ \t\r\n]/.test(this.#peek())) this.#position++;
  }

  #unexpected(where: string): JsonSyntaxError {
    const character = this.#text.slice(this.#position)[Symbol.iterator]().next().value;
    if (character === undefined) return new JsonSyntaxError('unexpected end of JSON input');
    return new JsonSyntaxError(`invalid character ${quotedCharacter(character)} ${where}`);
  }

  #value(): void {
    this.#space();
    const character = this.#peek();
    if (character === '{') this.#container('}', () => this.#member(), 'after object key:value pair');
    else if (character === '[') this.#container(']', () => this.#value(), 'after array element');
    else if (character === '"') this.#string();
    else if (character === 't') this.#literal('true');
    else if (character === 'f') this.#literal('false');
    else if (character === 'n') this.#literal('null');
    else if (/[-0-9]/.test(character)) this.#number();
    else throw this.#unexpected('looking for beginning of value');
  }

  #container(end: string, element: () => void, after: string): void {
    this.#position++;
    this.#space();
    if (this.#peek() === end) {
      this.#position++;
      return;
    }
    for (;;) {
      element();
      this.#space();
      const next = this.#peek();
      if (next !== ',' && next !== end) throw this.#unexpected(after);
      this.#position++;
      if (next === end) return;
    }
  }

  #member(): void {
    this.#space();
    if (this.#peek() !== '"') throw this.#unexpected('looking for beginning of object key string');
    this.#string();
    this.#space();
    if (this.#peek() !== ':') throw this.#unexpected('after object key');
    this.#position++;
    this.#value();
  }

  #string(): void {
    this.#position++;
    for (;;) {
      const character = this.#peek();
      if (character < ' ') throw this.#unexpected('in string literal');
      this.#position++;
      if (character === '"') return;
      if (character !== '\\') continue;
      const escaped = this.#peek();
      if (escaped === '' || !'bfnrt\\/"u'.includes(escaped)) throw this.#unexpected('in string escape code');
      this.#position++;
      if (escaped !== 'u') continue;
      for (let digit = 0; digit < 4; digit++, this.#position++) {
        if (!/[0-9a-fA-F]/.test(this.#peek())) throw this.#unexpected('in \\u hexadecimal character escape');
      }
    }
  }

  #literal(word: string): void {
    for (let index = 1; index < word.length; index++) {
      this.#position++;
      if (this.#peek() !== word[index]) {
        throw this.#unexpected(`in literal ${word} (expecting '${word[index]}')`);
      }
    }
    this.#position++;
  }

  #number(): void {
    if (this.#peek() === '-') {
      this.#position++;
      if (!/[0-9]/.test(this.#peek())) throw this.#unexpected('in numeric literal');
    }
    if (this.#peek() === '0') this.#position++;
    else this.#digits();
    if (this.#peek() === '.') {
      this.#position++;
      if (!/[0-9]/.test(this.#peek())) throw this.#unexpected('after decimal point in numeric literal');
      this.#digits();
    }
    if (/[eE]/.test(this.#peek())) {
      this.#position++;
      if (/[-+]/.test(this.#peek())) this.#position++;
      if (!/[0-9]/.test(this.#peek())) throw this.#unexpected('in exponent of numeric literal');
      this.#digits();
    }
  }

  #digits(): void {
    while (/[0-9]/.test(this.#peek())) this.#position++;
  }
}

/** Go looks at bytes, so of a character beyond ASCII it shows the first one. */
function quotedCharacter(character: string): string {
  if (character === "'") return `'\\''`;
  if (character === '"') return `'"'`;
  const shown = character < '\x80' ? character : String.fromCharCode(Buffer.from(character)[0] ?? 0);
  return `'${quote(shown).slice(1, -1)}'`;
}
