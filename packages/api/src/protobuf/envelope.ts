import { checkMessage } from './check.ts';
import { Fields } from './fields.ts';
import { MessageType } from './message-type.ts';
import { readText } from './text.ts';
import { ProtobufError } from './wire.ts';

/** The media type of Kubernetes' protobuf. */
export const protobufMediaType = 'application/vnd.kubernetes.protobuf';

const magic = Buffer.from('k8s\0');

/** What stands around an object on the wire: `k8s`, a zero byte, and a message that says what the object is. */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  /** Where the object's own message stands. */
  readonly from: number;
  readonly to: number;
}

/** `runtime.Unknown`, whose table nobody publishes. */
const unknownType = new MessageType('Unknown', 'typeMeta=1:y raw=2:y contentEncoding=3:s contentType=4:s', '');
const typeMeta = new MessageType('TypeMeta', 'apiVersion=1:s kind=2:s', '');

/**
 * Reads the envelope of an object.
 * @throws {ProtobufError} code `API_PROTOBUF_INVALID` when the bytes are none.
 * @see k8s.io/apimachinery pkg/runtime `Unknown`
 */
export function readEnvelope(bytes: Buffer, start: number = 0, end: number = bytes.length): Envelope {
  if (end - start < magic.length || bytes.compare(magic, 0, 4, start, start + 4) !== 0) {
    const empty = start === end;
    const prefix = `expected prefix [${magic.join(' ')}]`;
    throw new ProtobufError(
      'The bytes do not begin with k8s and a zero byte',
      empty ? 'empty data' : `provided data does not appear to be a protobuf message, ${prefix}`,
    );
  }
  const from = start + magic.length;
  if (from === end) throw new ProtobufError('Nothing stands behind k8s and a zero byte', 'empty body');
  checkMessage(unknownType, bytes, from, end);
  let type = { apiVersion: '', kind: '' };
  let object = { from: end, to: end };
  const fields = new Fields(bytes, from, end);
  while (fields.next()) {
    if (fields.number === 1) type = { ...type, ...readTypeMeta(bytes, fields.start, fields.end) };
    else if (fields.number === 2) object = { from: fields.start, to: fields.end };
  }
  return { ...type, ...object };
}

function readTypeMeta(bytes: Buffer, from: number, to: number): { apiVersion?: string; kind?: string } {
  checkMessage(typeMeta, bytes, from, to);
  const found: { apiVersion?: string; kind?: string } = {};
  const fields = new Fields(bytes, from, to);
  while (fields.next()) {
    if (fields.number === 1) found.apiVersion = readText(bytes, fields.start, fields.end);
    else if (fields.number === 2) found.kind = readText(bytes, fields.start, fields.end);
  }
  return found;
}
