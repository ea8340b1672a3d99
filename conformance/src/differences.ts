/** Where two values differ, one line each: the path, then ours and the real server's. */
export function differences(ours: unknown, real: unknown, path = ''): string[] {
  if (Object.is(ours, real)) return [];
  if (!isContainer(ours) || !isContainer(real) || Array.isArray(ours) !== Array.isArray(real))
    return [`${path || '.'}: ours ${shown(ours)}, real ${shown(real)}`];
  const [mine, theirs] = [ours as Record<string, unknown>, real as Record<string, unknown>];
  const keys = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
  return keys.flatMap((key) => differences(mine[key], theirs[key], `${path}.${key}`));
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 600);
}
