import type { CustomResourceSubresourceScale, JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import { checkValue, rules } from '@bowline/apimachinery/arguments';
import { Correlation } from './correlation.ts';
import { applyDefaults } from './default.ts';
import { schemaErrors } from './definition/schema.ts';
import { type Coercion, coerceEmbedded, embeddedErrors } from './embedded/index.ts';
import { CrdError } from './errors.ts';
import { child, type FieldError, root } from './field-error.ts';
import { duplicatesIn } from './list-types.ts';
import { checkNesting } from './nesting.ts';
import { dropNulls, prune } from './prune.ts';
import { scaleSpecErrors, scaleStatusErrors } from './scale.ts';
import { compileSchema, type SchemaNode } from './schema-node.ts';
import { validateValue } from './validate.ts';

/** How a value is pruned. */
export interface PruneOptions {
  /**
   * The value is a whole object: its apiVersion, kind and metadata need no schema.
   *
   * @default true
   */
  readonly isRoot?: boolean | undefined;
}

/** What more there is to check than the schema says. */
export interface ValidateOptions {
  /** The definition's scale subresource: the paths it names must hold numbers. */
  readonly scale?: CustomResourceSubresourceScale | undefined;
  /** The request goes to this subresource: only that part was changed, so only that part is checked. */
  readonly subresource?: 'status' | undefined;
}

/**
 * What an API server does to objects by the schema of a CustomResourceDefinition: prune, fill in defaults, validate. Paths, words and order
 * of errors are those of kube-apiserver; where its order is random (members of an object), it is the byte order of their names.
 *
 * Objects are JSON data and are changed in place. CEL rules (`x-kubernetes-validations`) are not evaluated.
 *
 * | | cost |
 * |---|---|
 * | `from` | O(size of the schema), patterns are compiled once |
 * | `prune`, `default`, `validate` | O(size of the object) |
 *
 * @example
 * ```ts
 * import { StructuralSchema } from '@bowline/crd';
 *
 * const schema = StructuralSchema.from({
 *   type: 'object',
 *   properties: { spec: { type: 'object', properties: { replicas: { type: 'integer', minimum: 0, default: 1 } } } },
 * });
 * const object = { spec: { colour: 'red' } };
 * schema.prune(object); // ['spec.colour']
 * schema.default(object); // { spec: { replicas: 1 } }
 * schema.validate({ spec: { replicas: -1 } })[0]?.message;
 * // 'Invalid value: -1: spec.replicas in body should be greater than or equal to 0'
 * ```
 */
export class StructuralSchema {
  /** The schema as it was given. */
  readonly source: JSONSchemaProps;
  readonly #node: SchemaNode;

  private constructor(source: JSONSchemaProps, node: SchemaNode) {
    this.source = source;
    this.#node = node;
  }

  /**
   * Compiles a schema: the `openAPIV3Schema` of a version.
   *
   * @throws {TypeError} when it is no object, or contains itself.
   * @throws {CrdError} `CRD_INVALID_SCHEMA` when it breaks the rules of structural schemas; `errors` says where, relative to `openAPIV3Schema`.
   */
  static from(openAPIV3Schema: JSONSchemaProps): StructuralSchema {
    checkValue('use schema', 'openAPIV3Schema', openAPIV3Schema, rules.object);
    checkNesting('use schema', 'openAPIV3Schema', openAPIV3Schema);
    const errors = schemaErrors(openAPIV3Schema, { path: 'openAPIV3Schema', hasStatusSubresource: false });
    if (errors.length > 0) throw new CrdError('CRD_INVALID_SCHEMA', 'Cannot use schema', errors);
    return new StructuralSchema(openAPIV3Schema, compileSchema(openAPIV3Schema));
  }

  /**
   * Removes what has no schema, and what is null and may not be. In place.
   *
   * @returns The paths of what had no schema, in byte order: `spec.colour`, `spec.list[0].x`. For field validation.
   */
  prune(object: unknown, options: PruneOptions = {}): string[] {
    const removed = prune(object, this.#node, options.isRoot ?? true);
    dropNulls(object, this.#node);
    return removed;
  }

  /** Fills in defaults where a member is missing, or null without being allowed to. In place; returns the object. */
  default<T>(object: T): T {
    applyDefaults(object, this.#node);
    return object;
  }

  /** Checks and cleans the metadata of objects inside the object (`x-kubernetes-embedded-resource`). In place. */
  coerceEmbedded(object: unknown): Coercion {
    return coerceEmbedded(object, this.#node, root);
  }

  /**
   * What is wrong with an object; empty when nothing is. Metadata of the object itself is not looked at.
   *
   * @param old The object before an update. What was wrong before and has not changed is forgiven.
   */
  validate(object: unknown, old?: unknown, options: ValidateOptions = {}): FieldError[] {
    const { scale, subresource } = options;
    const lists = this.#listErrors(object, old);
    if (subresource === 'status') {
      return [...this.#statusErrors(object, old), ...(scale ? scaleStatusErrors(object, scale) : []), ...lists];
    }
    const correlation = old === undefined ? undefined : new Correlation(object, old, this.#node);
    return [
      ...validateValue(object, this.#node, root, correlation).violations.map(({ toFieldError }) => toFieldError(root)),
      ...(scale ? [...scaleSpecErrors(object, scale), ...scaleStatusErrors(object, scale)] : []),
      ...embeddedErrors(object, this.#node, root),
      ...lists,
    ];
  }

  #statusErrors(object: unknown, old: unknown): FieldError[] {
    const node = this.#node.properties.get('status');
    const status = memberOf(object, 'status');
    if (node === undefined || status === undefined) return [];
    const oldStatus = memberOf(old, 'status');
    const correlation = oldStatus === undefined ? undefined : new Correlation(status, oldStatus, node);
    const base = child(root, 'status');
    return validateValue(status, node, root, correlation).violations.map(({ toFieldError }) => toFieldError(base));
  }

  /** Lists that had duplicates before the update may keep them. */
  #listErrors(object: unknown, old: unknown): FieldError[] {
    if (old !== undefined && duplicatesIn(old, this.#node, root).length > 0) return [];
    return duplicatesIn(object, this.#node, root);
  }
}

function memberOf(object: unknown, name: string): unknown {
  return typeof object === 'object' && object !== null ? Reflect.get(object, name) : undefined;
}
