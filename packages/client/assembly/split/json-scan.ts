/** Where the bytes begin: behind what the module needs for itself. */
export function firstByte(): usize {
  return __heap_base;
}
