import type { CustomResourceSubresourceScale } from '@bowline/api/apiextensions/v1';
import {
  apiVersion,
  clone,
  type Draft,
  deepFreeze,
  isJsonObject,
  type Kind,
  type KubernetesObject,
  type Scope,
} from '@bowline/apimachinery';
import { checkValue, rules } from '@bowline/apimachinery/arguments';
import type { MultiDefinition, ObjectOfDefinition, ObjectOfVersion, SingleDefinition } from './define.ts';
import { type CrdManifest, validateCrd } from './definition/index.ts';
import { checkDefinition } from './definition-rules.ts';
import { CrdError } from './errors.ts';
import { type FieldError, root } from './field-error.ts';
import { nonFiniteErrors } from './finite.ts';
import { storageOf, toManifest, versionsOf } from './manifest.ts';
import { StructuralSchema } from './structural-schema.ts';
import { toYaml } from './yaml.ts';

/** The object type of a definition, as far as a kind needs to know. */
type ObjectFor<D> = ObjectOfDefinition<D> extends KubernetesObject ? ObjectOfDefinition<D> : never;

export interface CustomKind<T extends KubernetesObject> extends Kind<T> {}

/**
 * A handle for one version of a custom kind, with what its schema can do. It is a `Kind`: wherever `Deployment` goes, this goes.
 * Methods never change what they are given.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds what only the compiler sees, the type of the objects
export class CustomKind<T extends KubernetesObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly apiVersion: string;
  readonly scope: Scope;
  readonly subresources: readonly string[];
  readonly #manifest: CrdManifest;
  #schema: StructuralSchema | undefined;

  constructor(manifest: CrdManifest, version: string) {
    checkValue('make a kind', 'manifest', manifest, rules.object);
    checkValue('make a kind', 'version', version, rules.nonEmptyString);
    const { group, names, scope } = manifest.spec;
    this.group = group;
    this.version = version;
    this.kind = names.kind;
    this.resource = names.plural;
    this.apiVersion = apiVersion({ group, version });
    this.scope = scope as Scope;
    this.subresources = Object.keys(served(manifest, version)?.subresources ?? {}).sort();
    this.#manifest = manifest;
  }

  /** The schema of this version, compiled when it is first needed. */
  get schema(): StructuralSchema {
    this.#schema ??= StructuralSchema.from(served(this.#manifest, this.version)?.schema?.openAPIV3Schema ?? {});
    return this.#schema;
  }

  /** The CustomResourceDefinition, frozen: with all versions of the kind. For `client.create` and `client.apply`. */
  manifest(): CrdManifest {
    return this.#manifest;
  }

  /** The CustomResourceDefinition as YAML, for `kubectl apply -f`. */
  yaml(): string {
    return toYaml(this.#manifest);
  }

  /** A copy with type fields and defaults filled in, as the server would store it. @throws {TypeError} when it is no object. */
  default(object: Draft<T>): T {
    checkValue(`fill in defaults of ${this.kind}`, 'object', object, rules.object);
    const { apiVersion, kind } = this;
    return this.schema.default(clone({ apiVersion, kind, ...object })) as unknown as T;
  }

  /** A copy without members that have no schema. @throws {TypeError} when it is no object. */
  prune<O extends Draft<T> | T>(object: O): O {
    checkValue(`prune ${this.kind}`, 'object', object, rules.object);
    const pruned = clone(object) as O;
    this.schema.prune(pruned);
    return pruned;
  }

  /**
   * What an API server would say against an object; empty when nothing. Defaults are not filled in first. CEL rules are not evaluated.
   * NaN and Infinity are refused wherever they are: JSON has no such numbers, they would be sent as null.
   *
   * @param old The object before an update: what was wrong already and has not changed is forgiven.
   */
  validate(object: unknown, old?: unknown): FieldError[] {
    const unsendable = nonFiniteErrors(object, root);
    const errors = this.schema.validate(object, old, { scale: this.#scale() });
    return [...unsendable, ...errors.filter(({ field }) => !unsendable.some((error) => error.field === field))];
  }

  /**
   * Does what an API server does to an object that is created: fills in defaults, prunes, validates.
   *
   * @returns A new object.
   * @throws {CrdError} `CRD_INVALID_OBJECT`; `errors` says what is wrong.
   */
  parse(object: unknown): T {
    if (!isJsonObject(object))
      throw new CrdError('CRD_INVALID_OBJECT', `Cannot parse ${this.kind}`, this.validate(object));
    const result = this.default(object as Draft<T>);
    this.schema.prune(result);
    const { error } = this.schema.coerceEmbedded(result);
    const errors = error ? [error] : this.validate(result);
    if (errors.length > 0) throw new CrdError('CRD_INVALID_OBJECT', `Cannot parse ${this.kind}`, errors);
    return result;
  }

  #scale(): CustomResourceSubresourceScale | undefined {
    return served(this.#manifest, this.version)?.subresources?.scale;
  }
}

/** What `defineCrd` returns: the handle of the version in which objects are stored, and the way to the others. */
export class CustomResource<D extends SingleDefinition | MultiDefinition> extends CustomKind<ObjectFor<D>> {
  /** The names of all versions. */
  readonly versions: readonly string[];

  constructor(definition: D) {
    checkDefinition(definition);
    const manifest = deepFreeze(clone(toManifest(definition))) as CrdManifest;
    const versions = versionsOf(definition).map(([name]) => name);
    const storage = storageOf(definition);
    if (!versions.includes(storage)) {
      throw new TypeError(
        `Cannot define ${definition.kind}: storage must be one of ${versions.join(', ')}, got ${storage}`,
      );
    }
    const errors = validateCrd(manifest);
    if (errors.length > 0) throw new CrdError('CRD_INVALID_DEFINITION', `Cannot define ${definition.kind}`, errors);
    super(manifest, storage);
    this.versions = versions;
  }

  /**
   * The handle of one version.
   *
   * @throws {RangeError} when there is no such version.
   */
  at<V extends VersionOf<D>>(version: V): CustomKind<VersionObject<D, V>> {
    if (!this.versions.includes(version)) {
      throw new RangeError(
        `Cannot find ${this.kind}: version must be one of ${this.versions.join(', ')}, got ${version}`,
      );
    }
    return new CustomKind(this.manifest(), version);
  }
}

/** The names of a definition's versions. */
type VersionOf<D> = D extends MultiDefinition
  ? keyof D['versions'] & string
  : D extends SingleDefinition
    ? D['version']
    : never;

type VersionObject<D, V extends string> = D extends MultiDefinition
  ? ObjectOfVersion<D, V> extends KubernetesObject
    ? ObjectOfVersion<D, V>
    : never
  : ObjectFor<D>;

function served(manifest: CrdManifest, version: string): CrdManifest['spec']['versions'][number] | undefined {
  return manifest.spec.versions.find(({ name }) => name === version);
}
