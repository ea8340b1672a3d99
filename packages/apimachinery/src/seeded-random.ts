import type { Random } from './ports.ts';

/**
 * Randomness that repeats: the same seed gives the same numbers and identifiers, on every machine.
 *
 * @param seed Any number or text.
 */
export function seededRandom(seed: number | string): Random {
  const state = scramble(String(seed));
  const uint32 = (): number => {
    // sfc32 (public domain, PractRand): small, fast, passes the usual batteries.
    const sum = (state.a + state.b + state.counter) | 0;
    state.counter = (state.counter + 1) | 0;
    state.a = state.b ^ (state.b >>> 9);
    state.b = (state.c + (state.c << 3)) | 0;
    state.c = ((state.c << 21) | (state.c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round++) uint32();
  return {
    next: () => ((uint32() >>> 5) * 2 ** 26 + (uint32() >>> 6)) / 2 ** 53,
    uuid: () => formatUuid([uint32(), uint32(), uint32(), uint32()]),
  };
}

/** Always the same number; its identifiers count up, so that they differ. */
export function fixedRandom(value: number): Random {
  if (!(value >= 0 && value < 1)) throw new RangeError(`Cannot fix random: value must be in [0, 1), got ${value}`);
  let count = 0;
  return { next: () => value, uuid: () => formatUuid([0, 0, 0, ++count]) };
}

function formatUuid(words: readonly number[]): string {
  const hex = words.map((word) => word.toString(16).padStart(8, '0')).join('');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, variant + hex.slice(17, 20), hex.slice(20)].join(
    '-',
  );
}

/** Spreads a text over the generator's state (FNV-1a with four offsets). */
function scramble(text: string): { a: number; b: number; c: number; counter: number } {
  const hash = (offset: number): number => {
    let value = offset;
    for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
    return value;
  };
  return { a: hash(0x811c9dc5), b: hash(0x9e3779b9), c: hash(0x85ebca6b), counter: 1 };
}
