import { defineConfig } from 'vitest/config';

/** As `vitest.base.ts`, without property tests: what they find by chance says nothing about the tests that name a promise. The copy has one package. */
export default defineConfig({
  resolve: { conditions: ['@bowline/source'] },
  ssr: { resolve: { conditions: ['@bowline/source', 'node', 'import', 'default'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.property.test.ts', '**/*-model.test.ts', '**/bundle.test.ts'], // mutants make bundles large
    testNamePattern: /^(?!.*allocates nothing)/, // counting what runs allocates
    testTimeout: 10_000,
  },
});
