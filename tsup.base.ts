import { defineConfig, type Options } from 'tsup';

/** The one build of every package: ES modules and their declarations. */
export function library(entry: string[]): ReturnType<typeof defineConfig> {
  const options: Options = {
    entry,
    format: ['esm'],
    target: 'node22',
    platform: 'node',
    dts: true,
    sourcemap: true,
    clean: true,
    treeshake: true,
    splitting: true,
  };
  return defineConfig(options);
}
