import {
  checkOptions,
  checkValue,
  listOf,
  type OptionRules,
  oneOf,
  recordOf,
  rules,
  type ValueRule,
  valueRule,
} from '@bowline/apimachinery/arguments';
import type { ArrayOptions, CommonOptions, NumberOptions, ObjectOptions, StringOptions } from './builder.ts';
import { isBuilt } from './json-schema-rules.ts';

const finite: ValueRule = valueRule(
  'a finite number',
  (value): value is number => typeof value === 'number',
  Number.isFinite,
);
const factor: ValueRule = valueRule(
  'a finite number, more than 0',
  (value): value is number => typeof value === 'number',
  (value) => Number.isFinite(value) && value > 0,
);

const schema: ValueRule = valueRule('a schema (made by s)', isBuilt);

const common: OptionRules<CommonOptions> = { description: rules.string, title: rules.string };
const text: OptionRules<StringOptions> = {
  ...common,
  ...{ minLength: rules.count, maxLength: rules.count, pattern: rules.string, format: rules.string },
};
const numeric: OptionRules<NumberOptions> = {
  ...common,
  ...{ minimum: finite, maximum: finite, exclusiveMinimum: rules.boolean, exclusiveMaximum: rules.boolean },
  ...{ multipleOf: factor, format: rules.string },
};
const array: OptionRules<ArrayOptions> = {
  ...common,
  ...{
    minItems: rules.count,
    maxItems: rules.count,
    listType: oneOf('atomic', 'set', 'map'),
    listMapKeys: rules.strings,
  },
};
const map: OptionRules<Omit<ObjectOptions, 'preserveUnknown'>> = {
  ...common,
  ...{ minProperties: rules.count, maxProperties: rules.count, mapType: oneOf('atomic', 'granular') },
};
const object: OptionRules<ObjectOptions> = { ...map, preserveUnknown: rules.boolean };

/** The options that builders of schemas know. */
export const known: {
  readonly common: OptionRules<CommonOptions>;
  readonly text: OptionRules<StringOptions>;
  readonly numeric: OptionRules<NumberOptions>;
  readonly array: OptionRules<ArrayOptions>;
  readonly map: OptionRules<Omit<ObjectOptions, 'preserveUnknown'>>;
  readonly object: OptionRules<ObjectOptions>;
} = { common, text, numeric, array, map, object };

/** What the first argument of a builder must be. */
export const argument: {
  readonly schema: ValueRule;
  readonly members: ValueRule;
  readonly texts: ValueRule;
  readonly json: ValueRule;
} = {
  schema,
  members: recordOf(schema),
  texts: {
    ...listOf(rules.string),
    ...valueRule(
      'an array of at least one string',
      (value): value is unknown[] => Array.isArray(value),
      (value) => value.length > 0,
    ),
  },
  json: rules.object,
};

/** Checks the first argument of the builder `s.<name>`. */
export function checkArgument(name: string, field: string, value: unknown, rule: ValueRule): void {
  checkValue(`make s.${name}()`, field, value, rule);
}

/** Checks the options of the builder `s.<name>`: names, types, and that no lower limit is above the upper one. */
export function checkBuilderOptions<T extends object>(name: string, options: T, expected: OptionRules<T>): void {
  const action = `make s.${name}()`;
  checkOptions<T>(action, options, expected);
  for (const what of ['imum', 'Length', 'Items', 'Properties']) {
    const least: unknown = Reflect.get(options, `min${what}`);
    const most: unknown = Reflect.get(options, `max${what}`);
    if (typeof least !== 'number' || typeof most !== 'number' || least <= most) continue;
    throw new RangeError(`Cannot ${action}: min${what} must be at most max${what} (${most}), got ${least}`);
  }
}
