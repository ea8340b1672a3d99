import { measureSync } from '../sync.ts';

await measureSync({ name: 'sync of 10,000 pods', pods: 10_000, readEvery: false, burst: 100_000 });
