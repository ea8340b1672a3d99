import type {
  CustomResourceColumnDefinition,
  CustomResourceSubresourceScale,
  SelectableField,
} from '@bowline/api/apiextensions/v1';
import {
  anyOf,
  checkOptions,
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
import type {
  MultiDefinition,
  NamesDefinition,
  SingleDefinition,
  SubresourcesDefinition,
  VersionDefinition,
} from './define.ts';
import { celRule } from './keyword-rules.ts';

/** A schema of a library may be a function. One that cannot say itself as JSON Schema is none here. */
const schema: ValueRule = valueRule(
  'a schema (made by s, by a library with Standard JSON Schema, or JSON Schema)',
  (value): value is object => {
    const isObject = rules.object.problem(value) === undefined;
    if (!isObject && typeof value !== 'function') return false;
    const standard: unknown = Reflect.get(value as object, '~standard');
    if (standard === undefined) return isObject;
    if (typeof standard !== 'object' || standard === null || !('jsonSchema' in standard)) return false;
    return rules.object.problem(standard.jsonSchema) === undefined;
  },
);

const names: OptionRules<NamesDefinition> = {
  group: required(rules.nonEmptyString),
  kind: required(rules.nonEmptyString),
  plural: rules.nonEmptyString,
  singular: rules.nonEmptyString,
  listKind: rules.nonEmptyString,
  shortNames: rules.strings,
  categories: rules.strings,
  scope: oneOf('Namespaced', 'Cluster'),
  labels: recordOf(rules.string),
  annotations: recordOf(rules.string),
};

const version: OptionRules<VersionDefinition> = {
  spec: schema,
  status: schema,
  properties: recordOf(schema),
  subresources: optionsOf<SubresourcesDefinition>({
    status: rules.boolean,
    scale: optionsOf<CustomResourceSubresourceScale>({
      specReplicasPath: required(rules.string),
      statusReplicasPath: required(rules.string),
      labelSelectorPath: rules.string,
    }),
  }),
  printerColumns: listOf(
    optionsOf<CustomResourceColumnDefinition>({
      name: required(rules.string),
      type: required(rules.string),
      jsonPath: required(rules.string),
      description: rules.string,
      format: rules.string,
      priority: rules.any,
    }),
  ),
  selectableFields: listOf(optionsOf<SelectableField>({ jsonPath: required(rules.string) })),
  description: rules.string,
  rules: listOf(celRule),
  served: rules.boolean,
  deprecated: anyOf(rules.boolean, rules.string),
};

const single: OptionRules<SingleDefinition> = { ...names, ...version, version: required(rules.nonEmptyString) };
const multi: OptionRules<MultiDefinition> = {
  ...names,
  versions: required(recordOf(optionsOf<VersionDefinition>(version))),
  storage: required(rules.nonEmptyString),
  conversion: rules.object,
};

/** Checks names and types in a definition; whether names, patterns and schemas are valid is the server's to say. */
export function checkDefinition(definition: unknown): void {
  const isObject = typeof definition === 'object' && definition !== null;
  const kind: unknown = isObject ? Reflect.get(definition, 'kind') : undefined;
  const action = `define ${typeof kind === 'string' && kind !== '' ? kind : 'a custom resource'}`;
  if (isObject && 'versions' in definition) checkOptions<MultiDefinition>(action, definition, multi, 'definition');
  else checkOptions<SingleDefinition>(action, definition, single, 'definition');
}
