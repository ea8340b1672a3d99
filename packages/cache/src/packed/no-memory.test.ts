import { expect, test } from 'vitest';
import { isNoMemory } from './no-memory.ts';

function errorOf(fail: () => unknown): unknown {
  try {
    fail();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

test.each<[string, unknown, boolean]>([
  ['a buffer that is too large', errorOf(() => new ArrayBuffer(Number.MAX_SAFE_INTEGER)), true],
  [
    'zlib without memory',
    Object.assign(new Error('Initialization failed'), { code: 'ERR_ZLIB_INITIALIZATION_FAILED' }),
    true,
  ],
  ['zstd without memory', Object.assign(new Error('Allocation error'), { code: 'ZSTD_error_memory_allocation' }), true],
  ['another code', Object.assign(new Error('Cannot read'), { code: 'ENOENT' }), false],
  ['a fault of ours', new Error('Cannot read slab: it has no bytes'), false],
  ['a wrong argument', errorOf(() => Buffer.from(5 as never)), false],
  ['no error at all', 'ERR_ZLIB_INITIALIZATION_FAILED', false],
])('isNoMemory tells a lack of memory from faults: %s', (_, error, expected) => {
  expect(isNoMemory(error)).toBe(expected);
});
