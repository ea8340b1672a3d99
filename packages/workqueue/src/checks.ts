/** What a value must be: in words, its type, and then whether it is in range. */
export type Rule = readonly [words: string, isType: (value: unknown) => boolean, isRight?: (value: never) => boolean];

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
export function aNumber(words: string, isRight: (value: number) => boolean): Rule {
  return [words, (value) => typeof value === 'number', isRight];
}

export function anInteger(least: number): Rule {
  return aNumber(`an integer, ${least} or more`, (value) => Number.isInteger(value) && value >= least);
}

/** How long something is put off. */
export const aDelay: Rule = aNumber('a finite number, 0 or more', (ms) => ms >= 0 && ms < Infinity);

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

/**
 * Refuses what is no object of options, and names that have no rule: a slip of the pen must not pass for a default. Unless some are required,
 * options may be left out.
 */
export function checkOptions(action: string, options: object | undefined, optional: Rules, required?: Rules): void {
  if (options === undefined && !required) return;
  check(action, 'options', options, anObject);
  const known = required ? { ...required, ...optional } : optional;
  for (const name in options) {
    if (!Object.hasOwn(known, name))
      throw new TypeError(`Cannot ${action}: options.${name} is unknown; known are ${Object.keys(known).join(', ')}`);
  }
  for (const name in known) {
    const value = (options as Record<string, unknown>)[name];
    if (value !== undefined || required?.[name]) check(action, name, value, known[name] as Rule);
  }
}

/** A value as messages show it; never the inside of an object. */
function printed(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
  return [aFunction, anArray, anObject].find(([, isType]) => isType(value))?.[0] ?? String(value);
}
