import { mergeConfig } from 'vitest/config';
import base from '../../vitest.base.ts';

/** Every test runs over packed storage, and over plain objects. */
export default mergeConfig(base, {
  test: {
    projects: [
      { extends: true, test: { name: 'packed' } },
      { extends: true, test: { name: 'plain', setupFiles: ['./src/plain-items.fixture.ts'] } },
    ],
  },
});
