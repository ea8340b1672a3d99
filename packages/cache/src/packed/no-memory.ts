/** What zlib says where it gets no memory. */
const codes: readonly unknown[] = ['ERR_ZLIB_INITIALIZATION_FAILED', 'ZSTD_error_memory_allocation'];

/** Whether an error says that there is no memory: V8 throws a `RangeError` then. Anything else is a fault, which nobody may overlook. */
export function isNoMemory(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof Error && 'code' in error && codes.includes(error.code));
}
