import { object, type Rule, type Rules } from './argument-rules.ts';
import { advice, printed } from './argument-words.ts';

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
