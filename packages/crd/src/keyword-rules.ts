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

/** Legal in some draft of JSON Schema or in OpenAPI, with no counterpart in a CustomResourceDefinition, or rewritten into one. */
const foreign = [
  '$anchor',
  '$comment',
  '$defs',
  '$dynamicAnchor',
  '$dynamicRef',
  '$id',
  '$recursiveAnchor',
  '$recursiveRef',
  '$vocabulary',
  'components',
  'const',
  'contains',
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
  'dependentRequired',
  'dependentSchemas',
  'deprecated',
  'discriminator',
  'else',
  'examples',
  'if',
  'maxContains',
  'minContains',
  'prefixItems',
  'propertyNames',
  'readOnly',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
  'writeOnly',
  'x-kubernetes-action',
  'x-kubernetes-group-version-kind',
  'x-kubernetes-patch-merge-key',
  'x-kubernetes-patch-strategy',
  'x-kubernetes-selectable-fields',
  'x-kubernetes-unions',
  'xml',
] as const;

/** Every keyword that a JSON Schema may have. */
export type Keyword = keyof JSONSchemaProps | (typeof foreign)[number];

export const keywordNames: readonly string[] = [...Object.keys(keywords), ...foreign];

/** Names that begin like this are no keywords: extensions of OpenAPI, and what libraries note for themselves. */
export function isExtension(name: string): boolean {
  return (name.startsWith('x-') && !name.startsWith('x-kubernetes-')) || name.startsWith('~');
}

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
