import {
  checkMessage,
  decodeMessage,
  encodeMessage,
  type MessageType,
  quickCheck,
  readEnvelope,
} from '@bowline/api/protobuf';
import { firstDifference } from './difference.ts';
import type { Sample } from './table.ts';

/** Our bytes and Go's. */
export type Pair = readonly [Buffer, Buffer];

/** What is wrong with what we make of an object; a pair where only Go can tell whether it reads both as equal. */
export function judge(type: MessageType, sample: Sample): string | Pair | undefined {
  const bytes = Buffer.from(sample.protobuf, 'base64');
  const { apiVersion, kind, from, to } = readEnvelope(bytes);
  if (apiVersion !== sample.apiVersion || kind !== sample.kind) return `the envelope says ${apiVersion} ${kind}`;
  if (checkMessage(type, bytes, from, to)) return 'checkMessage tells of fields that the type does not know';
  const hasMetadata = type.byNumber[1]?.type.message?.name === 'ObjectMeta';
  if (hasMetadata && quickCheck(type, bytes, from, to) === undefined) return 'quickCheck leaves it to checkMessage';
  const object = decodeMessage(type, bytes, from, to);
  const difference = firstDifference(object, sample.json);
  if (difference !== undefined) return `decoded otherwise than by Go, first at ${difference}`;
  const ours = encodeMessage(type, object);
  const theirs = sample.again === undefined ? bytes.subarray(from, to) : messageIn(sample.again);
  if (ours.equals(theirs)) return undefined;
  return sample.respelled ? [ours, theirs] : `encoded to other bytes than by Go, ${firstOfBytes(type, ours, theirs)}`;
}

function messageIn(base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64');
  const { from, to } = readEnvelope(bytes);
  return bytes.subarray(from, to);
}

/** Where our bytes differ from Go's. */
function firstOfBytes(type: MessageType, ours: Buffer, theirs: Buffer): string {
  const difference = firstDifference(decodeMessage(type, ours), decodeMessage(type, theirs));
  const at = ours.findIndex((byte, index) => byte !== theirs[index]);
  const around = (bytes: Buffer): string => bytes.toString('latin1', Math.max(0, at - 20), at + 20);
  return `first at ${difference ?? 'a place that JSON does not show'}, byte ${at}: ${JSON.stringify([around(ours), around(theirs)])}`;
}
