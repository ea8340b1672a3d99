/** Which of the `known` names was meant by `name`, as the end of a sentence. */
export function advice(name: string, known: readonly string[]): string {
  const wrong = name.toLowerCase();
  let nearest: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const right = candidate.toLowerCase();
    const related = wrong.length > 2 && right.length > 2 && (right.includes(wrong) || wrong.includes(right));
    const steps = distance(wrong, right);
    if (steps >= least || !(related || steps <= Math.max(1, Math.floor(right.length / 3)))) continue;
    least = steps;
    nearest = candidate;
  }
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  return known.length > 0 ? `known are ${known.join(', ')}` : 'there are none';
}

/** How many letters must be added, taken away or changed. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const letter of from) {
    const next = [(row[0] ?? 0) + 1];
    for (let column = 1; column < row.length; column++) {
      const changed = (row[column - 1] ?? 0) + (to[column - 1] === letter ? 0 : 1);
      next.push(Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** A value as messages show it. Long texts and the contents of objects are left out: they may be secret. */
export function printed(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function';
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `an array of ${value.length}`;
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? `${value}n` : String(value);
  const kind: unknown = Reflect.get(value, 'constructor');
  return typeof kind === 'function' && kind !== Object && kind.name ? `an object of ${kind.name}` : 'an object';
}

/** As in `a, b or c`. */
export function either(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} or ${parts.at(-1)}`;
}
