export { builtinDefinitions, builtinGroups, fieldFlags, serverVersion, wireTable } from './tables.ts';
export type {
  BuiltinGroup, BuiltinResource, BuiltinSubresource, OpenApiSchema, ServerVersion, WireField, WireTable, WireType,
} from './tables.ts';
