export { builtinColumns, builtinDefinitions, builtinGroups, fieldFlags, serverVersion, structTable } from './tables.ts';
export type {
  BuiltinColumn, BuiltinGroup, BuiltinResource, BuiltinSubresource, OpenApiSchema, ServerVersion, StructField, StructTable, TableType,
} from './tables.ts';
