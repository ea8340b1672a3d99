import { type GroupVersionKind, groupVersion } from '@bowline/apimachinery';
import { type FieldValues, sortedMap, writeStruct, zero } from '../schema/go-object.ts';
import { type GoField, type GoScalar, type GoStruct, type GoType, goType, nameOf } from '../schema/go-type.ts';
import { DecodeError } from '../schema/read-json.ts';
import { readIntOrString, readQuantity, readRaw, readTime } from './own-forms.ts';
import { WireReader, wireTypes } from './wire-reader.ts';

const magic = [0x6b, 0x38, 0x73, 0x00] as const;
/** Deeper nesting means nothing to anybody, and would exhaust the stack. */
const maxDepth = 500;

/** Whether a body is in Kubernetes' protobuf envelope: it starts with `k8s` and a zero byte. */
export function isProtobuf(body: Uint8Array): boolean {
  return magic.every((byte, index) => body[index] === byte);
}

export interface DecodeProtobufOptions {
  /** What the object is where the envelope does not say. */
  readonly defaultKind?: GroupVersionKind | undefined;
}

/**
 * Reads a protobuf body (`application/vnd.kubernetes.protobuf`) as the server does: the result is what its JSON would be.
 * `apiVersion` and `kind` are those of the envelope, or of `defaultKind` where it has none. DeleteOptions may be of any group.
 * Integers beyond ±2^53 are rounded.
 *
 * @throws {DecodeError} code `APISERVER_DECODE_FAILED` in the server's words, without the frame that names the kind.
 * @see k8s.io/apimachinery pkg/runtime/serializer/protobuf/protobuf.go
 */
export function decodeProtobuf(body: Uint8Array, options: DecodeProtobufOptions = {}): Record<string, unknown> {
  if (body.length === 0) throw new DecodeError('empty data');
  if (!isProtobuf(body)) {
    throw new DecodeError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  if (body.length === magic.length) throw new DecodeError('empty body');
  const envelope = readEnvelope(Buffer.from(body.buffer, body.byteOffset + magic.length, body.length - magic.length));
  const { defaultKind } = options;
  const kind = envelope.kind === '' ? (defaultKind?.kind ?? '') : envelope.kind;
  const apiVersion =
    envelope.apiVersion === '' && defaultKind !== undefined ? apiVersionOf(defaultKind) : envelope.apiVersion;
  if (kind === '') throw new DecodeError(`Object 'Kind' is missing in ''`);
  if (apiVersion === '') throw new DecodeError(`Object 'apiVersion' is missing in ''`);
  const type = typeOf(apiVersion, kind);
  if (type === undefined) {
    const words = `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`;
    throw new DecodeError(`${words} in scheme "pkg/runtime/scheme.go:111"`);
  }
  return { kind, apiVersion, ...decodeStruct(type, envelope.raw, 0) };
}

function apiVersionOf(gvk: GroupVersionKind): string {
  return gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`;
}

function typeOf(apiVersion: string, kind: string): GoStruct | undefined {
  if (/^([^/]+\/)?[^/]+$/.test(apiVersion)) {
    const type = goType({ ...groupVersion(apiVersion), kind });
    if (type !== undefined) return type;
  }
  return kind === 'DeleteOptions' ? goType({ group: '', version: 'v1', kind }) : undefined;
}

/** @see k8s.io/apimachinery pkg/runtime `Unknown` */
interface Envelope {
  apiVersion: string;
  kind: string;
  raw: Buffer;
}

function readEnvelope(bytes: Buffer): Envelope {
  const envelope: Envelope = { apiVersion: '', kind: '', raw: Buffer.alloc(0) };
  const reader = new WireReader(bytes, 'Unknown');
  while (reader.next()) {
    if (reader.field === 1) {
      reader.expect('TypeMeta', wireTypes.bytes);
      readTypeMeta(reader.bytes(), envelope);
    } else if (reader.field === 2) {
      reader.expect('Raw', wireTypes.bytes);
      envelope.raw = reader.bytes();
    } else {
      reader.skip();
    }
  }
  return envelope;
}

function readTypeMeta(bytes: Buffer, envelope: Envelope): void {
  const reader = new WireReader(bytes, 'TypeMeta');
  while (reader.next()) {
    if (reader.field === 1 || reader.field === 2) {
      reader.expect(reader.field === 1 ? 'APIVersion' : 'Kind', wireTypes.bytes);
      envelope[reader.field === 1 ? 'apiVersion' : 'kind'] = reader.string();
    } else {
      reader.skip();
    }
  }
}

function decodeStruct(type: GoStruct, bytes: Buffer, depth: number): Record<string, unknown> {
  const set: FieldValues = new Map();
  readFields(type, bytes, depth, set);
  return writeStruct(type, set);
}

/** Reads a message into `set`. Embedded structures are messages of their own, whose fields are the structure's. */
function readFields(type: GoStruct, bytes: Buffer, depth: number, set: FieldValues): void {
  if (depth > maxDepth) throw new DecodeError('exceeded max depth');
  const reader = new WireReader(bytes, nameOf(type.go));
  // A message field that comes in parts is read as if its parts were one: that is what merging them means.
  let messages: Map<GoField, Buffer> | undefined;
  let maps: Map<GoField, [string, unknown][]> | undefined;
  while (reader.next()) {
    const field = type.byNumber.get(reader.field);
    if (field === undefined) {
      reader.skip();
      continue;
    }
    const name = field.goName;
    switch (field.type.kind) {
      case 'list':
        if (field.type.wrapped) messages = addMessage(reader, name, field, messages);
        else addElement(reader, name, field, field.type.element, depth, set);
        break;
      case 'map': {
        reader.expect(name, wireTypes.bytes);
        maps ??= new Map();
        const entries = maps.get(field) ?? [];
        maps.set(field, entries);
        entries.push(readEntry(field.type.element, reader.bytes(), depth));
        break;
      }
      case 'string':
      case 'bool':
      case 'int32':
      case 'int64':
      case 'float64':
      case 'bytes':
        set.set(field, readScalar(reader, name, field.type));
        break;
      default:
        messages = addMessage(reader, name, field, messages);
    }
  }
  for (const [field, entries] of maps ?? []) set.set(field, sortedMap(new Map(entries)));
  for (const [field, message] of messages ?? []) {
    if (field.inline && field.type.kind === 'struct') readFields(field.type, message, depth + 1, set);
    else set.set(field, readMessage(field.type, message, depth + 1));
  }
}

function addMessage(
  reader: WireReader,
  name: string,
  field: GoField,
  messages: Map<GoField, Buffer> = new Map(),
): Map<GoField, Buffer> {
  reader.expect(name, wireTypes.bytes);
  const bytes = reader.bytes();
  const before = messages.get(field);
  return messages.set(field, before === undefined ? bytes : Buffer.concat([before, bytes]));
}

/** One more element of a repeated field; numbers may come packed. */
function addElement(
  reader: WireReader,
  name: string,
  field: GoField,
  element: GoType,
  depth: number,
  set: FieldValues,
): void {
  const known = set.get(field);
  const list: unknown[] = Array.isArray(known) ? known : [];
  set.set(field, list);
  const packable = element.kind === 'int32' || element.kind === 'int64' || element.kind === 'bool';
  if (packable && reader.wireType === wireTypes.bytes) {
    list.push(...readPacked(element, reader.bytes()));
  } else {
    list.push(readElement(reader, name, element, depth));
  }
}

function readPacked(element: GoType, bytes: Buffer): unknown[] {
  const values: unknown[] = [];
  // Every varint of the pack is read as if it had a tag.
  let at = 0;
  while (at < bytes.length) {
    let end = at;
    while (end < bytes.length && (bytes[end] ?? 0) >= 0x80) end++;
    const one = new WireReader(Buffer.concat([Uint8Array.of(8), bytes.subarray(at, end + 1)]), element.go);
    one.next();
    values.push(readScalar(one, element.go, element));
    at = end + 1;
  }
  return values;
}

function readElement(reader: WireReader, name: string, element: GoType, depth: number): unknown {
  switch (element.kind) {
    case 'string':
    case 'bool':
    case 'int32':
    case 'int64':
    case 'float64':
    case 'bytes':
      return readScalar(reader, name, element);
    default:
      reader.expect(name, wireTypes.bytes);
      return readMessage(element, reader.bytes(), depth + 1);
  }
}

function readScalar(reader: WireReader, name: string, type: GoType): unknown {
  switch (type.kind) {
    case 'string':
      reader.expect(name, wireTypes.bytes);
      return reader.string();
    case 'bytes':
      reader.expect(name, wireTypes.bytes);
      return reader.bytes().toString('base64');
    case 'float64':
      reader.expect(name, wireTypes.fixed64);
      return reader.double();
    case 'bool':
      reader.expect(name, wireTypes.varint);
      return reader.bool();
    case 'int32':
      reader.expect(name, wireTypes.varint);
      return reader.int32();
    default:
      reader.expect(name, wireTypes.varint);
      return reader.int64();
  }
}

/** One pair of a map: the key in field 1, the value in field 2. */
function readEntry(element: GoType, bytes: Buffer, depth: number): [string, unknown] {
  let key = '';
  let value: unknown;
  const reader = new WireReader(bytes, 'Entry');
  while (reader.next()) {
    if (reader.field === 1) {
      reader.expect('Key', wireTypes.bytes);
      key = reader.string();
    } else if (reader.field === 2) {
      value = element.kind === 'list' ? readList(element, reader, depth) : readElement(reader, 'Value', element, depth);
    } else {
      reader.skip();
    }
  }
  return [key, value ?? zero(element)];
}

function readList(type: Extract<GoType, { kind: 'list' }>, reader: WireReader, depth: number): unknown {
  reader.expect('Value', wireTypes.bytes);
  return readMessage(type, reader.bytes(), depth + 1);
}

/** The value of a message. Null: it is there, and it is written as null. */
function readMessage(type: GoType, bytes: Buffer, depth: number): unknown {
  switch (type.kind) {
    case 'struct':
      return decodeStruct(type, bytes, depth);
    case 'list':
      return readItems(type.element, bytes, depth);
    case 'time':
    case 'microTime':
      return readTime(type.kind, bytes);
    case 'quantity':
      return readQuantity(bytes);
    case 'intOrString':
      return readIntOrString(bytes);
    case 'rawExtension':
    case 'fieldsV1':
    case 'json':
      return readRaw(type, bytes);
    case 'schemaOrBool':
    case 'schemaOrArray':
    case 'schemaOrStringArray':
      return readUnion(type, bytes, depth);
    default:
      throw new DecodeError(`proto: ${type.go} is no message`);
  }
}

/** A list that is a message of its own: its elements are field 1. */
function readItems(element: GoType, bytes: Buffer, depth: number): unknown {
  const items: unknown[] = [];
  const reader = new WireReader(bytes, 'Items');
  while (reader.next()) {
    if (reader.field === 1) items.push(readElement(reader, 'Items', element, depth));
    else reader.skip();
  }
  return items.length === 0 ? null : items;
}

/** A part of a CustomResourceDefinition's schema that has two forms, in fields 1 and 2. */
function readUnion(type: GoScalar, bytes: Buffer, depth: number): unknown {
  const values = new Map<GoType, unknown>();
  const reader = new WireReader(bytes, nameOf(type.go));
  while (reader.next()) {
    const alternative = type.alternatives?.[reader.field - 1];
    if (alternative === undefined) {
      reader.skip();
    } else if (alternative.kind === 'list') {
      const known = values.get(alternative);
      const list: unknown[] = Array.isArray(known) ? known : [];
      list.push(readElement(reader, 'Items', alternative.element, depth));
      values.set(alternative, list);
    } else {
      values.set(alternative, readElement(reader, 'Schema', alternative, depth));
    }
  }
  const of = (kind: GoType['kind']): unknown => [...values].find(([alternative]) => alternative.kind === kind)?.[1];
  if (type.kind === 'schemaOrBool') return of('struct') ?? of('bool') ?? false;
  return of('list') ?? of('struct') ?? null;
}
