import type { JSONSchemaProps, ValidationRule } from '@bowline/api/apiextensions/v1';
import {
  anyOf,
  listOf,
  type OptionRules,
  oneOf,
  optionsOf,
  recordOf,
  required,
  rules,
  type ValueRule,
  valueRule,
} from '@bowline/apimachinery/arguments';

const isNumber = (value: unknown): value is number => typeof value === 'number';
const finite: ValueRule = valueRule('a finite number', isNumber, Number.isFinite);
const whole: ValueRule = valueRule('a whole number', isNumber, Number.isSafeInteger);

/** A rule in CEL, written out. */
export const celRule: ValueRule = optionsOf<ValidationRule>({
  rule: required(rules.nonEmptyString),
  message: rules.string,
  messageExpression: rules.string,
  reason: rules.string,
  fieldPath: rules.string,
  optionalOldSelf: rules.boolean,
});

/** The keywords of OpenAPI v3 that a CustomResourceDefinition has, with the types of their values. */
export const keywords: OptionRules<JSONSchemaProps> = {
  $ref: rules.string,
  $schema: rules.string,
  additionalItems: anyOf(rules.object, rules.boolean),
  additionalProperties: anyOf(rules.object, rules.boolean),
  allOf: listOf(rules.object),
  anyOf: listOf(rules.object),
  default: rules.any,
  definitions: recordOf(rules.object),
  dependencies: rules.object,
  description: rules.string,
  enum: rules.array,
  example: rules.any,
  exclusiveMaximum: rules.boolean,
  exclusiveMinimum: rules.boolean,
  externalDocs: rules.object,
  format: rules.string,
  id: rules.string,
  items: anyOf(rules.object, rules.array),
  maxItems: rules.count,
  maxLength: rules.count,
  maxProperties: rules.count,
  maximum: finite,
  minItems: rules.count,
  minLength: rules.count,
  minProperties: rules.count,
  minimum: finite,
  multipleOf: finite,
  not: rules.object,
  nullable: rules.boolean,
  oneOf: listOf(rules.object),
  pattern: rules.string,
  patternProperties: recordOf(rules.object),
  properties: recordOf(rules.object),
  required: rules.strings,
  title: rules.string,
  type: rules.string,
  uniqueItems: rules.boolean,
  'x-kubernetes-embedded-resource': rules.boolean,
  'x-kubernetes-int-or-string': rules.boolean,
  'x-kubernetes-list-map-keys': rules.strings,
  'x-kubernetes-list-type': oneOf('atomic', 'set', 'map'),
  'x-kubernetes-map-type': oneOf('atomic', 'granular'),
  'x-kubernetes-preserve-unknown-fields': rules.boolean,
  'x-kubernetes-validations': listOf(celRule),
};

const byType: Readonly<Record<string, ValueRule>> = {
  string: rules.string,
  integer: whole,
  number: finite,
  boolean: rules.boolean,
  object: rules.object,
  array: rules.array,
};

const given: ValueRule = valueRule(
  'a value (the server takes null for no default)',
  (value): value is object => value !== undefined && value !== null && typeof value !== 'function',
);

/** What a default must be: of the schema's type and one of its values. The rest is for the definition as a whole to check. */
export function defaultRule({ type = '', enum: values, ...schema }: JSONSchemaProps): ValueRule {
  if (schema['x-kubernetes-int-or-string']) return anyOf(whole, rules.string);
  if (values?.every((value) => typeof value === 'string')) return oneOf(...values);
  return byType[type] ?? given;
}
