import type { FieldError } from '../field-error.ts';
import type { ServerObject } from '../object.ts';
import type { ClusterView } from './admission-plugin.ts';

/** What the steps of a write may depend on besides the objects. */
export interface WriteContext {
  /** Wall time: milliseconds since the Unix epoch. */
  readonly nowMs: number;
  /** A fresh uid. */
  uuid(): string;
  /** Who asks; `system:masters` where nobody is asked for credentials. */
  readonly user: { readonly name: string; readonly uid: string; readonly groups: readonly string[] };
  /** What the object may depend on. */
  readonly cluster: ClusterView;
  /** Gives the client a warning along with the answer. */
  warn(text: string): void;
}

/** The grace period of a delete in seconds, from what the client asked for and what the object says. */
export type GracefulDelete = (object: ServerObject, requestedSeconds: number | undefined) => number | undefined;

/**
 * How objects of a resource are written: what the server sets, resets, refuses.
 *
 * @see k8s.io/apiserver registry/rest `RESTCreateUpdateStrategy` and its relatives
 */
export interface Strategy {
  /** A PUT of a missing object creates it. */
  readonly allowCreateOnUpdate: boolean;
  /** An update without resource version overwrites. */
  readonly allowUnconditionalUpdate: boolean;
  /** A delete is answered with the object, not with a Status. */
  readonly returnsDeleted: boolean;
  /** What a delete without propagation policy does to dependents; `unsupported` never sets the finalizers of the garbage collector. */
  readonly dependents: 'delete' | 'orphan' | 'unsupported';
  readonly graceful?: GracefulDelete | undefined;
  /** Sets what the server sets on create, and resets what clients must not set. */
  prepareForCreate(object: ServerObject, context: WriteContext): void;
  /** `object` has the generation of `old`. */
  prepareForUpdate(object: ServerObject, old: ServerObject, context: WriteContext): void;
  /** All that is wrong with a new object, its metadata included. */
  validateCreate(object: ServerObject): FieldError[];
  validateUpdate(object: ServerObject, old: ServerObject): FieldError[];
  warnings?(object: ServerObject, old: ServerObject | undefined): readonly string[];
  /** Says whether an update may remove the object, now that no finalizer is left. */
  mayDeleteDuringUpdate?(object: ServerObject): boolean;
}
