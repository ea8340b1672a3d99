import { defineConfig } from 'vitest/config';

/** Tests read the sources of every package (condition `@bowline/source`), so they need no build. */
export default defineConfig({
  resolve: { conditions: ['@bowline/source'] },
  ssr: { resolve: { conditions: ['@bowline/source', 'node', 'import', 'default'] } },
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    reporters: ['default', ['json', { outputFile: '.results/tests.json' }]],
    // Results are counted by tools/checks/summary.ts; a package without tests fails there.
    passWithNoTests: false,
    // Tests wait for nothing, but property tests compute, and a busy machine computes slowly.
    testTimeout: 180_000,
  },
});
