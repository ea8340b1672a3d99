export { builtinDefinitionName, builtinSchema, definitionSchema } from './builtin.ts';
export { crdDefinition, crdSchema, type CrdSchemaOptions } from './custom.ts';
export { openApiDocument, openApiHash } from './openapi.ts';
export type { CustomResourceVersion, OpenApiDocument } from './openapi.ts';
export { deduced, untypedAtomic } from './type-schema.ts';
export type { FieldType, ListType, MapType, ScalarType, TypeSchema } from './type-schema.ts';
