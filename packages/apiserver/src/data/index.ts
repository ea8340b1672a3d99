export { builtinColumns, builtinDefinitions, builtinGroups, fieldFlags, serverVersion, wireTable } from './tables.ts';
export type {
  BuiltinColumn, BuiltinGroup, BuiltinResource, BuiltinSubresource, OpenApiSchema, ServerVersion, WireField, WireTable, WireType,
} from './tables.ts';
