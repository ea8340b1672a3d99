import { expect, test, vi } from 'vitest';
import { loadWasm } from './wasm.ts';

/** `(module (func (export "two") (result i32) i32.const 2))` */
const two = Buffer.from('0061736d010000000105016000017f03020100070701' + '0374776f00000a0601040041020b', 'hex');
/** Of a later version of the format. */
const newer = Buffer.from('0061736d02000000', 'hex');

test('loadWasm gives what a module exports', () => {
  expect(loadWasm<{ two(): number }>(two.toString('base64'))?.two()).toBe(2);
});

test('loadWasm gives nothing for a module that this machine does not understand', () => {
  expect(loadWasm(newer.toString('base64'))).toBeUndefined();
});

test('loadWasm gives nothing where there is no WebAssembly', () => {
  vi.stubGlobal('WebAssembly', undefined);
  expect(loadWasm(two.toString('base64'))).toBeUndefined();
  vi.unstubAllGlobals();
});
