/** The real server is written in Go; this is how its messages show values. */

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['"', '\\"'],
  ['\\', '\\\\'],
]);

/** @see Go `strconv.Quote`: what cannot be printed is escaped */
export function quote(text: string): string {
  let quoted = '"';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const short = shortEscapes.get(character);
    if (short !== undefined) quoted += short;
    else if (isPrintable(character)) quoted += character;
    else if (code < 0x80) quoted += `\\x${hex(code, 2)}`;
    else quoted += code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  }
  return `${quoted}"`;
}

/** @see Go `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space */
export function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character);
}

/** Whether Go decodes a JSON number as int64; all others become float64. */
export function isInt64(value: number): boolean {
  return Number.isInteger(value) && value < 2 ** 63 && value >= -(2 ** 63);
}

/** @see Go `fmt` `%v` of an int64 or a float64 */
export function showNumber(value: number): string {
  return isInt64(value) ? String(value) : showFloat(value);
}

/** @see Go `fmt` `%v` of a float64: shortest digits, an exponent below 1e-4 and from 1e6 */
export function showFloat(value: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** @see Go `fmt` `%v` of JSON data */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return showNumber(value);
  if (Array.isArray(value)) return `[${value.map(showValue).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const members = Object.entries(value).sort(([a], [b]) => compareStrings(a, b));
  return `map[${members.map(([name, member]) => `${name}:${showValue(member)}`).join(' ')}]`;
}

/** @see Go `fmt` `%T` of JSON data */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return isInt64(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

/** Compact JSON, members sorted by the bytes of their names, `<`, `>` and `&` escaped. @see Go `encoding/json.Marshal` of a map */
export function showJson(value: unknown): string {
  const text =
    JSON.stringify(value, (_, member: unknown) => (isPlainObject(member) ? sorted(member) : member)) ?? 'null';
  return text.replace(/[<>&\u2028\u2029]/g, (character) => `\\u${hex(character.charCodeAt(0), 4)}`);
}

/** How long a text is in UTF-8: Go's `len`. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

/** How long a text is in code points: Go's `utf8.RuneCountInString`. */
export function runeCount(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** The order of Go's `sort.Strings`: by the bytes of UTF-8, which is the order of code points, not of UTF-16 units. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  // Only surrogates make the two orders differ.
  if (/[\ud800-\udfff]/.test(a) || /[\ud800-\udfff]/.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof GoStruct);
}

function sorted(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compareStrings(a, b)));
}

/** Members in the order in which they were declared: JSON of a Go struct is not sorted. */
export class GoStruct {
  constructor(members: Readonly<Record<string, unknown>>) {
    Object.assign(this, members);
  }
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, '0');
}
