import type { FieldValidation } from '../http/query-options.ts';
import type { JsonObject, ServerObject } from '../object.ts';
import type { ParsedJson } from '../schema/index.ts';
import type { Entry } from '../store/entry.ts';

/** An object in one version, and the same as JSON. */
export interface View {
  readonly object: ServerObject;
  readonly json: string;
}

/** A body that was read: the object in the version of the endpoint, defaulted, and what is wrong with the body without spoiling it. */
export interface Decoded {
  readonly object: ServerObject;
  /** `unknown field "spec.foo"`, `duplicate field "spec.bar"`; empty when nobody asked. */
  readonly strictErrors: readonly string[];
}

/** A document that was parsed, or one that was merged with what is stored: the real server reads them by different code. */
export interface ParsedObject extends ParsedJson {
  /** @default 'document' */
  readonly from?: 'document' | 'merge' | undefined;
}

/** How the objects of a resource look in one version. */
export interface Codec {
  /**
   * Gives a body its type and defaults.
   *
   * @throws {DecodeError} when the body does not have the form of the type.
   */
  decode(parsed: ParsedObject, validation: FieldValidation): Decoded;
  /** What is stored, in this version. Must not be changed. */
  view(entry: Entry): View;
  /** A stored object in this version. May be the same object, or share parts with it. */
  fromStored(object: ServerObject): ServerObject;
  /** An object of this version as it is stored. May be the same object, or share parts with it. */
  toStored(object: ServerObject): ServerObject;
  /** An item of a list, which for built-in kinds does not repeat what it is. */
  listItem(view: View): string;
  /** An object that says nothing but `metadata`: what a bookmark carries. */
  empty(metadata: JsonObject): JsonObject;
}
