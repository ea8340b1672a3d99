import { type GroupVersionKind, groupVersion } from '@bowline/apimachinery';
import type { Codec, Decoded } from '../codec/codec.ts';
import { builtinDefinitionName } from '../data/index.ts';
import { badRequest } from '../errors.ts';
import { quote } from '../go-format.ts';
import { isObject } from '../object.ts';
import { DecodeError, type ParsedJson, readBuiltin } from '../schema/index.ts';
import { JsonSyntaxError, parseJson } from './json-text.ts';
import type { BodyFormat } from './media-type.ts';
import { checkNumbers } from './numbers.ts';
import { openProtobuf, type ProtobufBody, readProtobuf } from './protobuf-body.ts';
import type { FieldValidation } from './query-options.ts';
import { parseYaml, YamlSyntaxError } from './yaml.ts';

/** What an endpoint expects in a body. */
export interface Expectation {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Custom resources must say what they are; built-in ones are taken for what the endpoint serves. */
  readonly custom: boolean;
  readonly codec: Codec;
}

/** What a body says it is. */
interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/** A body whose form is known, not yet its type. */
export interface ParsedBody extends ParsedJson {
  /** What stands twice in YAML, in words. */
  readonly yamlDuplicates: readonly string[];
}

const noDuplicates: ParsedJson['duplicates'] = new Map();

/**
 * Reads the body of a create or an update.
 *
 * @param warn Is told what is unknown or stands twice when that is no error.
 * @throws {Refusal} 400 in the real server's words when the body cannot be read, or not strictly enough.
 */
export function decodeObject(
  bytes: Uint8Array,
  format: BodyFormat,
  expected: Expectation,
  validation: FieldValidation,
  warn: (text: string) => void,
): Decoded {
  const unrecognized = (why: string): Error =>
    badRequest(`the object provided is unrecognized (must be of type ${expected.kind}): ${why} (${summary(bytes)})`);
  let parsed: ParsedBody;
  let said: TypeMeta;
  try {
    parsed = parseBody(bytes, format, expected);
    said = typeMetaOf(parsed.value);
    if (expected.custom && said.kind === '') {
      const text = format === 'json' ? textOf(bytes) : JSON.stringify(parsed.value);
      throw new FormatError(`Object 'Kind' is missing in '${text}'`);
    }
  } catch (error) {
    if (error instanceof FormatError) throw unrecognized(error.message);
    throw error;
  }
  const type = checkType(said, expected, parsed.value);
  const refuse = (why: string): Error => refusedKind(type, expected, why);
  let decoded: Decoded;
  try {
    // What protobuf holds beyond the type is passed over in silence, however strict the reader should be.
    decoded = expected.codec.decode(parsed, format === 'protobuf' ? 'Ignore' : validation);
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
  const { yamlDuplicates } = parsed;
  if (validation === 'Strict') {
    const all = [
      ...(yamlDuplicates.length > 0 ? [`yaml: unmarshal errors:\n  ${yamlDuplicates.join('\n  ')}`] : []),
      ...decoded.strictErrors,
    ];
    if (all.length > 0) throw refuse(`strict decoding error: ${all.join(', ')}`);
  } else if (validation === 'Warn') for (const error of [...yamlDuplicates, ...decoded.strictErrors]) warn(error);
  return decoded;
}

/** A body that cannot be read as what it claims to be written in, or that does not say what it is. */
export class FormatError extends Error {}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

/**
 * @throws {FormatError} in the real server's words.
 * @throws {Refusal} 400 for numbers that would be rounded.
 */
export function parseText(bytes: Uint8Array, format: 'json' | 'yaml'): ParsedBody {
  try {
    const text = textOf(bytes);
    if (format === 'json') {
      const parsed = parseJson(text);
      checkNumbers(text);
      return { ...parsed, yamlDuplicates: [] };
    }
    const { value, duplicates } = parseYaml(text);
    return { value, duplicates: noDuplicates, yamlDuplicates: duplicates };
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw new FormatError(error.message);
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new FormatError(`couldn't get version/kind; json parse error: ${error.message}`);
  }
}

function parseBody(bytes: Uint8Array, format: BodyFormat, expected: Expectation): ParsedBody {
  if (format !== 'protobuf') return parseText(bytes, format);
  const body = parseProtobuf(bytes, expected);
  try {
    return { value: readProtobuf(body), duplicates: noDuplicates, yamlDuplicates: [] };
  } catch (error) {
    if (error instanceof DecodeError) throw refusedKind(body, expected, error.message);
    throw error;
  }
}

/** @throws {FormatError} in the real server's words. */
export function parseProtobuf(bytes: Uint8Array, expected: GroupVersionKind): ProtobufBody {
  try {
    return openProtobuf(bytes, expected);
  } catch (error) {
    if (error instanceof DecodeError) throw new FormatError(error.message);
    throw error;
  }
}

function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

/** The start of a body, as text when it is JSON, in hexadecimal otherwise. @see k8s.io/apiserver endpoints/handlers `summarizeData` */
function summary(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>';
  const start = Buffer.from(bytes.slice(0, 30));
  const shown = bytes[0] === 0x7b ? start.toString() : start.toString('hex');
  return bytes.length > 30 ? `${shown} ...` : shown;
}

const typeMetaName =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** What a document says it is; empty where it says nothing. @throws {FormatError} in the real server's words. */
export function typeMetaOf(value: unknown): TypeMeta {
  const prefix = "couldn't get version/kind; json parse error: json: cannot unmarshal";
  if (value === null || value === undefined) return { apiVersion: '', kind: '' };
  if (!isObject(value)) throw new FormatError(`${prefix} ${jsonKind(value)} into Go value of type ${typeMetaName}`);
  for (const field of ['apiVersion', 'kind']) {
    const said = value[field] ?? '';
    if (typeof said === 'string') continue;
    throw new FormatError(`${prefix} ${jsonKind(said)} into Go struct field .${field} of type string`);
  }
  const { apiVersion, kind } = { apiVersion: String(value.apiVersion ?? ''), kind: String(value.kind ?? '') };
  if (apiVersion.split('/').length > 2) throw new FormatError(`unexpected GroupVersion string: ${apiVersion}`);
  return { apiVersion, kind };
}

/** Checks what a body says it is against what the endpoint serves. @throws {Refusal} 400 when they differ. */
function checkType(said: TypeMeta, expected: Expectation, value: unknown): TypeMeta {
  const { group, version } = expected;
  const expectedVersion = group === '' ? version : `${group}/${version}`;
  if (expected.custom) {
    if (said.apiVersion !== expectedVersion) {
      throw badRequest(
        `the API version in the data (${said.apiVersion}) does not match the expected API version (${expectedVersion})`,
      );
    }
    return said;
  }
  const type = { apiVersion: said.apiVersion || expectedVersion, kind: said.kind || expected.kind };
  if (type.kind !== expected.kind || type.apiVersion !== expectedVersion) {
    throw mismatch(type, expected, expectedVersion, value);
  }
  return type;
}

/** The body is of another kind, or of another version of the kind. */
function mismatch(said: TypeMeta, expected: Expectation, expectedVersion: string, value: unknown): Error {
  const unknown = unknownKind(said);
  if (unknown !== undefined) return refusedKind(said, expected, unknown);
  const [group = ''] = said.apiVersion.includes('/') ? said.apiVersion.split('/') : [''];
  if (said.kind === expected.kind && group === expected.group) {
    return badRequest(
      `the API version in the data (${said.apiVersion}) does not match the expected API version (${expectedVersion})`,
    );
  }
  return refusedKind(said, expected, unconvertible(said, expected, value));
}

function unknownKind({ kind, apiVersion }: TypeMeta): string | undefined {
  if (builtinDefinitionName({ ...groupVersion(apiVersion), kind }) !== undefined) return undefined;
  return `no kind ${quote(kind)} is registered for version ${quote(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`;
}

/** A document of a known kind is read as what it says it is, before it turns out that nobody wants that. */
function unconvertible(said: TypeMeta, { group, kind }: Expectation, value: unknown): string {
  try {
    readBuiltin({ ...groupVersion(said.apiVersion), kind: said.kind }, value);
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
  const internal = group === '' || group === 'events.k8s.io' ? 'core' : group.split('.')[0];
  return `converting (${versionOf(said.apiVersion)}.${said.kind}) to (${internal}.${kind}): unknown conversion`;
}

/** Why a document is not of the kind that is expected, or does not say what it must; undefined when it is. */
export function typeProblem(value: unknown, expected: Expectation): string | undefined {
  let said: TypeMeta;
  try {
    said = typeMetaOf(value);
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
  if (expected.custom) return undefined;
  const { group, version, kind } = expected;
  const expectedVersion = group === '' ? version : `${group}/${version}`;
  const type = { apiVersion: said.apiVersion || expectedVersion, kind: said.kind || kind };
  if (type.kind === kind && type.apiVersion === expectedVersion) return undefined;
  return unknownKind(type) ?? unconvertible(type, expected, value);
}

function refusedKind(said: TypeMeta, expected: Expectation, why: string): Error {
  const version = quote(versionOf(said.apiVersion));
  return badRequest(`${said.kind} in version ${version} cannot be handled as a ${expected.kind}: ${why}`);
}
