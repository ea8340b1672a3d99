/** What a value must be. */
export interface ValueRule {
  /** Completes "must be …". */
  readonly text: string;
  /** Whether it is of another type, or of the right type but out of range; undefined when it is right. */
  problem(value: unknown): 'type' | 'range' | undefined;
  /** Messages name its type and never the value. */
  readonly secret?: boolean | undefined;
  /** As an option, it must be given. */
  readonly required?: boolean | undefined;
  /** What each item of a list, or each member of a record, must be. */
  readonly each?: ValueRule | undefined;
  /** What the options in it must be. */
  readonly members?: Readonly<Record<string, ValueRule>> | undefined;
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

const isKind = (value: unknown): value is object =>
  isObject(value) &&
  ['version', 'kind', 'resource'].every((name) => isString(Reflect.get(value, name))) &&
  ['Namespaced', 'Cluster'].includes(Reflect.get(value, 'scope'));

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
  /** What stands for the objects of a kind. */
  readonly kind: ValueRule;
  readonly clock: ValueRule;
  readonly random: ValueRule;
  readonly logger: ValueRule;
  readonly metrics: ValueRule;
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
  kind: valueRule('a kind (from @bowline/api, defineKind or defineCrd)', isKind),
  clock: withMethods('a clock', 'now', 'monotonic', 'setTimer', 'sleep', 'turn'),
  random: withMethods('a source of randomness', 'next', 'uuid'),
  logger: withMethods('a logger', 'trace', 'debug', 'info', 'warn', 'error', 'child'),
  metrics: withMethods('a metrics registry', 'counter', 'gauge', 'histogram'),
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

/** What fits one of several rules. */
export function anyOf(...some: readonly ValueRule[]): ValueRule {
  const text = some.map((rule) => rule.text).join(' or ');
  const problem = (value: unknown): 'type' | 'range' | undefined => {
    const problems = some.map((rule) => rule.problem(value));
    if (problems.includes(undefined)) return undefined;
    return problems.includes('range') ? 'range' : 'type';
  };
  return { text, problem };
}

/** An array whose items are as `rule` says; a wrong one is named by its place. */
export function listOf(rule: ValueRule): ValueRule {
  return { ...rules.array, each: rule };
}

/** An object whose members are as `rule` says, whatever their names. */
export function recordOf(rule: ValueRule): ValueRule {
  return { ...rules.object, each: rule };
}

/** Options within options, which messages call by their path. */
export function optionsOf<T extends object>(known: OptionRules<T>): ValueRule {
  return { ...rules.object, members: known };
}

/** The same rule, for an option that must be given. */
export function required(rule: ValueRule): ValueRule {
  return { ...rule, required: true };
}
