import { readFileSync } from 'node:fs';
import { groupVersion } from '@bowline/apimachinery';
import { loadMessageType, type MessageType, readEnvelope } from './index.ts';

/** An object as Go wrote it, in Base64, and what it reads. */
export interface Sample {
  readonly apiVersion: string;
  readonly kind: string;
  readonly protobuf: string;
  readonly json: object;
  /** What Go writes once it has read `json`, where that is something else than `protobuf`. */
  readonly again?: string;
}

/** The bytes of an object, without an envelope. */
export interface Message {
  readonly type: MessageType;
  readonly bytes: Buffer;
}

export async function typeOf(apiVersion: string, kind: string): Promise<MessageType> {
  const type = await loadMessageType({ ...groupVersion(apiVersion), kind });
  if (type === undefined) throw new Error(`${apiVersion} ${kind} has no table`);
  return type;
}

const file = new URL('./testdata/objects.json', import.meta.url);

/** Two or more of many kinds. */
export const samples: readonly Sample[] = JSON.parse(readFileSync(file, 'utf8'));

/** Those of `samples`. */
export const messages: readonly Message[] = await Promise.all(
  samples.map(async ({ apiVersion, kind, protobuf }) => {
    const bytes = Buffer.from(protobuf, 'base64');
    const { from, to } = readEnvelope(bytes);
    return { type: await typeOf(apiVersion, kind), bytes: bytes.subarray(from, to) };
  }),
);
