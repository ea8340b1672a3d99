import { loadWasm, type WasmMemory } from '@bowline/apimachinery/wasm';
import { expect, test } from 'vitest';
import { compile } from './compile.ts';

interface Counter {
  readonly memory: WasmMemory;
  count(from: number, to: number): number;
}

test('compile makes a module that imports nothing and counts bytes sixteen at a time', async () => {
  const binary = await compile('main.ts', {
    'main.ts': `import { quotes } from './quotes';
export function count(from: usize, to: usize): i32 {
  let found = 0;
  for (let at = from; at < to; at += 16) found += quotes(at);
  return found;
}`,
    'quotes.ts': `export function quotes(at: usize): i32 {
  return popcnt(i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x22))));
}`,
  });
  const { memory, count } = loadWasm<Counter>(Buffer.from(binary).toString('base64')) as Counter;
  const bytes = new Uint8Array(memory.buffer);
  bytes.fill(0x22, 1024, 1030);
  expect(count(1024, 1056)).toBe(6);
  expect(memory.buffer.byteLength).toBe(65_536);
});

test('compile says what the compiler says', async () => {
  await expect(compile('main.ts', { 'main.ts': 'export const one: i32 = "one";' })).rejects.toThrow(
    /Cannot compile main\.ts: ERROR TS2322.*main\.ts\(1,/s,
  );
});
