export { builtinDefinition, builtinDefinitionName } from './definitions.ts';
export { builtinColumns, builtinGroups, fieldFlags, once, serverVersion, structTable, unpackText } from './tables.ts';
export type {
  BuiltinColumn, BuiltinGroup, BuiltinResource, BuiltinSubresource, OpenApiSchema, ServerVersion, StructField, StructTable, TableType,
} from './tables.ts';
