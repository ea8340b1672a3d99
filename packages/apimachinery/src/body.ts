import { BowlineError } from './errors.ts';

/**
 * Reads a body to its end.
 *
 * @param limitBytes The most to accept; the source is closed as soon as it sends more. @default no limit
 * @throws {BowlineError} `APIMACHINERY_BODY_TOO_LARGE` when there is more.
 */
export async function readAll(
  body: AsyncIterable<Uint8Array>,
  limitBytes: number = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  if (!(limitBytes >= 0)) throw new RangeError(`Cannot read body: limitBytes must be 0 or more, got ${limitBytes}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limitBytes) {
      throw new BowlineError(`Body is larger than ${limitBytes} bytes`, { code: 'APIMACHINERY_BODY_TOO_LARGE' });
    }
    chunks.push(chunk);
  }
  const [first] = chunks;
  if (chunks.length === 1 && first) return first;
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
