import { isJsonObject } from '@bowline/apimachinery';
import { compareStrings, isInt64, quote } from '../go-text.ts';

/** The type of a metadata field, in the words of Go's JSON decoder. */
type FieldType =
  | 'string'
  | 'types.UID'
  | 'int64'
  | 'bool'
  | 'v1.Time'
  | 'v1.FieldsV1'
  | ListType
  | MapType
  | StructType;
interface ListType {
  readonly list: FieldType;
}
interface MapType {
  readonly map: FieldType;
}
interface StructType {
  readonly name: string;
  readonly fields: Readonly<Record<string, FieldType>>;
}

const ownerReference: StructType = {
  name: 'OwnerReference',
  fields: {
    ...{ apiVersion: 'string', kind: 'string', name: 'string', uid: 'types.UID' },
    ...{ controller: 'bool', blockOwnerDeletion: 'bool' },
  },
};

const managedFieldsEntry: StructType = {
  name: 'ManagedFieldsEntry',
  fields: {
    ...{ manager: 'string', operation: 'string', apiVersion: 'string', time: 'v1.Time', fieldsType: 'string' },
    ...{ fieldsV1: 'v1.FieldsV1', subresource: 'string' },
  },
};

const objectMeta: StructType = {
  name: 'ObjectMeta',
  fields: {
    ...{ name: 'string', generateName: 'string', namespace: 'string', selfLink: 'string', uid: 'types.UID' },
    ...{ resourceVersion: 'string', generation: 'int64', creationTimestamp: 'v1.Time', deletionTimestamp: 'v1.Time' },
    ...{ deletionGracePeriodSeconds: 'int64', labels: { map: 'string' }, annotations: { map: 'string' } },
    ...{ ownerReferences: { list: ownerReference }, finalizers: { list: 'string' } },
    managedFields: { list: managedFieldsEntry },
  },
};

/** Metadata as the server keeps it. */
export interface DecodedMetadata {
  /** Without unknown and empty fields. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Paths of fields that metadata does not have, relative to it. */
  readonly unknown: readonly string[];
}

/**
 * Reads the metadata of an object inside another.
 *
 * @throws {SyntaxError} with the server's words when a field has the wrong type.
 * @see apiextensions-apiserver schema/objectmeta/coerce.go
 */
export function decodeMetadata(value: unknown): DecodedMetadata {
  const unknown: string[] = [];
  const metadata = decode(value, objectMeta, { struct: '', path: [] }, unknown);
  return { metadata: isJsonObject(metadata) ? metadata : {}, unknown };
}

interface Place {
  readonly struct: string;
  readonly path: readonly string[];
}

function decode(value: unknown, type: FieldType, place: Place, unknown: string[], shown = ''): unknown {
  if (value === null) return undefined;
  if (typeof type === 'object') return decodeCompound(value, type, place, unknown, shown);
  switch (type) {
    case 'v1.Time':
      return decodeTime(value);
    case 'v1.FieldsV1':
      return value;
    case 'int64':
      if (typeof value !== 'number') break;
      if (!isInt64(value)) throw mismatch(`number ${value}`, type, place);
      return value;
    case 'bool':
      if (typeof value === 'boolean') return value;
      break;
    default:
      if (typeof value === 'string') return value;
  }
  throw mismatch(kindOf(value), type, place);
}

function decodeCompound(
  value: unknown,
  type: ListType | MapType | StructType,
  place: Place,
  unknown: string[],
  shown: string,
): unknown {
  if ('list' in type) {
    if (!Array.isArray(value)) throw mismatch(kindOf(value), goName(type), place);
    return value.map((item, index) => decode(item, type.list, place, unknown, `${shown}[${index}]`) ?? zero(type.list));
  }
  if (!isJsonObject(value)) throw mismatch(kindOf(value), goName(type), place);
  const names = Object.keys(value).sort(compareStrings);
  const decoded: Record<string, unknown> = {};
  for (const name of names) {
    if ('map' in type) decoded[name] = decode(value[name], type.map, place, unknown) ?? zero(type.map);
    else {
      const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
      const fieldShown = shown === '' ? name : `${shown}.${name}`;
      if (field === undefined) unknown.push(fieldShown);
      else {
        const inner = { struct: type.name, path: [...place.path, name] };
        const member = decode(value[name], field, inner, unknown, fieldShown);
        if (!isEmpty(member) || isAlwaysKept(type, name)) decoded[name] = member ?? zero(field);
      }
    }
  }
  return decoded;
}

/** References to owners are kept with all that they must have. */
function isAlwaysKept(type: StructType, name: string): boolean {
  return type === ownerReference && name !== 'controller' && name !== 'blockOwnerDeletion';
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === '' || value === 0) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function zero(type: FieldType): unknown {
  if (typeof type === 'object') return 'list' in type ? [] : {};
  return type === 'int64' ? 0 : type === 'bool' ? false : type === 'v1.FieldsV1' ? null : '';
}

function decodeTime(value: unknown): string {
  if (typeof value !== 'string') {
    throw new SyntaxError(`json: cannot unmarshal ${kindOf(value)} into Go value of type string`);
  }
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(value)) return value;
  throw new SyntaxError(
    `parsing time ${quote(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${quote(value)} as "2006"`,
  );
}

function mismatch(found: string, type: string, { struct, path }: Place): SyntaxError {
  const place = struct === '' ? 'value' : `struct field ${struct}.${path.join('.')}`;
  return new SyntaxError(`json: cannot unmarshal ${found} into Go ${place} of type ${type}`);
}

function goName(type: FieldType): string {
  if (typeof type === 'string') return type;
  if ('list' in type) return `[]${goName(type.list)}`;
  return 'map' in type ? `map[string]${goName(type.map)}` : `v1.${type.name}`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
