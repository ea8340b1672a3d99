import { measureSync } from '../sync.ts';

await measureSync({ name: 'sync of 50,000 pods', pods: 50_000, form: 'json', readEvery: false, burst: 0 });
