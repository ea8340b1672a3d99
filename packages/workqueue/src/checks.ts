/** What a value must be: in words, its type, and then whether it is in range. What `isRequired` may not be left out. */
export type Rule = readonly [
  words: string,
  isType: (value: unknown) => boolean,
  isRight?: ((value: never) => boolean) | undefined,
  isRequired?: boolean | undefined,
];

/** By name of an option. */
export type Rules = Readonly<Record<string, Rule>>;

export const anything: Rule = ['', () => true];
export const aFunction: Rule = ['a function', (value) => typeof value === 'function'];
export const aString: Rule = ['a string', (value) => typeof value === 'string'];
export const aBoolean: Rule = ['a boolean', (value) => typeof value === 'boolean'];
const anObject: Rule = ['an object', (value) => typeof value === 'object' && value !== null];

/** `NaN` must not be right. */
export function aNumber(words: string, isRight: (value: number) => boolean, isRequired?: boolean): Rule {
  return [words, (value) => typeof value === 'number', isRight, isRequired];
}

export function anInteger(least: number, isRequired?: boolean): Rule {
  return aNumber(`an integer, ${least} or more`, (value) => Number.isInteger(value) && value >= least, isRequired);
}

/** Something with the methods of a port. */
export function aPort(words: string, ...methods: readonly string[]): Rule {
  return [
    words,
    (value) => anObject[1](value) && methods.every((method) => aFunction[1](Reflect.get(value as object, method))),
  ];
}

export const aSignal: Rule = aPort('an AbortSignal', 'addEventListener', 'removeEventListener');
export const aClock: Rule = aPort('a Clock', 'monotonic', 'setTimer', 'turn');

/** Throws `Cannot <action>: <field> must be <rule>, got <value>`: a `TypeError` for another type, a `RangeError` for a value that is out of range. */
export function check(action: string, field: string, value: unknown, [words, isType, isRight]: Rule): void {
  const isRightType = isType(value);
  if (isRightType && (isRight?.(value as never) ?? true)) return;
  throw new (isRightType ? RangeError : TypeError)(
    `Cannot ${action}: ${field} must be ${words}, got ${printed(value)}`,
  );
}

/** Refuses what is no object of options, and names that have no rule: a slip of the pen must not pass for a default. */
export function checkOptions(action: string, options: object, rules: Rules): void {
  check(action, 'options', options, anObject);
  for (const name in options) {
    if (Object.hasOwn(rules, name)) continue;
    const known = Object.keys(rules).join(', ');
    throw new TypeError(`Cannot ${action}: options.${name} is unknown; known are ${known}`);
  }
  for (const name in rules) {
    const value: unknown = Reflect.get(options, name);
    const rule = rules[name] as Rule;
    if (value !== undefined || rule[3]) check(action, name, value, rule);
  }
}

/** A value as messages show it; never the inside of an object. */
function printed(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
