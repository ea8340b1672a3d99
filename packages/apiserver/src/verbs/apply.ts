import { StatusError } from '@bowline/apimachinery';
import type { FieldManager } from '../apply/index.ts';
import type { Call } from '../call.ts';
import { badRequest, Refusal, type StatusBody } from '../errors.ts';
import { JsonSyntaxError, parseJson } from '../http/json-text.ts';
import { checkNumbers } from '../http/numbers.ts';
import type { PatchOptions } from '../http/query-options.ts';
import { parseYaml, YamlSyntaxError } from '../http/yaml.ts';
import { isObject, type JsonObject, type ServerObject } from '../object.ts';

/**
 * Reads what is applied, which may be JSON or YAML whatever it claims to be.
 *
 * @throws {Refusal} 400 in the real server's words when it cannot be read, or not strictly enough.
 */
function readConfiguration(call: Call, options: PatchOptions): JsonObject {
  const { body } = call;
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  let read: { readonly value: unknown; readonly duplicates: readonly string[] };
  try {
    read = readJson(text) ?? parseYaml(text);
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`);
  }
  const value = read.value ?? {};
  if (!isObject(value)) {
    const what = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    const why = `json: cannot unmarshal ${what} into Go value of type map[string]interface {}`;
    throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${why}`);
  }
  if (read.duplicates.length > 0 && options.fieldValidation !== 'Ignore') {
    const why = `error converting YAML to JSON: yaml: unmarshal errors:\n  ${read.duplicates.join('\n  ')}`;
    if (options.fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: ${why}`);
    call.warnings.push(why);
  }
  return value;
}

/** JSON without duplicate members, which most of what is applied is; undefined for anything else. */
function readJson(text: string): { readonly value: unknown; readonly duplicates: readonly string[] } | undefined {
  try {
    const { value, duplicates } = parseJson(text);
    checkNumbers(text);
    return duplicates.size === 0 ? { value, duplicates: [] } : undefined;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}

/**
 * Server-side apply: the object after the configuration in the body was applied to it, as merged JSON.
 *
 * @throws {Refusal} 409 when others own fields of it, 400 and 500 when it cannot be merged.
 */
export function applied(
  fields: FieldManager,
  call: Call,
  live: ServerObject | undefined,
  options: PatchOptions,
): JsonObject {
  const configuration = readConfiguration(call, options);
  try {
    return fields.apply(live, configuration, { manager: options.fieldManager, force: options.force ?? false });
  } catch (error) {
    if (error instanceof StatusError) throw new Refusal(error.status as StatusBody);
    throw error;
  }
}
