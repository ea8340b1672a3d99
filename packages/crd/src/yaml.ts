/** Texts that YAML reads as texts without quotes: no indicator, no number, date, boolean or null of YAML 1.1 or 1.2. */
const plain = /^[A-Za-z/_.][A-Za-z0-9/_.+-]*(?: [A-Za-z0-9/_.(][A-Za-z0-9/_.,+()=<>-]*)*$/;
const reserved = /^(?:y|n|yes|no|on|off|true|false|null|~|\.(?:inf|nan)|[+-]?\.?[0-9].*|\.+|=|<<)$/i;

/**
 * JSON data as YAML, block style, two spaces: what `kubectl apply -f` reads.
 *
 * Members that are `undefined` are left out.
 */
export function toYaml(value: unknown): string {
  return `${block(value, '').replace(/^\n/, '')}\n`;
}

/** A value after a colon or a dash: a scalar on the same line, or lines of its own. */
function block(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []';
    return value.map((item) => `\n${indent}-${inItem(item, `${indent}  `)}`).join('');
  }
  if (typeof value !== 'object' || value === null) return ` ${scalar(value)}`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return ' {}';
  return members.map(([name, member]) => `\n${indent}${key(name)}:${inMember(member, indent)}`).join('');
}

/** The first member stands behind the dash. */
function inItem(value: unknown, indent: string): string {
  return block(value, indent).replace(/^\n\s*/, ' ');
}

/** Lists stand under their name without more indentation, as kubectl writes them. */
function inMember(value: unknown, indent: string): string {
  return block(value, Array.isArray(value) ? indent : `${indent}  `);
}

function key(name: string): string {
  return plain.test(name) && !reserved.test(name) ? name : quoted(name);
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value ?? null);
  return plain.test(value) && !reserved.test(value) ? value : quoted(value);
}

/** Single quotes where every character stands for itself; else as JSON, with what YAML does not print escaped as well. */
function quoted(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return `'${text.replaceAll("'", "''")}'`;
  return JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
