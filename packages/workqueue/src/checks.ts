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
export const aFunction: Rule = aType('function');
export const aString: Rule = aType('string');
export const aBoolean: Rule = aType('boolean');
const anArray: Rule = ['an array', Array.isArray];
const anObject: Rule = ['an object', (value) => typeof value === 'object' && value !== null];

function aType(type: string): Rule {
  return [`a ${type}`, (value) => typeof value === type];
}

/** `NaN` must not be right. */
export function aNumber(words: string, isRight: (value: number) => boolean, isRequired?: boolean): Rule {
  return [words, (value) => typeof value === 'number', isRight, isRequired];
}

export function anInteger(least: number, isRequired?: boolean): Rule {
  return aNumber(`an integer, ${least} or more`, (value) => Number.isInteger(value) && value >= least, isRequired);
}

/** How long something is put off. */
export function aDelay(isRequired?: boolean): Rule {
  return aNumber('a finite number, 0 or more', (ms) => ms >= 0 && ms < Infinity, isRequired);
}

/** Something with the methods of a port. */
export function aPort(words: string, ...methods: readonly string[]): Rule {
  return [
    words,
    (value) => methods.every((method) => aFunction[1]((value as Record<string, unknown> | null)?.[method])),
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
    if (!Object.hasOwn(rules, name))
      throw new TypeError(`Cannot ${action}: options.${name} is unknown; known are ${Object.keys(rules).join(', ')}`);
  }
  for (const name in rules) {
    const value = (options as Record<string, unknown>)[name];
    const rule = rules[name] as Rule;
    if (value !== undefined || rule[3]) check(action, name, value, rule);
  }
}

/** A value as messages show it; never the inside of an object. */
function printed(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
  return [aFunction, anArray, anObject].find(([, isType]) => isType(value))?.[0] ?? String(value);
}
