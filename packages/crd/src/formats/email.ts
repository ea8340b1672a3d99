import { isIP } from './ip.ts';

/**
 * One mail address, bare or with a name: `ada@example.com`, `Ada <ada@example.com>`.
 *
 * @see Go `net/mail.ParseAddress`
 */
export function isEmail(text: string): boolean {
  const reader = new AddressReader(text);
  return reader.address(true) === 1 && reader.comments() && reader.atEnd;
}

class AddressReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#position >= this.#text.length;
  }

  /** Reads a mailbox or a group and says how many addresses it has; `undefined` when it is neither. */
  address(allowGroup: boolean): number | undefined {
    this.#spaces();
    if (this.atEnd) return undefined;
    const start = this.#position;
    if (this.#addressSpec()) {
      this.#spaces();
      return this.#peek() !== '(' || this.#comment() ? 1 : undefined;
    }
    this.#position = start;
    if (this.#peek() !== '<' && !this.#phrase()) return undefined;
    this.#spaces();
    if (allowGroup && this.#take(':')) return this.#group();
    return this.#take('<') && this.#addressSpec() && this.#take('>') ? 1 : undefined;
  }

  /** Passes over white space and comments. False at a comment that does not end. */
  comments(): boolean {
    for (;;) {
      this.#spaces();
      if (this.#peek() !== '(') return true;
      if (!this.#comment()) return false;
    }
  }

  #group(): number | undefined {
    this.#spaces();
    if (this.#take(';')) return this.comments() ? 0 : undefined;
    for (let size = 0; ; ) {
      this.#spaces();
      const found = this.address(false);
      if (found === undefined || !this.comments()) return undefined;
      size += found;
      if (this.#take(';')) return this.comments() ? size : undefined;
      if (!this.#take(',')) return undefined;
    }
  }

  #addressSpec(): boolean {
    this.#spaces();
    const local = this.#peek() === '"' ? this.#quoted() : this.#atom(false);
    if (!local || !this.#take('@')) return false;
    this.#spaces();
    return (this.#peek() === '[' ? this.#domainLiteral() : this.#atom(false)) !== undefined;
  }

  /** Words before an angle bracket. What follows the first word may be anything: the bracket is looked for next. */
  #phrase(): boolean {
    for (let words = 0; ; words++) {
      if (words > 0 && !this.comments()) return false;
      this.#spaces();
      if (this.atEnd) return true;
      const word = this.#peek() === '"' ? this.#quoted() : this.#atom(true);
      if (word === undefined) return words > 0;
    }
  }

  #atom(permissive: boolean): string | undefined {
    const atom = this.#match(/[!#-'*+\-./0-9=?A-Z^-~\u0080-\uffff]+/y);
    if (atom === undefined || permissive) return atom;
    return /^\.|\.\.|\.$/.test(atom) ? undefined : atom;
  }

  /** The quoted text; `undefined` when it is none or does not end. */
  #quoted(): string | undefined {
    return this.#match(/"(?:[\t !#-[\]-~\u0080-\uffff]|\\[\t -~\u0080-\uffff])*"/y)?.slice(1, -1);
  }

  #domainLiteral(): string | undefined {
    const literal = this.#match(/\[[!-Z^-~\u0080-\uffff]*\]/y);
    return literal !== undefined && isIP(literal.slice(1, -1), false) ? literal : undefined;
  }

  #comment(): boolean {
    this.#position++;
    for (let depth = 1; !this.atEnd; this.#position++) {
      const character = this.#peek();
      if (character === '\\' && this.#position + 1 < this.#text.length) this.#position++;
      else if (character === '(') depth++;
      else if (character === ')' && --depth === 0) {
        this.#position++;
        return true;
      }
    }
    return false;
  }

  #spaces(): void {
    this.#match(/[ \t]+/y);
  }

  #peek(): string | undefined {
    return this.#text[this.#position];
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#position++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#position += found.length;
    return found;
  }
}
