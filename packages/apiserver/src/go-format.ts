/**
 * How the real server, which is written in Go, prints values in its messages.
 *
 * @see Go `strconv.Quote` (`%q`): what is not printable is escaped
 */
export function quote(text: string): string {
  let out = '"';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === '\\') out += `\\${character}`;
    else if (code >= 0x20 && code < 0x7f) out += character;
    else if (shortEscapes[character] !== undefined) out += shortEscapes[character];
    else if (code < 0x80) out += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (isPrintable(character)) out += character;
    else if (code > 0xffff) out += `\\U${code.toString(16).padStart(8, '0')}`;
    else out += `\\u${code.toString(16).padStart(4, '0')}`;
  }
  return `${out}"`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** @see Go `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space */
export function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character);
}

/** @see Go `%#U`: `U+0041 'A'`, without the character when it is not printable */
export function unicodeName(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return isPrintable(character) ? `U+${code} '${character}'` : `U+${code}`;
}

/** @see Go `%#v` of a string slice */
export function goStrings(values: readonly string[]): string {
  return `[]string{${values.map(quote).join(', ')}}`;
}

/** Compact JSON with `<`, `>`, `&` escaped. Objects of a type have their members in order already. @see Go `encoding/json.Marshal` */
export function goJson(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The length in bytes of UTF-8, which is what Go's `len` says of a string. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}
