import { isUtf8 } from 'node:buffer';
import { formatKey, type Undecodable } from '@bowline/apimachinery';
import { type ItemMarks, NAME, NAMESPACE, RESOURCE_VERSION, UID } from './item-marks.ts';
import type { JsonEncoding } from './json-encoding.ts';
import { SplitItem } from './split-item.ts';

/** What an answer may be like. */
export interface SplitLimits {
  /** The largest item in bytes. */
  readonly maxItemBytes: number;
  /** The deepest nesting of an item, itself included. */
  readonly maxDepth: number;
}

/** How much of an oversized item is looked at to find its name. */
export const HEAD_BYTES = 65_536;

/** What is known of an item whose bytes were scanned. */
export interface ScannedItem {
  /** Bytes of exactly this item, or the first of them when it is too large. */
  readonly bytes: Buffer;
  readonly marks: ItemMarks;
  readonly tooLarge: boolean;
  readonly tooDeep: boolean;
}

/** Makes the item, or says why there is none. */
export function readItem<T>(
  { bytes, marks, tooLarge, tooDeep }: ScannedItem,
  limits: SplitLimits,
  encoding: JsonEncoding<T>,
): SplitItem<T> | Undecodable {
  const name = marks.read(NAME, bytes);
  const key = name ? formatKey({ name, namespace: marks.read(NAMESPACE, bytes) }) : undefined;
  if (tooLarge) return { key: trusted(key), message: `Larger than ${limits.maxItemBytes} bytes` };
  if (!isUtf8(bytes)) return { key: trusted(key), message: 'Text is not UTF-8' };
  if (tooDeep) return { key, message: `Nested deeper than ${limits.maxDepth} levels` };
  if (key === undefined) return { message: 'No metadata.name' };
  const uid = marks.read(UID, bytes) ?? '';
  const resourceVersion = marks.read(RESOURCE_VERSION, bytes) ?? '';
  return new SplitItem<T>(key, uid, resourceVersion, encoding, bytes, 0, bytes.length);
}

/** A key from bytes that were not checked, unless it holds what stands for broken text. */
export function trusted(key: string | undefined): string | undefined {
  return key?.includes('\u{fffd}') ? undefined : key;
}
