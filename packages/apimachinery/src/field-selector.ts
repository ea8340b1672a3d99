import { SelectorError } from './selector-error.ts';

/** One condition on a field. */
export interface FieldRequirement {
  /** As in `spec.nodeName`. */
  readonly path: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/**
 * Selects objects by the values of fields: all of its requirements must be met. Immutable.
 * In values a backslash escapes `\`, `=` and `,`.
 *
 * @example
 * ```ts
 * import { FieldSelector } from '@bowline/apimachinery';
 *
 * const selector = FieldSelector.parse('spec.nodeName=worker-1,status.phase!=Failed');
 * selector.matches((path) => (path === 'spec.nodeName' ? 'worker-1' : undefined)); // true
 * ```
 * @see k8s.io/apimachinery fields `Selector`
 */
export class FieldSelector {
  /** Sorted by their text. */
  readonly requirements: readonly FieldRequirement[];

  constructor(requirements: readonly FieldRequirement[] = []) {
    this.requirements = Object.freeze(
      requirements
        .map(({ path, operator, value }) => Object.freeze({ path, operator, value }))
        .map((requirement) => ({ requirement, text: format(requirement) }))
        .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
        .map(({ requirement }) => requirement),
    );
    Object.freeze(this);
  }

  /** Matches every object. Prints as `''`. */
  static get everything(): FieldSelector {
    return everything;
  }

  /**
   * Reads kubectl's syntax: `path=value`, `path==value`, `path!=value`, joined by commas. Empty terms (also `=`) are skipped; blanks count.
   *
   * @throws {SelectorError} `APIMACHINERY_SELECTOR_INVALID`, naming the position.
   */
  static parse(text: string): FieldSelector {
    const requirements: FieldRequirement[] = [];
    for (const { term, position } of splitTerms(text)) {
      if (term === '') continue;
      const match = /!=|==?/.exec(term);
      if (!match) {
        throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`, { text, position });
      }
      const path = term.slice(0, match.index);
      const valueAt = match.index + match[0].length;
      const value = unescapeValue(term.slice(valueAt), text, position + valueAt);
      if (path !== '' || value !== '') requirements.push({ path, operator: match[0] === '!=' ? '!=' : '=', value });
    }
    return requirements.length === 0 ? everything : new FieldSelector(requirements);
  }

  /** Whether there is no requirement, so that everything matches. */
  get isEmpty(): boolean {
    return this.requirements.length === 0;
  }

  /**
   * Whether an object meets all requirements.
   *
   * @param read Gives the value of a field. `undefined` counts as `''`, as on the server.
   */
  matches(read: (path: string) => string | undefined): boolean {
    return this.requirements.every(
      ({ path, operator, value }) => ((read(path) ?? '') === value) === (operator === '='),
    );
  }

  /** The canonical text: sorted terms, values escaped. `parse` reads it back. */
  toString(): string {
    return this.requirements.map(format).join(',');
  }
}

const everything = new FieldSelector();

function format({ path, operator, value }: FieldRequirement): string {
  return path + operator + value.replace(/[\\,=]/g, '\\$&');
}

/** Splits at commas that no backslash precedes. */
function splitTerms(text: string): { term: string; position: number }[] {
  const terms: { term: string; position: number }[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === ',') {
      terms.push({ term: text.slice(start, at), position: start });
      start = at + 1;
    }
  }
  terms.push({ term: text.slice(start), position: start });
  return terms.sort((a, b) => (a.term < b.term ? -1 : a.term > b.term ? 1 : 0)); // So the server finds the same error first.
}

function unescapeValue(value: string, text: string, position: number): string {
  let plain = '';
  for (let at = 0; at < value.length; at++) {
    const character = value[at] ?? '';
    if (character === '\\') {
      const escaped = value[at + 1] ?? '';
      if (escaped === '' || !'\\,='.includes(escaped)) {
        const reason = `invalid field selector: invalid escape sequence: \\${escaped}`;
        throw new SelectorError(reason, { text, position: position + at });
      }
      plain += escaped;
      at++;
    } else if (character === '=' || character === ',') {
      // The server prints the character's number.
      const reason = `invalid field selector: unescaped character in value: ${character.charCodeAt(0)}`;
      throw new SelectorError(reason, { text, position: position + at });
    } else plain += character;
  }
  return plain;
}
