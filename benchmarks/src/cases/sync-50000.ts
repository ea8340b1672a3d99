import { measureSync } from '../sync.ts';

await measureSync({ name: 'sync of 50,000 pods', pods: 50_000, readEvery: false, burst: 0 });
