/** A value as messages show it: short, and never the inside of an object. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeName(value);
}

/** The type of a value, for messages that must not show it. */
export function typeName(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value))
    return value.every((item) => typeof item === 'string') ? 'an array' : 'an array of other values';
  if (typeof value !== 'object') return `a ${typeof value}`;
  const maker: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof maker !== 'string' || maker === '' || maker === 'Object' ? 'an object' : `an object (${maker})`;
}

/** The name that was probably meant: the same but for case, dashes and a few letters, or the same with a unit. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const wanted = plain(name);
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of names) {
    const other = plain(candidate);
    const related = wanted.length > 3 && (other.startsWith(wanted) || wanted.startsWith(other));
    const distance = Math.min(editDistance(wanted, other), related ? 1 : Number.POSITIVE_INFINITY);
    if (distance < bestDistance && distance < wanted.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const kept = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(kept, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
