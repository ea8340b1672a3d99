/** What Node's `Buffer` has had since ever: `toString` without looking at its arguments, in half the time. */
interface SlicedBuffer extends Buffer {
  utf8Slice?(start: number, end: number): string;
}

/** Longer strings seldom come again. */
const SHORT_BYTES = 24;
/** A power of two. */
const SLOTS = 4096;

/**
 * Short strings that were read of late, by their bytes: names of labels, words such as `Running`, versions. What comes again is neither made
 * nor held again. Holds ASCII only.
 */
const recent: string[] = new Array<string>(SLOTS).fill('');

/** Text as UTF-8. */
export function readText(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length > SHORT_BYTES) return slice(bytes, start, end);
  if (length === 0) return '';
  // Four bytes tell short strings apart well enough; strings that share a slot only displace each other.
  let hash = Math.imul(length, 31) + (bytes[start] as number);
  hash = Math.imul(hash, 31) + (bytes[end - 1] as number);
  hash = Math.imul(hash, 31) + (bytes[start + (length >> 1)] as number);
  hash = Math.imul(hash, 31) + (bytes[start + (length >> 2)] as number);
  const slot = (hash ^ (hash >>> 12)) & (SLOTS - 1);
  const known = recent[slot] as string;
  if (known.length === length) {
    let at = 0;
    while (at < length && known.charCodeAt(at) === bytes[start + at]) at++;
    if (at === length) return known;
  }
  const text = slice(bytes, start, end);
  // Text of as many characters as bytes is ASCII, or holds U+FFFD, which is no byte.
  if (text.length === length) recent[slot] = text;
  return text;
}

function slice(bytes: SlicedBuffer, start: number, end: number): string {
  return bytes.utf8Slice?.(start, end) ?? bytes.toString('utf8', start, end);
}
