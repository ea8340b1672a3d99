/**
 * Orders versions by how far they are: general availability before beta before alpha, then by number; others last, by name.
 *
 * @returns above 0 when `a` is preferred.
 * @see k8s.io/apimachinery version `CompareKubeAwareVersionStrings`
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (left === undefined || right === undefined) {
    if (left !== undefined) return 1;
    if (right !== undefined) return -1;
    return a < b ? 1 : a > b ? -1 : 0;
  }
  for (const part of ['stage', 'major', 'minor'] as const) {
    if (left[part] !== right[part]) return left[part] - right[part];
  }
  return 0;
}

function parseVersion(
  text: string,
): { readonly stage: number; readonly major: number; readonly minor: number } | undefined {
  const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(text);
  if (match === null) return undefined;
  const [, major, stage, minor] = match;
  return { stage: stage === undefined ? 2 : stage === 'beta' ? 1 : 0, major: Number(major), minor: Number(minor ?? 0) };
}
