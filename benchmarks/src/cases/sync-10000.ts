import { measureSync } from '../sync.ts';

await measureSync({ name: 'sync of 10,000 pods', pods: 10_000, form: 'json', readEvery: false, burst: 100_000 });
