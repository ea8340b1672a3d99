import type {
  CustomResourceColumnDefinition,
  CustomResourceConversion,
  CustomResourceSubresourceScale,
  SelectableField,
  ValidationRule,
} from '@bowline/api/apiextensions/v1';
import type { ObjectMeta, Scope, StringMap, WithDraft } from '@bowline/apimachinery';
import { CustomResource } from './custom-resource.ts';
import type { Input, Output, SchemaSource } from './infer.ts';
import type { Shown } from './schema.ts';

/** One version of a kind: what its objects look like and how they are served. */
export interface VersionDefinition {
  /** What users ask for: a schema of objects. It must be there, unless it is optional or has a default. */
  readonly spec?: SchemaSource | undefined;
  /** What is the case: a schema of objects. It may be missing. */
  readonly status?: SchemaSource | undefined;
  /** Members beside spec and status. */
  readonly properties?: Readonly<Record<string, SchemaSource>> | undefined;
  readonly subresources?: SubresourcesDefinition | undefined;
  /** Columns that `kubectl get` shows after the name. */
  readonly printerColumns?: readonly CustomResourceColumnDefinition[] | undefined;
  /** Fields that field selectors may name. */
  readonly selectableFields?: readonly SelectableField[] | undefined;
  /** What `kubectl explain` says of the kind. */
  readonly description?: string | undefined;
  /** Rules in CEL about the object as a whole. */
  readonly rules?: readonly ValidationRule[] | undefined;
  /** @default true */
  readonly served?: boolean | undefined;
  /** Who uses the version is warned: with this text, or with the server's own for `true`. */
  readonly deprecated?: boolean | string | undefined;
}

export interface SubresourcesDefinition {
  /**
   * Status is written apart from the rest, by controllers only.
   *
   * @default true when there is a schema for it
   */
  readonly status?: boolean | undefined;
  /** `kubectl scale` and autoscalers work. The paths say where the numbers are: `.spec.replicas`. */
  readonly scale?: CustomResourceSubresourceScale | undefined;
}

/** What all versions of a kind have in common. */
export interface NamesDefinition {
  /** A domain: `stable.example.com`. */
  readonly group: string;
  /** CamelCase and singular: `TsTest`. */
  readonly kind: string;
  /** The name in URLs. @default the kind in lower case, in the plural: `tstests`, `policies` */
  readonly plural?: string | undefined;
  /** @default the kind in lower case */
  readonly singular?: string | undefined;
  /** @default the kind and `List` */
  readonly listKind?: string | undefined;
  readonly shortNames?: readonly string[] | undefined;
  /** Groups of kinds that `kubectl get` knows: `all`. */
  readonly categories?: readonly string[] | undefined;
  /** @default Namespaced */
  readonly scope?: Scope | undefined;
  /** Labels of the CustomResourceDefinition itself. */
  readonly labels?: StringMap | undefined;
  /** Annotations of the CustomResourceDefinition itself. */
  readonly annotations?: StringMap | undefined;
}

/** A kind with one version. */
export interface SingleDefinition extends NamesDefinition, VersionDefinition {
  /** `v1`, `v1beta1`, `v2alpha1` … */
  readonly version: string;
}

/** A kind with several versions. */
export interface MultiDefinition extends NamesDefinition {
  readonly versions: Readonly<Record<string, VersionDefinition>>;
  /** The version in which objects are stored. The kind's handle stands for it. */
  readonly storage: string;
  /** @default None: versions differ in nothing but their name */
  readonly conversion?: CustomResourceConversion | undefined;
}

/** The type of the objects of a version. */
export type CustomObject<G extends string, V extends string, K extends string, D extends VersionDefinition> = Shown<
  {
    readonly apiVersion: `${G}/${V}`;
    readonly kind: K;
    readonly metadata: ObjectMeta;
  } & Stored<Sources<D>> & {
      readonly [N in 'status' as D[N] extends SchemaSource ? N : never]?: Output<D[N]> | undefined;
    } & WithDraft<Sent<Sources<D>>>
>;

/** The members that users write: the spec, and what stands beside it. */
type Sources<D extends VersionDefinition> = (D['spec'] extends SchemaSource ? { readonly spec: D['spec'] } : unknown) &
  (D['properties'] extends Readonly<Record<string, SchemaSource>> ? D['properties'] : unknown);

/** What is read: members with defaults are there. */
type Stored<M> = { readonly [N in keyof M as PresenceOf<M[N]> extends 'optional' ? never : N]: Output<M[N]> } & {
  readonly [N in keyof M as PresenceOf<M[N]> extends 'optional' ? N : never]?: Output<M[N]> | undefined;
};

/** What is sent: members with defaults may be left out. */
type Sent<M> = { readonly [N in keyof M as PresenceOf<M[N]> extends 'required' ? N : never]: Input<M[N]> } & {
  readonly [N in keyof M as PresenceOf<M[N]> extends 'required' ? never : N]?: Input<M[N]> | undefined;
};

/** What does not say is required. */
type PresenceOf<S> = S extends { readonly presence: infer P } ? P : 'required';

/** The objects of the version in which they are stored. */
export type ObjectOfDefinition<D> = D extends SingleDefinition
  ? CustomObject<D['group'], D['version'], D['kind'], D>
  : D extends MultiDefinition
    ? ObjectOfVersion<D, D['storage']>
    : never;

/** The objects of one version. */
export type ObjectOfVersion<D extends MultiDefinition, V extends string> = V extends keyof D['versions']
  ? D['versions'][V] extends VersionDefinition
    ? CustomObject<D['group'], V & string, D['kind'], D['versions'][V]>
    : never
  : never;

/**
 * Declares a custom resource once: the value is a handle for its kind, knows the TypeScript type of its objects, writes the
 * CustomResourceDefinition, and fills in defaults, prunes and validates as an API server would.
 *
 * @throws {CrdError} `CRD_INVALID_DEFINITION` when an API server would refuse the definition; `errors` says why, in its words.
 * @throws {TypeError} {RangeError} for missing or unknown names, unknown keywords and values of the wrong type, when a schema cannot be said in
 * a CustomResourceDefinition, spec or status is no schema of objects, or `storage` names no version.
 * @example
 * ```ts
 * import type { ObjectOf } from '@bowline/apimachinery';
 * import { defineCrd, s } from '@bowline/crd';
 *
 * const Backup = defineCrd({
 *   group: 'stable.example.com',
 *   version: 'v1',
 *   kind: 'Backup',
 *   spec: s.object({ volume: s.string(), keep: s.integer({ minimum: 1 }).default(7) }),
 *   status: s.object({ lastRun: s.dateTime().optional() }),
 * });
 * type Backup = ObjectOf<typeof Backup>;
 *
 * Backup.resource; // 'backups'
 * ```
 */
export function defineCrd<const D extends SingleDefinition>(definition: D): CustomResource<D>;
export function defineCrd<const D extends MultiDefinition>(definition: D): CustomResource<D>;
export function defineCrd<const D extends SingleDefinition | MultiDefinition>(definition: D): CustomResource<D> {
  return new CustomResource(definition);
}
