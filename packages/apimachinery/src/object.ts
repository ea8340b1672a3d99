/** A set of string pairs: labels, annotations, selectors. */
export type StringMap = Readonly<Record<string, string>>;

/** Names the owner of an object. @see k8s.io/apimachinery meta/v1 `OwnerReference` */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | undefined;
  readonly blockOwnerDeletion?: boolean | undefined;
}

/** Which fields a manager owns. @see k8s.io/apimachinery meta/v1 `ManagedFieldsEntry` */
export interface ManagedFieldsEntry {
  readonly manager?: string | undefined;
  readonly operation?: 'Apply' | 'Update' | undefined;
  readonly apiVersion?: string | undefined;
  readonly time?: string | undefined;
  readonly fieldsType?: string | undefined;
  readonly fieldsV1?: unknown;
  readonly subresource?: string | undefined;
}

/**
 * Metadata of an object as the server returns it: dates are RFC 3339 strings, as on the wire.
 *
 * @see k8s.io/apimachinery meta/v1 `ObjectMeta`
 */
export interface ObjectMeta {
  readonly name: string;
  readonly generateName?: string | undefined;
  readonly namespace?: string | undefined;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number | undefined;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string | undefined;
  readonly deletionGracePeriodSeconds?: number | undefined;
  readonly labels?: StringMap | undefined;
  readonly annotations?: StringMap | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
  readonly finalizers?: readonly string[] | undefined;
  readonly managedFields?: readonly ManagedFieldsEntry[] | undefined;
  readonly selfLink?: string | undefined;
}

/** Any object that an API server stores, as JSON. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** An object of a kind that is not known at compile time. */
export interface UnstructuredObject extends KubernetesObject {
  readonly [field: string]: unknown;
}

/** A list as the server answers it. Items carry `apiVersion` and `kind`, also where the wire leaves them out. */
export interface ObjectList<T> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly T[];
}

/** @see k8s.io/apimachinery meta/v1 `ListMeta` */
export interface ListMeta {
  readonly resourceVersion?: string | undefined;
  readonly continue?: string | undefined;
  readonly remainingItemCount?: number | undefined;
}

declare const draftFields: unique symbol;

/** What an object type may carry to say that its drafts differ in some fields: those with defaults may be left out. */
export interface WithDraft<Fields> {
  /** Never set; carries `Fields`. */
  readonly [draftFields]?: Fields;
}

/** The fields of a draft that differ from the object's, if any do. */
type DraftFields<T> = typeof draftFields extends keyof T ? NonNullable<T[typeof draftFields & keyof T]> : unknown;

/** What is sent to create or apply a `T`: type fields may be left out, metadata is what a user can set, fields with defaults are optional. */
export type Draft<T extends KubernetesObject> = Omit<
  T,
  'apiVersion' | 'kind' | 'metadata' | 'status' | typeof draftFields | keyof DraftFields<T>
> &
  DraftFields<T> & {
    readonly apiVersion?: T['apiVersion'] | undefined;
    readonly kind?: T['kind'] | undefined;
    readonly metadata: Partial<ObjectMeta>;
    readonly status?: T extends { status?: infer S } ? S : never;
  };
