import asc from 'assemblyscript/asc';

/**
 * What each module is compiled with. There is no runtime, no garbage collector and no import: a module works on numbers and on its memory.
 * The first page of that memory is its own; the user lays out the rest (`memory.grow`).
 */
const settings: readonly string[] = [
  '-O3',
  ...['--converge', '--noAssert', '--noColors'],
  ...['--enable', 'simd', '--enable', 'bulk-memory'],
  ...['--runtime', 'stub', '--use', 'abort='],
  ...['--initialMemory', '1', '--maximumMemory', '1024'],
];

/** Compiles AssemblyScript to a WebAssembly module. @param sources By file name @throws Error with what the compiler says */
export async function compile(entry: string, sources: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const outFile = 'module.wasm';
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main([entry, '--outFile', outFile, ...settings], {
    readFile: (name) => sources[name] ?? null,
    writeFile: (name, contents) => {
      if (name === outFile && typeof contents !== 'string') binary = contents;
    },
    listFiles: () => [],
  });
  if (error || binary === undefined) throw new Error(`Cannot compile ${entry}: ${stderr.toString()}${error ?? ''}`);
  return binary;
}
