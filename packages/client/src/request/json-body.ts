/**
 * A body as JSON.
 *
 * @param action What messages begin with: `create Web "default/a"`.
 * @throws {TypeError} when JSON cannot hold it: with the path of what is wrong, like `spec.replicas`.
 */
export function jsonBody(body: unknown, action: string): string {
  let text: string;
  try {
    text = JSON.stringify(body);
  } catch (cause) {
    check(body, action);
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`Cannot ${action}: it must be what JSON can hold, got an error: ${got}`, { cause });
  }
  // JSON makes null of what it has no notation for. Most bodies hold none, and need not be walked through.
  if (text.includes('null')) check(body, action);
  return text;
}

function check(body: unknown, action: string): void {
  const within = new Set<object>();
  const wrong = (path: string, rule: string, got: string): TypeError =>
    new TypeError(`Cannot ${action}: ${path === '' ? 'it' : path} must be ${rule}, got ${got}`);
  const visit = (given: unknown, key: string, path: string): void => {
    if (given instanceof Date && Number.isNaN(given.getTime())) throw wrong(path, 'a valid date', 'an invalid one');
    const value = hasJson(given) ? given.toJSON(key) : given;
    if (typeof value === 'number' && !Number.isFinite(value)) throw wrong(path, 'a finite number', String(value));
    if (typeof value === 'bigint') throw wrong(path, 'a number or a string', 'a bigint');
    if (typeof value !== 'object' || value === null) return;
    if (within.has(value)) throw wrong(path, 'free of circles', 'an object that holds itself');
    within.add(value);
    if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) visit(element, String(index), `${path}[${index}]`);
    } else {
      for (const [name, member] of Object.entries(value)) visit(member, name, memberPath(path, name));
    }
    within.delete(value);
  };
  visit(body, '', '');
}

function memberPath(path: string, name: string): string {
  if (!/^[\w-]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

function hasJson(value: unknown): value is { toJSON(key: string): unknown } {
  return typeof (value as { toJSON?: unknown } | null | undefined)?.toJSON === 'function'; // a bigint may have one, too
}
