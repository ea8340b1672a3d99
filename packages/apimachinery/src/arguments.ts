/**
 * What the packages check their arguments with, so that every public function refuses what it cannot use at the call, in the same words:
 * `Cannot <action>: <field> must be <rule>, got <value>`. A wrong type or an unknown option name is a `TypeError`, a value of the right
 * type that is out of range a `RangeError`. A check costs a look at each option: make it once per call, never per object.
 *
 * @module
 */

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

/**
 * Checks one argument; `undefined` does not pass.
 *
 * @throws {TypeError} {RangeError} `Cannot <action>: <field> must be <rule>, got <value>`
 */
export function checkArgument(action: string, field: string, value: unknown, rule: Rule): void {
  const typed = rule.type(value);
  if (!typed || rule.range?.(value as never) === false) {
    throw new (typed ? RangeError : TypeError)(
      `Cannot ${action}: ${field} must be ${rule.must}, got ${printed(value)}`,
    );
  }
  if (rule.members) checkMembers(action, field, value as Readonly<Record<string, unknown>>, rule.members);
  if (rule.each === undefined) return;
  for (const [name, item] of Object.entries(value as object)) {
    checkArgument(action, `${field}[${Array.isArray(value) ? name : printed(name)}]`, item, rule.each);
  }
}

/**
 * Checks an options object, which may be left out unless one of its options is `required`. Options of an object called `options` are
 * named alone in messages, others with the name of their object before them: `cache.namespaces`.
 *
 * @throws {TypeError} {RangeError} as `checkArgument`; and `Cannot <action>: options.<name> is unknown; did you mean "<other>"?`
 * @example
 * ```ts
 * import { checkOptions, nonNegative, string } from '@bowline/apimachinery/arguments';
 *
 * const options: { namespace?: string; resyncMs?: number } = { namespace: 'ci', resyncMs: 0 };
 * checkOptions('start the informer', 'options', options, { namespace: string, resyncMs: nonNegative });
 * ```
 */
export function checkOptions<T extends object>(
  action: string,
  field: string,
  value: T | undefined,
  rules: Rules<NoInfer<T>>,
): void {
  const members: Readonly<Record<string, Rule>> = rules;
  if (value === undefined && !Object.values(members).some((rule) => rule.required)) return;
  checkArgument(action, field, value, { ...object, members });
}

function checkMembers(
  action: string,
  field: string,
  value: Readonly<Record<string, unknown>>,
  rules: Readonly<Record<string, Rule>>,
): void {
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(rules, name)) continue;
    throw new TypeError(`Cannot ${action}: ${field}.${name} is unknown; ${advice(name, Object.keys(rules))}`);
  }
  for (const [name, rule] of Object.entries(rules)) {
    const member = value[name];
    if (member === undefined && !rule.required) continue;
    checkArgument(action, field === 'options' ? name : `${field}.${name}`, member, rule);
  }
}

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
  if (!isObject(value)) return typeof value === 'bigint' ? `${value}n` : String(value);
  const kind: unknown = Reflect.get(value, 'constructor');
  return typeof kind === 'function' && kind !== Object && kind.name ? `an object of ${kind.name}` : 'an object';
}

function either(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} or ${parts.at(-1)}`;
}
