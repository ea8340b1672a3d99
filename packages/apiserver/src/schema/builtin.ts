import type { GroupVersionKind } from '@bowline/apimachinery';
import { builtinDefinitions } from '../data/index.ts';
import { TypeCompiler, type TypeSchema } from './type-schema.ts';

/** Definition name by group, version and kind, and the compiled types: data that never changes, so one copy serves all servers. */
let names: ReadonlyMap<string, string> | undefined;
const compiler = new TypeCompiler((name) => builtinDefinitions()[name]);

function keyOf(gvk: GroupVersionKind): string {
  return `${gvk.group}/${gvk.version}/${gvk.kind}`;
}

/** The definition that describes a built-in kind: `io.k8s.api.apps.v1.Deployment`. Undefined for kinds that are not built in. */
export function builtinDefinitionName(gvk: GroupVersionKind): string | undefined {
  if (names === undefined) {
    const all = new Map<string, string>();
    for (const [name, schema] of Object.entries(builtinDefinitions())) {
      for (const of of schema['x-kubernetes-group-version-kind'] ?? []) all.set(keyOf(of), name);
    }
    names = all;
  }
  return names.get(keyOf(gvk));
}

/** The type of a built-in kind; undefined for kinds that are not built in. The first call takes a few milliseconds. */
export function builtinSchema(gvk: GroupVersionKind): TypeSchema | undefined {
  const name = builtinDefinitionName(gvk);
  return name === undefined ? undefined : compiler.named(name);
}

/** The type of any built-in definition. @throws {RangeError} when there is no such definition. */
export function definitionSchema(name: string): TypeSchema {
  return compiler.named(name);
}
