import { type InternalShape, internalShapes } from '../data/internal.ts';
import { type FieldError, forbidden } from '../field-error.ts';
import { isObject, type JsonObject } from '../object.ts';
import { emptyMembers } from '../schema/index.ts';
import { unifiedDiff } from './unified-diff.ts';

/**
 * A value as the real server knows it within: the names of Go fields, and everything that is not set written out. Its messages show
 * values in this form.
 *
 * @param type `core.PodSpec`, or with `*`, `[]`, `map:` before it.
 * @param value In the form of the API, as `readBuiltin` gives it.
 */
function internalForm(type: string, value: unknown): unknown {
  if (type.startsWith('*')) return value === undefined || value === null ? null : internalForm(type.slice(1), value);
  if (type.startsWith('[]')) {
    return Array.isArray(value) ? value.map((item: unknown) => internalForm(type.slice(2), item)) : null;
  }
  if (type.startsWith('map:')) {
    if (!isObject(value)) return null;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, item]) => [key, internalForm(type.slice(4), item)]));
  }
  if (type === 'raw:LabelSelector' && isObject(value) && isObject(value.matchLabels)) {
    return { ...value, matchLabels: internalForm('map:string', value.matchLabels) };
  }
  if (type.startsWith('raw:')) return value ?? (zeros[type] !== undefined ? zeros[type] : null);
  if (zeros[type] !== undefined) return value ?? zeros[type];
  const shape = internalShapes()[type];
  if (shape === undefined) throw new RangeError(`Cannot show value: type must be known, got ${type}`);
  return structForm(type, shape, isObject(value) ? value : {});
}

const zeros: Readonly<Record<string, unknown>> = {
  string: '',
  int: 0,
  float: 0,
  bool: false,
  bytes: null,
  'raw:IntOrString': 0,
  'raw:Quantity': '0',
  'raw:ObjectMeta': {},
  'raw:TypeMeta': {},
  'raw:LabelSelector': {},
};

function structForm(type: string, shape: InternalShape, value: JsonObject): JsonObject {
  const source = type === 'core.PodSpec' ? withHostNamespaces(value) : value;
  const members = [...emptyMembers(value), ...Object.entries(source)];
  const byName = new Map(members.map(([name, member]) => [name.toLowerCase(), member]));
  const form: JsonObject = {};
  for (const [name, memberType] of shape) {
    if (name.startsWith('+')) {
      const own = memberType === 'raw:ObjectMeta' ? byName.get('metadata') : source;
      if (memberType !== 'raw:TypeMeta') Object.assign(form, internalForm(memberType.replace(/^\*/, ''), own));
    } else form[name] = internalForm(memberType, byName.get((renamed[`${type}.${name}`] ?? name).toLowerCase()));
  }
  return form;
}

/** Fields whose names in the API are others. */
const renamed: Readonly<Record<string, string>> = Object.fromEntries(
  ['Int', 'Bool', 'String', 'Version'].map((name) => [`resource.DeviceAttribute.${name}Value`, name]),
);

/** Within, the security context of a pod holds the namespaces that it shares with its host. */
function withHostNamespaces(spec: JsonObject): JsonObject {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers, securityContext, ...rest } = spec;
  const shared = { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers };
  return { ...rest, securityContext: { ...(isObject(securityContext) ? securityContext : {}), ...shared } };
}

/** The same as text: what stands in a message for a value. @see Go `encoding/json.Marshal` */
export function internalText(type: string, value: unknown): string {
  return escaped(JSON.stringify(internalForm(type, value)));
}

function escaped(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** What differs between two values, as the real server shows it. */
function internalDiff(type: string, from: unknown, to: unknown): string {
  const pretty = (value: unknown): string => escaped(JSON.stringify(internalForm(type, value), null, 1));
  return unifiedDiff(pretty(from), pretty(to));
}

/** An invalid value that is shown as the real server knows it within. */
export function invalidInternal(field: string, type: string, value: unknown, detail: string): FieldError {
  const message = `Invalid value: ${internalText(type, value)}${detail === '' ? '' : `: ${detail}`}`;
  return { type: 'FieldValueInvalid', field, message };
}

/** A change that is not allowed, with what differs. */
export function forbiddenChange(field: string, detail: string, type: string, from: unknown, to: unknown): FieldError {
  return forbidden(field, `${detail}\n${internalDiff(type, from, to)}`);
}
