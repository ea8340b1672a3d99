export { builtinSchema, definitionSchema } from './builtin.ts';
export { crdSchema } from './custom.ts';
export { type DuplicateField, type ParsedJson, parseJson } from './duplicates.ts';
export { asSet, cloneRead, emptyMembers } from './go-object.ts';
export { isBuiltin } from './go-type.ts';
export { type CustomResourceVersion, openApiDocument, openApiHash } from './openapi.ts';
export { DecodeError, emptyBuiltin, readBuiltin } from './read-json.ts';
export { storedBuiltin } from './stored.ts';
export { deduced, type ListType, type MapType, type TypeSchema } from './type-schema.ts';
