import { describeValue, nearestName, typeName } from './check-words.ts';
import { isPromiseLike } from './promise-like.ts';
import { type OptionRules, rules, type ValueRule } from './value-rules.ts';

/**
 * Checks one argument, which must be there.
 *
 * @throws {TypeError | RangeError} `Cannot <action>: <field> must be <rule>, got <value>`
 */
export function checkValue(action: string, field: string, value: unknown, rule: ValueRule): void {
  const problem = rule.problem(value);
  if (problem === undefined) {
    if (rule.members || rule.each) checkFields(action, field, value as object, Object.keys(rule.members ?? {}));
    if (rule.members) checkMembers(action, value as object, rule.members, field);
    if (rule.each) checkEach(action, field, value as object, rule.each);
    return;
  }
  const message = `Cannot ${action}: ${field} must be ${rule.text}, got ${rule.secret ? typeName(value) : describeValue(value)}`;
  throw problem === 'type' ? new TypeError(message) : new RangeError(message);
}

/**
 * Checks an object of options: nothing but known names, each undefined, unless it is `required`, or as its rule says. What has no fields
 * that say anything, as a promise, a map or a signal in place of options, is none.
 * It costs a look at each option: make it once per call, never per object.
 *
 * @param field What messages call the object. Its members are called by their bare names when it is `options`.
 * @throws {TypeError | RangeError} `Cannot <action>: <field> must be <rule>, got <value>`; an unknown name is a `TypeError` that suggests the nearest one.
 * @example
 * ```ts
 * import { checkOptions, rules } from '@bowline/apimachinery/arguments';
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
  checkValue(action, field, options, { ...rules.object, members: known });
}

/** An instance of a class has to have fields, or members of these names: what a promise or a map holds would be lost without a word. */
function checkFields(action: string, field: string, value: object, names: readonly string[]): void {
  if (Array.isArray(value) || typeName(value) === 'an object') return;
  if (Object.keys(value).length > 0 || names.some((name) => name in value)) return;
  const advice = isPromiseLike(value) ? '; await it first' : '';
  throw new TypeError(`Cannot ${action}: ${field} must be a plain object, got ${typeName(value)}${advice}`);
}

function checkEach(action: string, field: string, value: object, rule: ValueRule): void {
  for (const [name, item] of Object.entries(value)) {
    checkValue(action, Array.isArray(value) ? `${field}[${name}]` : `${field}.${name}`, item, rule);
  }
}

function checkMembers(
  action: string,
  options: object,
  expected: Readonly<Record<string, ValueRule>>,
  field: string,
): void {
  const prefix = field === 'options' ? '' : `${field}.`;
  for (const [name, value] of Object.entries(options)) {
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
  for (const [name, rule] of Object.entries(expected)) {
    if (!rule.required || Reflect.get(options, name) !== undefined) continue;
    checkValue(action, prefix + name, undefined, rule);
  }
}
