/** The JSON path at which two values differ first, and what stands there; undefined when both have the same text. */
export function firstDifference(got: unknown, wanted: unknown, path: string = '$'): string | undefined {
  if (JSON.stringify(got) === JSON.stringify(wanted)) return undefined;
  if (!isObject(got) || !isObject(wanted) || Array.isArray(got) !== Array.isArray(wanted))
    return `${path}: got ${shown(got)}, Go has ${shown(wanted)}`;
  const [ours, theirs] = [Object.keys(got), Object.keys(wanted)];
  for (const key of theirs.filter((each) => Object.hasOwn(got, each))) {
    const found = firstDifference(got[key], wanted[key], step(path, key, Array.isArray(got)));
    if (found !== undefined) return found;
  }
  return `${path}: got the keys ${shown(ours)}, Go has ${shown(theirs)}`;
}

function step(path: string, key: string, inList: boolean): string {
  if (inList) return `${path}[${key}]`;
  return /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 300);
}
