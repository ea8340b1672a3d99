import { isUtf8 } from 'node:buffer';
import { type Encoding, formatKey, type Undecodable } from '@bowline/apimachinery';
import { type ItemMarks, NAME, NAMESPACE, RESOURCE_VERSION, UID } from './item-marks.ts';
import { SplitItem } from './split-item.ts';
import { uniqueMembers } from './unique-members.ts';

/** What an answer may be like. */
export interface SplitLimits {
  /** The largest item in bytes. */
  readonly maxItemBytes: number;
  /** The deepest nesting of an item, itself included. */
  readonly maxDepth: number;
}

/** How much of an oversized item is looked at to find its name. */
export const HEAD_BYTES = 65_536;

/** An item whose bytes were scanned: all of them, or the first when it is too large. */
export interface ScannedItem {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly marks: ItemMarks;
  readonly tooLarge: boolean;
  readonly tooDeep: boolean;
}

/** Makes the item, or says why there is none. */
export function readItem<T>(
  { bytes, start, end, marks, tooLarge, tooDeep }: ScannedItem,
  limits: SplitLimits,
  encoding: Encoding<T>,
): SplitItem<T> | Undecodable {
  const name = marks.read(NAME, bytes, start, end);
  const key = name ? formatKey({ name, namespace: marks.read(NAMESPACE, bytes, start, end) }) : undefined;
  if (tooLarge) return { key: trusted(key), message: `Larger than ${limits.maxItemBytes} bytes` };
  if (!isUtf8(bytes.subarray(start, end))) return { key: trusted(key), message: 'Text is not UTF-8' };
  if (tooDeep) return { key, message: `Nested deeper than ${limits.maxDepth} levels` };
  if (key === undefined) return { message: 'No metadata.name' };
  const uid = marks.read(UID, bytes, start, end) ?? '';
  const resourceVersion = marks.read(RESOURCE_VERSION, bytes, start, end) ?? '';
  if (!marks.mayRepeat) return new SplitItem<T>(key, uid, resourceVersion, encoding, bytes, start, end);
  const unique = uniqueMembers(bytes.subarray(start, end));
  return new SplitItem<T>(key, uid, resourceVersion, encoding, unique, 0, unique.length);
}

/** A key from bytes that were not checked, unless it holds what stands for broken text. */
export function trusted(key: string | undefined): string | undefined {
  return key?.includes('\u{fffd}') ? undefined : key;
}
