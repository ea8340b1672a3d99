import { formatKey } from '@bowline/apimachinery';

/** Names have at most 253 bytes, those of namespaces 63. */
const keyBytes: Buffer = Buffer.alloc(512);

/** Where a name and a namespace stand. An empty one is none. */
export interface KeyPlaces {
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly namespaceStart: number;
  readonly namespaceEnd: number;
}

/** The key in one piece: joined from two strings it would hold both for as long as it lives. Undefined for what has no name. */
export function keyAt(bytes: Buffer, places: KeyPlaces): string | undefined {
  const { nameStart, nameEnd, namespaceStart, namespaceEnd } = places;
  if (nameStart === nameEnd) return undefined;
  const length = namespaceEnd - namespaceStart + 1 + nameEnd - nameStart;
  if (namespaceStart === namespaceEnd || length > keyBytes.length) {
    const namespace = bytes.toString('utf8', namespaceStart, namespaceEnd);
    return formatKey({ name: bytes.toString('utf8', nameStart, nameEnd), namespace });
  }
  let at = 0;
  for (let from = namespaceStart; from < namespaceEnd; from++) keyBytes[at++] = bytes[from] as number;
  keyBytes[at++] = 0x2f;
  for (let from = nameStart; from < nameEnd; from++) keyBytes[at++] = bytes[from] as number;
  return keyBytes.toString('utf8', 0, at);
}
