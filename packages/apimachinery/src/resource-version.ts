const decimal = /^(?:0|[1-9][0-9]*)$/;

/** Whether a resource version has an order: a decimal number without leading zeros, of any length. */
export function isComparableResourceVersion(text: string): boolean {
  return decimal.test(text);
}

/**
 * Orders two resource versions of the same resource. They are never turned into a `Number`, which would lose digits.
 *
 * @returns -1 when `a` is older than `b`, 1 when it is newer, 0 when they are the same.
 * @throws {TypeError} when one of them is not comparable.
 * @see k8s.io/apimachinery util/resourceversion `CompareResourceVersion`; we also accept `0`
 */
export function compareResourceVersions(a: string, b: string): -1 | 0 | 1 {
  for (const text of [a, b]) {
    if (!decimal.test(text)) {
      throw new TypeError(
        `Cannot compare resource versions: each must be a decimal number without leading zeros, got "${text}"`,
      );
    }
  }
  if (a.length !== b.length) return a.length < b.length ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
