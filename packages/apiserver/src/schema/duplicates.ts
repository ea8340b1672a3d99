/** A member that an object of a JSON text has more than once. */
export interface DuplicateField {
  readonly name: string;
  /** How many different members the object had when it appeared again. */
  readonly after: number;
}

/** Parsed JSON with the members that were written twice, of which the last one counts. */
export interface ParsedJson {
  readonly value: unknown;
  /** By the object that holds them. Empty for nearly all texts. */
  readonly duplicates: ReadonlyMap<object, readonly DuplicateField[]>;
}

const none: ReadonlyMap<object, readonly DuplicateField[]> = new Map();

/**
 * Parses JSON and says which members occur twice, which `JSON.parse` hides.
 * Compact texts without duplicates cost one `JSON.stringify`; the others one pass over the text.
 *
 * @throws {SyntaxError} when `text` is no JSON.
 */
export function parseJson(text: string): ParsedJson {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || JSON.stringify(value) === text) {
    return { value, duplicates: none };
  }
  const scanner = new Scanner(text);
  scanner.value(value);
  return { value, duplicates: scanner.duplicates };
}

/** Walks a text that is known to be JSON along its parsed form. */
class Scanner {
  readonly duplicates = new Map<object, DuplicateField[]>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Passes one value, whose parsed form is `parsed`; undefined for what was overwritten. */
  value(parsed: unknown): void {
    // A stack of its own, so that the depth of a text is not bounded by the engine's.
    const open: Frame[] = [];
    let current: unknown = parsed;
    for (;;) {
      this.#space();
      const character = this.#text[this.#at];
      if (character === '{' || character === '[') {
        this.#at++;
        open.push({ parsed: current, array: character === '[', index: 0, names: new Set() });
      } else {
        this.#scalar(character);
      }
      const next = this.#next(open);
      if (next === undefined) return;
      current = next.parsed;
    }
  }

  /** Goes on in the innermost open container; undefined at the end of the text's value. */
  #next(open: Frame[]): { readonly parsed: unknown } | undefined {
    for (;;) {
      const frame = open.at(-1);
      if (frame === undefined) return undefined;
      this.#space();
      const character = this.#text[this.#at];
      if (character === '}' || character === ']') {
        this.#at++;
        open.pop();
        continue;
      }
      if (character === ',') this.#at++;
      if (frame.array) return { parsed: Array.isArray(frame.parsed) ? frame.parsed[frame.index++] : undefined };
      return { parsed: this.#member(frame) };
    }
  }

  #member(frame: Frame): unknown {
    this.#space();
    const name = this.#string();
    this.#space();
    this.#at++; // the colon
    const { parsed } = frame;
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    if (frame.names.has(name)) {
      const known = this.duplicates.get(parsed) ?? [];
      this.duplicates.set(parsed, known);
      known.push({ name, after: frame.names.size });
    }
    frame.names.add(name);
    return Object.hasOwn(parsed, name) ? (parsed as Readonly<Record<string, unknown>>)[name] : undefined;
  }

  #space(): void {
    while (this.#at < this.#text.length && this.#text.charCodeAt(this.#at) <= 0x20) this.#at++;
  }

  #string(): string {
    const start = this.#at;
    let escaped = false;
    this.#at++;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at++);
      if (code === 0x22) break;
      if (code === 0x5c) {
        escaped = true;
        this.#at++;
      }
    }
    const raw = this.#text.slice(start, this.#at);
    return escaped ? (JSON.parse(raw) as string) : raw.slice(1, -1);
  }

  #scalar(first: string | undefined): void {
    if (first === '"') {
      this.#string();
      return;
    }
    while (this.#at < this.#text.length && !',]} \n\r\t'.includes(this.#text[this.#at] ?? '')) this.#at++;
  }
}

interface Frame {
  readonly parsed: unknown;
  readonly array: boolean;
  index: number;
  readonly names: Set<string>;
}
