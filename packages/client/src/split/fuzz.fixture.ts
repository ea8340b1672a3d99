import type { SplitLimits } from './read-item.ts';
import { type Dice, pick } from './views.fixture.ts';

export const limits: SplitLimits = { maxItemBytes: 1 << 20, maxDepth: 1_000 };

/** Bytes that mean something in JSON. */
export const interesting: Buffer = Buffer.from('{}[]",:\\utfn0189-+.eE \n\x00\x01\x7f\x80\xc3\xff', 'latin1');

/** Bytes with one to three changes: replaced, put in, taken out, said twice, cut off. */
export function mutated(bytes: Buffer, dice: Dice): Buffer {
  let result = bytes;
  for (let changes = 1 + dice(3); changes > 0; changes--) {
    const at = dice(result.length + 1);
    const to = Math.min(result.length, at + 1 + dice(dice(4) === 0 ? 40 : 3));
    const before = result.subarray(0, at);
    switch (dice(6)) {
      case 0:
        result = before;
        break;
      case 1:
        result = Buffer.concat([before, result.subarray(to)]);
        break;
      case 2:
        result = Buffer.concat([result.subarray(0, to), result.subarray(at)]);
        break;
      case 3:
        result = Buffer.concat([before, Buffer.of(pick([...interesting], dice)), result.subarray(at)]);
        break;
      case 4:
        result = Buffer.concat([before, Buffer.of(dice(256)), result.subarray(at + 1)]);
        break;
      default:
        result = Buffer.concat([before, Buffer.of(pick([...interesting], dice)), result.subarray(at + 1)]);
    }
  }
  return result;
}

/** The bytes in random chunks: all at once, one by one, or anything between. */
export function chunked(bytes: Buffer, dice: Dice): Buffer[] {
  const most = pick([1, 7, 40, 600, 600], dice);
  const chunks: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const to = from + 1 + (most === 1 ? 0 : dice(most));
    chunks.push(Buffer.from(bytes.subarray(from, to)));
    from = to;
  }
  return chunks;
}

export function shown(bytes: Buffer): string {
  return `${JSON.stringify(bytes.toString('latin1'))} (bytes as Latin-1)`;
}
