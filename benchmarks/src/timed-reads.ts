/**
 * Microseconds of each of `count` reads of single objects, sorted; as many before them, which are not counted, warm the code up.
 *
 * @param read Returns what it found, and must find something.
 */
export function timeReads(keys: readonly string[], count: number, read: (key: string) => number): Float64Array {
  const times = new Float64Array(count);
  for (let round = -count; round < count; round++) {
    const key = keys[(Math.abs(round) * 7919) % keys.length] ?? '';
    const startMs = performance.now();
    const found = read(key);
    if (round >= 0) times[round] = (performance.now() - startMs) * 1_000;
    if (!(found > 0)) throw new Error(`Nothing was found under ${key}`);
  }
  return times.sort();
}

/** The value below which this share of sorted values lies. */
export const percentile = (sorted: Float64Array, share: number): number =>
  sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
