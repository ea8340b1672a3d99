import type { GroupVersionKind } from '@bowline/apimachinery';
import { builtinDefinition, builtinDefinitionName } from '../data/index.ts';
import { TypeCompiler, type TypeSchema } from './type-schema.ts';

/** The compiled types: data that never changes, so one copy serves all servers. */
const compiler = new TypeCompiler(builtinDefinition);

/** The type of a built-in kind; undefined for kinds that are not built in. The first call takes a few milliseconds. */
export function builtinSchema(gvk: GroupVersionKind): TypeSchema | undefined {
  const name = builtinDefinitionName(gvk);
  return name === undefined ? undefined : compiler.named(name);
}

/** The type of any built-in definition. @throws {RangeError} when there is no such definition. */
export function definitionSchema(name: string): TypeSchema {
  return compiler.named(name);
}
