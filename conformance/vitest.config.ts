import { defineConfig } from 'vitest/config';
import base from '../vitest.base.ts';

/** Servers are started once per file; files run one after the other, so that two control planes never compete for two cores. */
export default defineConfig({
  ...base,
  test: { ...base.test, reporters: ['default'], fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000 },
});
