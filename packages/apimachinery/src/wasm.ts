/**
 * Loads the WebAssembly modules of the packages.
 *
 * @module
 */

/** The memory of a module. `buffer` is another one after it has grown. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** Adds pages of 64 KiB. @throws {RangeError} when there is no room for them */
  grow(pages: number): number;
}

interface WasmConstructors {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
  readonly CompileError: new () => Error;
}

/**
 * What a module exports that imports nothing; undefined where it cannot run: no WebAssembly (`node --jitless`), a processor without
 * its instructions, no address space for its memory. Takes about a millisecond, once for each call: keep what it returns.
 *
 * @param base64 The module.
 */
export function loadWasm<Exports>(base64: string): Exports | undefined {
  const { WebAssembly } = globalThis as { readonly WebAssembly?: WasmConstructors };
  if (WebAssembly === undefined) return undefined;
  try {
    const module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
    return new WebAssembly.Instance(module).exports as Exports;
  } catch (error) {
    if (error instanceof WebAssembly.CompileError || error instanceof RangeError) return undefined;
    throw error;
  }
}
