import { either, printed } from './argument-words.ts';

/** What a value must be. `undefined` passes as an option unless the rule is `required`. */
export interface Rule {
  /** Ends the sentence "it must be …". */
  readonly must: string;
  /** Whether the value has the type; if not, a `TypeError`. */
  readonly type: (value: unknown) => boolean;
  /** Whether a value of the type is in range; if not, a `RangeError`. */
  readonly range?: ((value: never) => boolean) | undefined;
  readonly required?: boolean | undefined;
  /** What each item of a list, or each member of a record, must be. */
  readonly each?: Rule | undefined;
  /** What the options in it must be; other names are refused. */
  readonly members?: Readonly<Record<string, Rule>> | undefined;
}

/** A rule for each option of `T`. */
export type Rules<T> = { readonly [K in keyof T]-?: Rule };

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isRecord = (value: unknown): boolean => isObject(value) && !Array.isArray(value);
const isString = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';

export const anything: Rule = { must: 'anything', type: () => true };
export const string: Rule = { must: 'a string', type: isString };
export const nonEmptyString: Rule = {
  must: 'a non-empty string',
  type: isString,
  range: (text: string) => text !== '',
};
export const boolean: Rule = { must: 'a boolean', type: (value) => typeof value === 'boolean' };
export const callable: Rule = { must: 'a function', type: (value) => typeof value === 'function' };
/** Any object but an array. */
export const object: Rule = { must: 'an object', type: isRecord };
export const finite: Rule = { must: 'a finite number', type: isNumber, range: Number.isFinite };
export const integer: Rule = { must: 'an integer', type: isNumber, range: Number.isInteger };
export const positive: Rule = {
  must: 'a finite number above 0',
  type: isNumber,
  range: (n: number) => n > 0 && n < Infinity,
};
export const nonNegative: Rule = {
  must: 'a finite number, 0 or more',
  type: isNumber,
  range: (n: number) => n >= 0 && n < Infinity,
};
export const positiveInteger: Rule = {
  must: 'an integer, 1 or more',
  type: isNumber,
  range: (n: number) => Number.isInteger(n) && n >= 1,
};
export const nonNegativeInteger: Rule = {
  must: 'an integer, 0 or more',
  type: isNumber,
  range: (n: number) => Number.isInteger(n) && n >= 0,
};
export const abortSignal: Rule = {
  must: 'an AbortSignal',
  type: (value) => isObject(value) && 'aborted' in value && 'addEventListener' in value,
};

/** A number in a range of its own; `NaN` must not be in it. */
export function number(must: string, range: (value: number) => boolean): Rule {
  return { must, type: isNumber, range };
}

/** An object, or a class, that has these methods: a port. */
export function instance(must: string, ...methods: readonly string[]): Rule {
  const has = (value: object, method: string): boolean => typeof Reflect.get(value, method) === 'function';
  const type = (value: unknown): boolean =>
    (isObject(value) || typeof value === 'function') && methods.every((method) => has(value, method));
  return { must, type };
}

export function oneOf(...values: readonly (string | number | boolean)[]): Rule {
  const type = (value: unknown): boolean => values.some((one) => typeof one === typeof value);
  return { must: either(values.map(printed)), type, range: (value) => values.includes(value) };
}

/** What fits one of several rules. */
export function anyOf(...rules: readonly Rule[]): Rule {
  const fits = (value: unknown): boolean =>
    rules.some((rule) => rule.type(value) && (rule.range?.(value as never) ?? true));
  return {
    must: either(rules.map((rule) => rule.must)),
    type: (value) => rules.some((rule) => rule.type(value)),
    range: fits,
  };
}

export function arrayOf(each: Rule): Rule {
  return { must: 'an array', type: Array.isArray, each };
}

export function nonEmptyArrayOf(each: Rule): Rule {
  return { must: 'a non-empty array', type: Array.isArray, range: (list: readonly unknown[]) => list.length > 0, each };
}

/** An object whose members are all alike, under any name. */
export function recordOf(each: Rule): Rule {
  return { must: 'an object', type: isRecord, each };
}

/** Options within options. */
export function optionsOf<T>(members: Rules<T>): Rule {
  return { must: 'an object', type: isRecord, members };
}

/** An option that must be given. */
export function required(rule: Rule): Rule {
  return { ...rule, required: true };
}
