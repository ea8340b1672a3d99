import { anyOf, checkValue, nearestName, type OptionRules, rules } from '@bowline/apimachinery/arguments';
import { isExtension, keywordNames } from './keyword-rules.ts';

/** Where a schema stands, for messages. */
interface Place {
  readonly action: string;
  readonly field: string;
  readonly isForeign: boolean;
}

/** What the keywords must be that hold other schemas: of another type they would say nothing. */
const structure: OptionRules<Record<'properties' | 'additionalProperties' | 'allOf' | 'anyOf' | 'oneOf', unknown>> = {
  properties: rules.object,
  additionalProperties: anyOf(rules.object, rules.boolean),
  allOf: rules.array,
  anyOf: rules.array,
  oneOf: rules.array,
};

/** By form, so that a schema of a second installed copy of this package is one too. */
export function isBuilt(value: unknown): value is { readonly json: object; readonly presence: string } {
  if (typeof value !== 'object' || value === null || !('presence' in value) || !('json' in value)) return false;
  return typeof value.presence === 'string' && rules.object.problem(value.json) === undefined;
}

/** A schema that is no plain JSON Schema. Those of some libraries are functions. */
export function isMadeSchema(value: unknown): boolean {
  if (isBuilt(value)) return true;
  const isObject = (typeof value === 'object' || typeof value === 'function') && value !== null;
  return isObject && '~standard' in value && !isWritten(value);
}

/** JSON Schema that a library wrote: zod marks it with a member that only `in` sees. */
export function isWritten(schema: object): boolean {
  const mark = Object.getOwnPropertyDescriptor(schema, '~standard');
  return mark !== undefined && !mark.enumerable && Object.getPrototypeOf(schema) === Object.prototype;
}

/**
 * Checks that an object, not what is in it, is JSON Schema: what has no meaning would say nothing, and the server would check nothing.
 *
 * @throws {TypeError} for members that nobody wrapped in an object schema, schemas of the builder, and names that are no keywords.
 */
export function checkKeywords(schema: object, { action, field, isForeign }: Place): void {
  if (isForeign) return;
  const start = `Cannot ${action}: ${field === '' ? 'it' : field} must be JSON Schema`;
  if (isMadeSchema(schema)) {
    const advice = 'write the whole with that, or the whole as JSON Schema';
    throw new TypeError(`${start}, got a schema made by s or a library; ${advice}`);
  }
  const entries = Object.entries(schema);
  const [member] = entries.find(([, value]) => isMadeSchema(value)) ?? [];
  if (member !== undefined && typeof Reflect.get(schema, 'type') !== 'string') {
    const advice = 'wrap it in s.object(…), or in the object schema of the library that made them';
    throw new TypeError(`${start} or a schema, got an object of schemas ("${member}"); ${advice}`);
  }
  for (const [name, value] of entries) {
    if (value === undefined || isExtension(name)) continue;
    if (!keywordNames.includes(name)) {
      const nearest = nearestName(name, keywordNames);
      const advice = nearest
        ? `did you mean "${nearest}"?`
        : 'names of your own begin with "x-", members go into s.object(…)';
      throw new TypeError(`${start}, got the unknown keyword "${name}"; ${advice}`);
    }
    const rule = Object.hasOwn(structure, name) ? Reflect.get(structure, name) : undefined;
    if (rule) checkValue(action, field === '' ? name : `${field}.${name}`, value, rule);
  }
}
