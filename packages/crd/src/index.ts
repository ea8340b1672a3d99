export { type EmbeddedObject, type SchemaBuilder, s } from './builder.ts';
export { CustomKind, CustomResource } from './custom-resource.ts';
export type {
  CustomObject,
  MultiDefinition,
  NamesDefinition,
  SingleDefinition,
  SubresourcesDefinition,
  VersionDefinition,
} from './define.ts';
export { defineCrd } from './define.ts';
export { type CrdManifest, crdNameProblems, defaultCrd, validateCrd, validateCrdSpec } from './definition/index.ts';
export type { Coercion } from './embedded/index.ts';
export { CrdError, type CrdErrorCode } from './errors.ts';
export { aggregateText, type FieldError, type FieldErrorType, fieldErrorText } from './field-error.ts';
export type { PlainJsonSchema, SchemaSource, StandardJsonSchema } from './infer.ts';
export { type AnyJsonSchema, toOpenApi } from './json-schema.ts';
export { type AnySchema, type InputOf, type OutputOf, type Presence, Schema } from './schema.ts';
export { type PruneOptions, StructuralSchema, type ValidateOptions } from './structural-schema.ts';
