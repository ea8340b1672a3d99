/** What a value must be. */
export interface ValueRule {
  /** Completes "must be …". */
  readonly text: string;
  /** Whether it is of another type, or of the right type but out of range; undefined when it is right. */
  problem(value: unknown): 'type' | 'range' | undefined;
  /** Messages name its type and never the value. */
  readonly secret?: boolean | undefined;
}

/** A rule for each option that a function knows. */
export type OptionRules<T> = { readonly [K in keyof T]-?: ValueRule };

/** A rule about the type, and about those values of it that are right. */
export function valueRule<T>(
  text: string,
  isType: (value: unknown) => value is T,
  isRight: (value: T) => boolean = () => true,
): ValueRule {
  return { text, problem: (value) => (isType(value) ? (isRight(value) ? undefined : 'range') : 'type') };
}

const isString = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isFunction = (value: unknown): value is () => unknown => typeof value === 'function';
const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every(isString);
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isSignal = (value: unknown): value is AbortSignal =>
  isObject(value) && 'aborted' in value && 'addEventListener' in value && isFunction(value.addEventListener);

/** The rules that are needed everywhere. */
export const rules: {
  readonly any: ValueRule;
  readonly string: ValueRule;
  readonly nonEmptyString: ValueRule;
  /** A string that messages never show. */
  readonly secret: ValueRule;
  readonly strings: ValueRule;
  readonly boolean: ValueRule;
  readonly function: ValueRule;
  /** Any object but an array. */
  readonly object: ValueRule;
  readonly array: ValueRule;
  readonly signal: ValueRule;
  readonly positive: ValueRule;
  readonly notNegative: ValueRule;
  /** A whole number, 0 or more. */
  readonly count: ValueRule;
  /** A whole number, 1 or more. */
  readonly positiveCount: ValueRule;
} = {
  any: { text: 'anything', problem: () => undefined },
  string: valueRule('a string', isString),
  nonEmptyString: valueRule('a non-empty string', isString, (value) => value !== ''),
  secret: { ...valueRule('a string', isString), secret: true },
  strings: valueRule('an array of strings', isStrings),
  boolean: valueRule('true or false', isBoolean),
  function: valueRule('a function', isFunction),
  object: valueRule('an object', isObject),
  array: valueRule('an array', (value): value is unknown[] => Array.isArray(value)),
  signal: valueRule('an AbortSignal', isSignal),
  positive: valueRule('more than 0', isNumber, (value) => value > 0),
  notNegative: valueRule('0 or more', isNumber, (value) => value >= 0),
  count: valueRule('a whole number, 0 or more', isNumber, (value) => Number.isSafeInteger(value) && value >= 0),
  positiveCount: valueRule('a whole number, 1 or more', isNumber, (value) => Number.isSafeInteger(value) && value >= 1),
};

/** One of some strings. */
export function oneOf(...values: readonly string[]): ValueRule {
  const names = values.map((value) => `"${value}"`);
  const text = names.length === 1 ? `${names[0]}` : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
  return valueRule(text, isString, (value) => values.includes(value));
}

/** An object with these methods. */
export function withMethods(what: string, ...methods: readonly string[]): ValueRule {
  const has = (value: object): boolean => methods.every((name) => isFunction(Reflect.get(value, name)));
  const text = `${what} (an object with ${methods.join(', ')})`;
  return valueRule(text, (value): value is object => isObject(value) && has(value));
}

/**
 * Checks one argument, which must be there.
 *
 * @throws {TypeError | RangeError} `Cannot <action>: <field> must be <rule>, got <value>`
 */
export function checkValue(action: string, field: string, value: unknown, rule: ValueRule): void {
  const problem = rule.problem(value);
  if (problem === undefined) return;
  const message = `Cannot ${action}: ${field} must be ${rule.text}, got ${rule.secret ? typeName(value) : describeValue(value)}`;
  throw problem === 'type' ? new TypeError(message) : new RangeError(message);
}

/**
 * Checks an object of options: nothing but known names, each undefined or as its rule says.
 *
 * @param field What messages call the object. Its members are called by their bare names when it is `options`.
 * @throws {TypeError | RangeError} `Cannot <action>: <field> must be <rule>, got <value>`; an unknown name is a `TypeError` that suggests the nearest one.
 * @example
 * ```ts
 * import { checkOptions, rules } from '@bowline/apimachinery';
 *
 * checkOptions<{ limit?: number }>('list pods', { limit: 5 }, { limit: rules.positiveCount });
 * ```
 */
export function checkOptions<T extends object>(
  action: string,
  options: unknown,
  known: OptionRules<T>,
  field: string = 'options',
): void {
  checkValue(action, field, options, rules.object);
  const prefix = field === 'options' ? '' : `${field}.`;
  const expected: Readonly<Record<string, ValueRule>> = known;
  for (const [name, value] of Object.entries(options as object)) {
    const rule = Object.hasOwn(expected, name) ? expected[name] : undefined;
    if (rule) {
      if (value !== undefined) checkValue(action, prefix + name, value, rule);
      continue;
    }
    if (value === undefined) continue; // A spread of optional values says nothing.
    const names = Object.keys(expected);
    const nearest = nearestName(name, names);
    const advice = nearest ? `did you mean "${nearest}"?` : `there are ${names.join(', ') || 'none'}`;
    throw new TypeError(`Cannot ${action}: ${field} must have known names, got "${name}"; ${advice}`);
  }
}

/** A value as messages show it: short, and never the inside of an object. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeName(value);
}

function typeName(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return isStrings(value) || value.length === 0 ? 'an array' : 'an array of other values';
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
