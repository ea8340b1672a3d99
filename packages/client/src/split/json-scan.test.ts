import { loadWasm } from '@bowline/apimachinery/wasm';
import { expect, test } from 'vitest';
import { wasm } from './json-scan.generated.ts';

test('the module that scans JSON loads', () => {
  expect(loadWasm<{ firstByte(): number }>(wasm)?.firstByte()).toBeGreaterThan(0);
});
