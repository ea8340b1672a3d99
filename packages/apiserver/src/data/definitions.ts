import type { GroupVersionKind } from '@bowline/apimachinery';
import { type OpenApiSchema, once, unpackText } from './tables.ts';
import { typesGzip } from './types.generated.ts';

/** The table has a line for each definition: its name, the kinds that it describes, its JSON. All of it parsed would cost each process 10 ms. */
interface Definitions {
  readonly texts: ReadonlyMap<string, string>;
  /** Names by `group/version/kind`. */
  readonly names: ReadonlyMap<string, string>;
}

const definitions: () => Definitions = once(() => {
  const texts = new Map<string, string>();
  const names = new Map<string, string>();
  for (const line of unpackText(typesGzip).split('\n')) {
    const nameEnd = line.indexOf(' ');
    const kindsEnd = line.indexOf(' ', nameEnd + 1);
    const name = line.slice(0, nameEnd);
    texts.set(name, line.slice(kindsEnd + 1));
    if (kindsEnd > nameEnd + 1) for (const kind of line.slice(nameEnd + 1, kindsEnd).split(',')) names.set(kind, name);
  }
  return { texts, names };
});

/** Those that somebody asked for; data that never changes. */
const parsed = new Map<string, OpenApiSchema>();

/** A built-in type by name (`io.k8s.api.apps.v1.Deployment`). */
export function builtinDefinition(name: string): OpenApiSchema | undefined {
  let schema = parsed.get(name);
  if (schema === undefined) {
    const text = definitions().texts.get(name);
    if (text === undefined) return undefined;
    schema = JSON.parse(text) as OpenApiSchema;
    parsed.set(name, schema);
  }
  return schema;
}

/** The definition that describes a built-in kind: `io.k8s.api.apps.v1.Deployment`. Undefined for kinds that are not built in. */
export function builtinDefinitionName({ group, version, kind }: GroupVersionKind): string | undefined {
  return definitions().names.get(`${group}/${version}/${kind}`);
}
