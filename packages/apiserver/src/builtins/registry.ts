import type { FieldError } from '../field-error.ts';
import type { ServerObject } from '../object.ts';

/** Fills in what a client left out. Runs on every body, before anything is checked. May change `object`. */
export type Defaulter = (object: ServerObject) => void;

/**
 * Finds what is wrong with an object besides its metadata, which is checked for all kinds alike.
 *
 * @param old The stored object when this is an update; undefined on create.
 * @param subresource `''` for the object itself.
 */
export type Validator = (object: ServerObject, old: ServerObject | undefined, subresource: string) => FieldError[];

/** `apps/v1 Deployment` */
export type KindName = `${string} ${string}`;

/** Defaulters and validators by kind. */
export interface BuiltinRules {
  readonly defaulters: Readonly<Partial<Record<KindName, Defaulter>>>;
  readonly validators: Readonly<Partial<Record<KindName, Validator>>>;
}
