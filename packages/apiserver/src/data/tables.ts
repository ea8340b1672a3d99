import { gunzipSync } from 'node:zlib';
import { columnsGzip } from './columns.generated.ts';
import { resourcesJson } from './resources.generated.ts';
import { structsGzip } from './structs.generated.ts';
import { versionJson } from './version.generated.ts';

/** A subresource as discovery lists it. */
export interface BuiltinSubresource {
  /** `status`, `scale`, … */
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  /** Group of `kind` where it is not the resource's own. */
  readonly group?: string;
  readonly version?: string;
}

/** A built-in resource as discovery lists it. */
export interface BuiltinResource {
  /** Plural name in URLs. */
  readonly resource: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Absent for resources that are not stored. */
  readonly storageVersionHash?: string;
  readonly subresources?: readonly BuiltinSubresource[];
}

/** A built-in API group. `name` is `''` for the core group; the preferred version comes first. */
export interface BuiltinGroup {
  readonly name: string;
  readonly versions: readonly { readonly version: string; readonly resources: readonly BuiltinResource[] }[];
}

/** An OpenAPI v3 schema as kube-apiserver publishes it, without descriptions. */
export interface OpenApiSchema {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly items?: OpenApiSchema;
  readonly additionalProperties?: OpenApiSchema | boolean;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly allOf?: readonly OpenApiSchema[];
  readonly oneOf?: readonly OpenApiSchema[];
  readonly anyOf?: readonly OpenApiSchema[];
  readonly not?: OpenApiSchema;
  readonly $ref?: string;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-group-version-kind'?: readonly { readonly group: string; readonly version: string; readonly kind: string }[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly [word: string]: unknown;
}

/** Flags of a field of a Go struct. */
export const fieldFlags: { readonly pointer: 1; readonly omitEmpty: 2; readonly omitZero: 4; readonly inline: 8 } = {
  pointer: 1,
  omitEmpty: 2,
  omitZero: 4,
  inline: 8,
};

/** JSON name, index of the type, {@link fieldFlags}; patch strategies and merge key if any. */
export type StructField = readonly [name: string, type: number, flags: number, strategies?: string, mergeKey?: string];

/** A Go type of the Kubernetes API. */
export interface TableType {
  /** What it is: a structure, a container, a scalar, or a type with a form of its own. */
  readonly k:
    | 'struct' | 'list' | 'map' | 'string' | 'bool' | 'int32' | 'int64' | 'float64' | 'bytes'
    | 'time' | 'microTime' | 'fieldsV1' | 'quantity' | 'intOrString' | 'rawExtension' | 'json'
    | 'schemaOrBool' | 'schemaOrArray' | 'schemaOrStringArray';
  /** Go's name of it: `v1.PodSpec`. */
  readonly g: string;
  /** Definition name of a structure. */
  readonly n?: string;
  /** Fields of a structure, in the order in which they are written. */
  readonly f?: readonly StructField[];
  /** Index of the type of elements or values. */
  readonly e?: number;
}

/** Every Go type behind the served kinds, as 1.35 has it. */
export interface StructTable {
  readonly types: readonly TableType[];
  /** `apiVersion` → kind → index of its type. */
  readonly kinds: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** The body of `/version`. */
export interface ServerVersion {
  readonly major: string;
  readonly minor: string;
  readonly emulationMajor: string;
  readonly emulationMinor: string;
  readonly minCompatibilityMajor: string;
  readonly minCompatibilityMinor: string;
  readonly gitVersion: string;
  readonly gitCommit: string;
  readonly gitTreeState: string;
  readonly buildDate: string;
  readonly goVersion: string;
  readonly compiler: string;
  readonly platform: string;
}

/** Runs `load` at the first call. A table is data that never changes, so one copy serves every server in the process. */
export function once<T>(load: () => T): () => T {
  let loaded: { readonly value: T } | undefined;
  return () => {
    loaded ??= { value: load() };
    return loaded.value;
  };
}

/** The text in a packed table. */
export function unpackText(base64: string): string {
  return gunzipSync(Buffer.from(base64, 'base64')).toString();
}

function unpack(base64: string): unknown {
  return JSON.parse(unpackText(base64));
}

/** The groups, versions and resources that kube-apiserver 1.35.4 serves by default, in its order of discovery. */
export const builtinGroups: () => readonly BuiltinGroup[] = once(() => JSON.parse(resourcesJson) as readonly BuiltinGroup[]);

/** The structures of all built-in types. The first call takes a few milliseconds. */
export const structTable: () => StructTable = once(() => unpack(structsGzip) as StructTable);

/** The body of `/version`. What belongs to a build and not to the version is neutral. */
export const serverVersion: () => ServerVersion = once(() => ({
  ...(JSON.parse(versionJson) as Pick<ServerVersion, 'major' | 'minor' | 'emulationMajor' | 'emulationMinor' | 'minCompatibilityMajor' | 'minCompatibilityMinor' | 'gitVersion' | 'compiler'>),
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'go1.25',
  platform: 'linux/amd64',
}));

/** A column of a rendered table, as the real server declares it. */
export interface BuiltinColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

const columnTable = once(
  () => unpack(columnsGzip) as { readonly sets: readonly (readonly BuiltinColumn[])[]; readonly resources: Readonly<Record<string, number>> },
);

/** The columns of the table that the real server renders for a resource; those of any kind without a printer when it lists none. */
export function builtinColumns(group: string, version: string, resource: string): readonly BuiltinColumn[] {
  const { sets, resources } = columnTable();
  return sets[resources[`${group}/${version}/${resource}`] ?? resources['/v1/limitranges'] ?? 0] ?? [];
}
