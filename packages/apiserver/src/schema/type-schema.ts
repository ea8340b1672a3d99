import type { OpenApiSchema } from '../data/index.ts';

/**
 * What a value may be, as patches and server-side apply need to know it: which lists are keyed, which maps are one unit.
 * More than one of `scalar`, `list` and `map` are set where several forms are allowed; none of them means that nothing is.
 *
 * @see sigs.k8s.io/structured-merge-diff schema `Atom`, whose distinctions these are
 */
export interface TypeSchema {
  /** Definition name of a built-in type. */
  readonly name?: string | undefined;
  readonly scalar?: ScalarType | undefined;
  readonly list?: ListType | undefined;
  readonly map?: MapType | undefined;
}

/** `untyped` takes any scalar. */
export type ScalarType = 'string' | 'number' | 'boolean' | 'untyped';

/** A list: one unit (`atomic`), a set of scalars, or elements that are told apart by key fields (`map`). */
export interface ListType {
  readonly relationship: 'atomic' | 'set' | 'map';
  /** Names of the key fields of a `map`; otherwise empty. */
  readonly keys: readonly string[];
  readonly element: TypeSchema;
}

/** An object: a structure with known fields, a map with values of one type, or both. */
export interface MapType {
  /** Owned and replaced as a whole. */
  readonly atomic: boolean;
  readonly fields: ReadonlyMap<string, FieldType>;
  /** The type of what is not among `fields`; undefined when nothing else is allowed. */
  readonly values?: TypeSchema | undefined;
}

/** A field of a structure. */
export interface FieldType {
  readonly type: TypeSchema;
  readonly default?: unknown;
  /** Strategic merge: `merge`, `replace`, `retainKeys`. */
  readonly patchStrategies: readonly string[];
  readonly patchMergeKey?: string | undefined;
}

/** A value of which nothing is known, taken as one unit. */
const untypedAtomic: TypeSchema = {
  scalar: 'untyped',
  get list(): ListType {
    return { relationship: 'atomic', keys: [], element: untypedAtomic };
  },
  get map(): MapType {
    return { atomic: true, fields: new Map(), values: untypedAtomic };
  },
};

/** A value whose form follows from what it holds: objects field by field, lists as one unit. */
export const deduced: TypeSchema = {
  scalar: 'untyped',
  list: { relationship: 'atomic', keys: [], element: untypedAtomic },
  get map(): MapType {
    return deducedMap;
  },
};
const deducedMap: MapType = { atomic: false, fields: new Map(), values: deduced };

/** Definitions whose documents do not say what they are. @see k8s.io/kube-openapi schemaconv/openapi.go */
const irregular: ReadonlyMap<string, TypeSchema> = new Map([
  ['io.k8s.apimachinery.pkg.api.resource.Quantity', { scalar: 'untyped' }],
  ['io.k8s.apimachinery.pkg.runtime.RawExtension', untypedAtomic],
]);

/** Turns OpenAPI v3 schemas into {@link TypeSchema}s, each when it is first asked for: types may contain themselves. */
export class TypeCompiler {
  readonly #definition: (name: string) => OpenApiSchema | undefined;
  readonly #named = new Map<string, TypeSchema>();

  constructor(definition: (name: string) => OpenApiSchema | undefined) {
    this.#definition = definition;
  }

  /** @throws {RangeError} when there is no such definition. */
  named(name: string): TypeSchema {
    let type = irregular.get(name) ?? this.#named.get(name);
    if (type === undefined) {
      const schema = this.#definition(name);
      if (schema === undefined)
        throw new RangeError(`Cannot compile a type: its name must be a definition, got ${JSON.stringify(name)}`);
      type = this.compile(schema, false, name);
      this.#named.set(name, type);
    }
    return type;
  }

  /** `preserve`: fields that are not declared are kept, here and in all that is declared in place below. */
  compile(schema: OpenApiSchema, preserve: boolean, name?: string): TypeSchema {
    return new CompiledType(this, schema, preserve || schema['x-kubernetes-preserve-unknown-fields'] === true, name);
  }

  /** The type of a member: a reference (alone, or alone in `allOf`), possibly made atomic or granular here, or a schema in place. */
  member(schema: OpenApiSchema, preserve: boolean): TypeSchema {
    const reference = schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0]?.$ref : undefined);
    if (reference === undefined) return this.compile(schema, preserve);
    const type = this.named(reference.slice(reference.lastIndexOf('/') + 1));
    const mapType = schema['x-kubernetes-map-type'];
    if (mapType === undefined || type.map === undefined) return type;
    return {
      name: type.name,
      scalar: type.scalar,
      list: type.list,
      map: { ...type.map, atomic: mapType === 'atomic' },
    };
  }
}

class CompiledType implements TypeSchema {
  readonly name: string | undefined;
  readonly #compiler: TypeCompiler;
  readonly #schema: OpenApiSchema;
  readonly #preserve: boolean;
  #list: ListType | undefined;
  #map: MapType | undefined;

  constructor(compiler: TypeCompiler, schema: OpenApiSchema, preserve: boolean, name: string | undefined) {
    this.#compiler = compiler;
    this.#schema = schema;
    this.#preserve = preserve;
    this.name = name;
  }

  get scalar(): ScalarType | undefined {
    const { type, format } = this.#schema;
    switch (type) {
      case 'object':
      case 'array':
        return undefined;
      case 'integer':
      case 'number':
        return 'number';
      case 'boolean':
        return 'boolean';
      case 'string':
        return format === undefined || format === '' || format === 'byte' ? 'string' : 'untyped';
      default:
        return 'untyped';
    }
  }

  get list(): ListType | undefined {
    const { type, items } = this.#schema;
    if (type !== undefined && type !== '' && type !== 'array') return undefined;
    this.#list ??= {
      ...listRelationship(this.#schema),
      element: items === undefined ? untypedAtomic : this.#compiler.member(items, this.#preserve),
    };
    return this.#list;
  }

  get map(): MapType | undefined {
    const { type } = this.#schema;
    if (type !== undefined && type !== '' && type !== 'object') return undefined;
    this.#map ??= {
      atomic: this.#schema['x-kubernetes-map-type'] === 'atomic',
      fields: this.#fields(),
      values: this.#values(),
    };
    return this.#map;
  }

  #fields(): ReadonlyMap<string, FieldType> {
    const fields = new Map<string, FieldType>();
    for (const [name, schema] of Object.entries(this.#schema.properties ?? {})) {
      fields.set(name, new CompiledField(this.#compiler, schema, this.#preserve));
    }
    return fields;
  }

  #values(): TypeSchema | undefined {
    const { additionalProperties, properties } = this.#schema;
    if (typeof additionalProperties === 'object') return this.#compiler.member(additionalProperties, this.#preserve);
    if (additionalProperties !== undefined) return additionalProperties ? deduced : undefined;
    return this.#preserve || Object.keys(properties ?? {}).length === 0 ? deduced : undefined;
  }
}

class CompiledField implements FieldType {
  readonly default: unknown;
  readonly patchStrategies: readonly string[];
  readonly patchMergeKey: string | undefined;
  readonly #compiler: TypeCompiler;
  readonly #schema: OpenApiSchema;
  readonly #preserve: boolean;
  #type: TypeSchema | undefined;

  constructor(compiler: TypeCompiler, schema: OpenApiSchema, preserve: boolean) {
    this.#compiler = compiler;
    this.#schema = schema;
    this.#preserve = preserve;
    this.default = schema.default;
    this.patchStrategies = schema['x-kubernetes-patch-strategy']?.split(',') ?? [];
    this.patchMergeKey = schema['x-kubernetes-patch-merge-key'];
  }

  get type(): TypeSchema {
    this.#type ??= this.#compiler.member(this.#schema, this.#preserve);
    return this.#type;
  }
}

/** `x-kubernetes-list-type` decides; where it is missing, the patch strategy. @see k8s.io/kube-openapi schemaconv/smd.go */
function listRelationship(schema: OpenApiSchema): Pick<ListType, 'relationship' | 'keys'> {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return { relationship: 'set', keys: [] };
    case 'map':
      return { relationship: 'map', keys };
    case undefined: {
      if (schema['x-kubernetes-patch-strategy']?.split(',')[0] !== 'merge') return { relationship: 'atomic', keys: [] };
      const key = schema['x-kubernetes-patch-merge-key'];
      return key === undefined ? { relationship: 'set', keys: [] } : { relationship: 'map', keys: [key] };
    }
    default:
      return { relationship: 'atomic', keys: [] };
  }
}
