import { builtinDefinition, type OpenApiSchema } from '../data/index.ts';
import { TypeCompiler, type TypeSchema } from './type-schema.ts';

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const reference: OpenApiSchema = { allOf: [{ $ref: `#/components/schemas/${objectMeta}` }] };
const typeMeta: Readonly<Record<string, OpenApiSchema>> = { apiVersion: { type: 'string' }, kind: { type: 'string' } };

/** What {@link crdSchema} needs to know of a CustomResourceDefinition besides the schema. */
export interface CrdSchemaOptions {
  /** `spec.preserveUnknownFields` of the CustomResourceDefinition. @default false */
  readonly preserveUnknownFields?: boolean | undefined;
}

/**
 * The type of a custom resource, from the `openAPIV3Schema` of one version of its CustomResourceDefinition.
 * Without a schema every field is allowed and its form follows from its value.
 */
export function crdSchema(openAPIV3Schema: OpenApiSchema | undefined, options: CrdSchemaOptions = {}): TypeSchema {
  const compiler = new TypeCompiler(builtinDefinition);
  return compiler.compile(crdDefinition(openAPIV3Schema), options.preserveUnknownFields ?? false);
}

/**
 * The definition that the server publishes and applies by: the schema with the fields that every object has,
 * at the root and in embedded resources.
 *
 * @see k8s.io/apiextensions-apiserver pkg/controller/openapi/builder/builder.go
 */
export function crdDefinition(openAPIV3Schema: OpenApiSchema | undefined): OpenApiSchema {
  if (openAPIV3Schema === undefined) return { type: 'object' };
  const root = withEmbedded(openAPIV3Schema);
  return { ...root, properties: { ...root.properties, ...typeMeta, metadata: reference } };
}

/** Adds the fields of embedded resources, and the forms that an int-or-string may have. */
function withEmbedded(schema: OpenApiSchema): OpenApiSchema {
  const result: Record<string, unknown> = { ...schema };
  if (schema.properties !== undefined) {
    result.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, member]) => [name, withEmbedded(member)]),
    );
  }
  if (schema.items !== undefined) result.items = withEmbedded(schema.items);
  if (typeof schema.additionalProperties === 'object')
    result.additionalProperties = withEmbedded(schema.additionalProperties);
  if (schema['x-kubernetes-embedded-resource'] === true) {
    result.properties = {
      ...(result.properties as OpenApiSchema['properties']),
      ...typeMeta,
      metadata: reference,
    };
    const required = schema.required ?? [];
    result.required = [...required, ...['kind', 'apiVersion'].filter((name) => !required.includes(name))];
  }
  if (schema['x-kubernetes-int-or-string'] === true) unfoldIntOrString(schema, result);
  return result;
}

const intOrString: readonly OpenApiSchema[] = [{ type: 'integer' }, { type: 'string' }];

/** An int-or-string says what it is in `anyOf`, unless the author wrote that already. */
function unfoldIntOrString(schema: OpenApiSchema, result: Record<string, unknown>): void {
  const same = JSON.stringify(intOrString);
  const has = (anyOf: readonly OpenApiSchema[] | undefined): boolean => JSON.stringify(anyOf) === same;
  if (has(schema.anyOf) || has(schema.allOf?.[0]?.anyOf)) return;
  if (schema.anyOf === undefined) result.anyOf = intOrString;
  else result.allOf = [{ anyOf: intOrString }, ...(schema.allOf ?? [])];
}
