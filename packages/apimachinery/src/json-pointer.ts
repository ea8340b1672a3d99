/**
 * The parts of a JSON pointer, unescaped: `/a~1b/0` is `['a/b', '0']`, `''` (the whole document) is `[]`. Undefined when it is no pointer.
 *
 * @see RFC 6901
 */
export function parsePointer(pointer: string): string[] | undefined {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The JSON pointer of a path: `['a/b', 0]` is `/a~1b/0`. */
export function formatPointer(path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
