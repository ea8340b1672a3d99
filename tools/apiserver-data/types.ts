import type { ControlPlane } from './control-plane.ts';

type Schema = { [key: string]: unknown };

/** Words of a schema that carry behaviour. Anything else in a definition, descriptions excepted, stops the generator. */
const known = new Set([
  'type',
  'format',
  'properties',
  'items',
  'additionalProperties',
  'required',
  'enum',
  'default',
  'allOf',
  'oneOf',
  '$ref',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'x-kubernetes-patch-strategy',
  'x-kubernetes-patch-merge-key',
  'x-kubernetes-unions',
  'x-kubernetes-group-version-kind',
  'x-kubernetes-validations',
]);

/** A definition without its prose. */
function compact(schema: Schema, path: string): Schema {
  const result: Schema = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'description') continue;
    if (!known.has(key)) throw new Error(`${path}: unknown schema word ${key}`);
    if (key === 'properties') {
      result[key] = Object.fromEntries(
        Object.entries(value as Schema).map(([name, property]) => [
          name,
          compact(property as Schema, `${path}.${name}`),
        ]),
      );
    } else if (key === 'items' || (key === 'additionalProperties' && typeof value === 'object')) {
      result[key] = compact(value as Schema, `${path}.${key}`);
    } else if (key === 'allOf' || key === 'oneOf') {
      result[key] = (value as Schema[]).map((one, index) => compact(one, `${path}.${key}[${index}]`));
    } else {
      result[key] = value;
    }
  }
  return result;
}

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** `name kinds JSON`, the kinds as `group/version/kind` with commas between. */
function lineOf(name: string, text: string): string {
  const kinds = ((JSON.parse(text) as Schema)['x-kubernetes-group-version-kind'] ?? []) as Kind[];
  return `${name} ${kinds.map(({ group, version, kind }) => `${group}/${version}/${kind}`).join(',')} ${text}`;
}

/** Every definition of the OpenAPI v3 documents of the served group-versions, once, sorted by name, each on a line. */
export async function readTypes(server: ControlPlane): Promise<string> {
  const index = JSON.parse(await server.get('/openapi/v3')) as { paths: Record<string, { serverRelativeURL: string }> };
  const definitions = new Map<string, string>();
  for (const [path, { serverRelativeURL }] of Object.entries(index.paths)) {
    if (!/^(api\/v1|apis\/[^/]+\/[^/]+)$/.test(path)) continue;
    const document = JSON.parse(await server.get(serverRelativeURL)) as {
      components: { schemas: Record<string, Schema> };
    };
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      const text = JSON.stringify(compact(schema, name));
      const before = definitions.get(name);
      if (before !== undefined && before !== text) throw new Error(`${name} differs between documents`);
      definitions.set(name, text);
    }
  }
  if (definitions.size < 100) throw new Error(`Only ${definitions.size} definitions were found`);
  return [...definitions]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => lineOf(name, text))
    .join('\n');
}
