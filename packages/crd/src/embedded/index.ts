import { isJsonObject, setMember } from '@bowline/apimachinery';
import { at, child, type FieldError, invalid, required } from '../field-error.ts';
import { compareStrings } from '../go-text.ts';
import { dnsLetterLabelProblems, pathSegmentProblems } from '../names.ts';
import type { SchemaNode } from '../schema-node.ts';
import { decodeMetadata } from './decode.ts';
import { metadataErrors } from './metadata.ts';

/** What `coerceEmbedded` found. */
export interface Coercion {
  /** The first field of a wrong type: then the object is not accepted. */
  readonly error: FieldError | undefined;
  /** Paths of metadata fields that do not exist, in byte order; they have been removed. */
  readonly unknown: readonly string[];
}

/**
 * Brings apiVersion, kind and metadata of objects inside an object into shape, in place: checks types, removes what metadata does not have.
 *
 * @see apiextensions-apiserver schema/objectmeta/algorithm.go
 */
export function coerceEmbedded(value: unknown, node: SchemaNode, path: string): Coercion {
  const unknown: string[] = [];
  const error = coerce(value, node, path, unknown);
  return { error, unknown: unknown.sort(compareStrings) };
}

function coerce(value: unknown, node: SchemaNode | undefined, path: string, unknown: string[]): FieldError | undefined {
  if (!node?.hasEmbedded) return undefined;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const error = coerce(item, node.items, at(path, index), unknown);
      if (error) return error;
    }
    return undefined;
  }
  if (!isMutableObject(value)) return undefined;
  for (const name of Object.keys(value).sort(compareStrings)) {
    const error =
      (node.embedded && coerceMeta(value, name, path, unknown)) || coerceMember(value, name, node, path, unknown);
    if (error) return error;
  }
  return undefined;
}

function coerceMember(
  value: Readonly<Record<string, unknown>>,
  name: string,
  node: SchemaNode,
  path: string,
  unknown: string[],
): FieldError | undefined {
  const own = node.properties.get(name);
  if (own) return coerce(value[name], own, child(path, name), unknown);
  const { additional } = node;
  return typeof additional === 'object' ? coerce(value[name], additional, at(path, name), unknown) : undefined;
}

function coerceMeta(
  value: Record<string, unknown>,
  name: string,
  path: string,
  unknown: string[],
): FieldError | undefined {
  const member = value[name];
  if (name === 'apiVersion' || name === 'kind') {
    return typeof member === 'string' ? undefined : invalid(child(path, name), member, 'must be a string');
  }
  if (name !== 'metadata') return undefined;
  try {
    const decoded = decodeMetadata(member);
    unknown.push(...decoded.unknown.map((field) => `${child(path, 'metadata')}.${field}`));
    setMember(value, 'metadata', decoded.metadata);
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return invalid(child(path, 'metadata'), member, error.message);
    throw error;
  }
}

/**
 * What is wrong with apiVersion, kind and metadata of objects inside an object.
 *
 * @see apiextensions-apiserver schema/objectmeta/validation.go
 */
export function embeddedErrors(value: unknown, node: SchemaNode | undefined, path: string): FieldError[] {
  if (!node?.hasEmbedded) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => embeddedErrors(item, node.items, at(path, index)));
  if (!isJsonObject(value)) return [];
  const names = Object.keys(value).sort(compareStrings);
  const errors = node.embedded ? objectErrors(value, path) : [];
  const { additional } = node;
  for (const name of names) {
    const own = node.properties.get(name);
    if (own) errors.push(...embeddedErrors(value[name], own, child(path, name)));
    else if (typeof additional === 'object') errors.push(...embeddedErrors(value[name], additional, at(path, name)));
  }
  return errors;
}

function objectErrors(value: Readonly<Record<string, unknown>>, path: string): FieldError[] {
  const errors = ['apiVersion', 'kind']
    .filter((name) => !Object.hasOwn(value, name))
    .map((name) => required(child(path, name)));
  for (const name of Object.keys(value).sort(compareStrings)) {
    if (name === 'apiVersion') errors.push(...textErrors(value[name], child(path, name), apiVersionProblem));
    else if (name === 'kind') errors.push(...textErrors(value[name], child(path, name), kindProblem));
    else if (name === 'metadata') errors.push(...embeddedMetadataErrors(value[name], child(path, name)));
  }
  return errors;
}

function textErrors(value: unknown, path: string, problem: (text: string) => string | undefined): FieldError[] {
  if (typeof value !== 'string') return [invalid(path, value, 'must be a string')];
  const found = value === '' ? 'must not be empty' : problem(value);
  return found === undefined ? [] : [invalid(path, value, found)];
}

function apiVersionProblem(apiVersion: string): string | undefined {
  return apiVersion.split('/').length > 2 ? `unexpected GroupVersion string: ${apiVersion}` : undefined;
}

function kindProblem(kind: string): string | undefined {
  const problems = dnsLetterLabelProblems(kind.toLowerCase());
  if (problems.length === 0) return undefined;
  return `may have mixed case, but should otherwise match: ${problems.join(',')}`;
}

function embeddedMetadataErrors(value: unknown, path: string): FieldError[] {
  try {
    const { metadata } = decodeMetadata(value);
    const named = metadata.name ? metadata : { ...metadata, name: 'fakename' };
    return metadataErrors(named, Boolean(metadata.namespace), pathSegmentProblems, path);
  } catch (error) {
    if (error instanceof SyntaxError) return [invalid(path, value, error.message)];
    throw error;
  }
}

function isMutableObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
