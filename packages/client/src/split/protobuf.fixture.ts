import { encodeMessage, loadMessageType, type MessageType } from '@bowline/api/protobuf';
import type { EncodedItem, Item } from '@bowline/apimachinery';

/** The table of a kind of the core group. */
export async function coreType(kind: string): Promise<MessageType> {
  const type = await loadMessageType({ group: '', version: 'v1', kind });
  if (type === undefined) throw new Error(`${kind} has no table`);
  return type;
}

/** One field with a length. */
export function field(number: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(value.length), value]);
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

/** What stands around every message. */
export function envelope(apiVersion: string, kind: string, message: Uint8Array): Buffer {
  const type = Buffer.concat([field(1, Buffer.from(apiVersion)), field(2, Buffer.from(kind))]);
  return Buffer.concat([Buffer.from('k8s\0'), field(1, type), field(2, message), field(3, Buffer.alloc(0))]);
}

/** An answer that is a list of pods. */
export async function podList(pods: readonly object[], metadata: object = { resourceVersion: '9' }): Promise<Buffer> {
  return envelope('v1', 'PodList', encodeMessage(await coreType('PodList'), { metadata, items: pods }));
}

/** One frame of a watch. */
export function frame(type: string, object: Uint8Array): Buffer {
  const event = Buffer.concat([field(1, Buffer.from(type)), field(2, field(1, object))]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.length);
  return Buffer.concat([length, event]);
}

/** One object of the core group, with its envelope. */
export async function core(kind: string, object: object): Promise<Buffer> {
  return envelope('v1', kind, encodeMessage(await coreType(kind), object as Record<string, unknown>));
}

/** The bytes in pieces of their own, cut at the given shares of the length. */
export function cut(bytes: Uint8Array, shares: readonly number[]): Uint8Array[] {
  const places = [0, ...shares.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((to, index) => new Uint8Array(bytes.subarray(places[index], to)));
}

/** A cache in little: keeps a copy of the item, without the fields at the paths in `drop`. */
export function keepCopy<T>(item: Item<T>, drop: readonly (readonly string[])[] = []): void {
  const encoded = item as EncodedItem<T>;
  const bytes = Buffer.alloc(encoded.encoding.room(encoded) + 3);
  const length = encoded.encoding.copy(encoded, bytes, 3, drop);
  encoded.movedTo?.(bytes, 3, 3 + length);
}
