import { measureSync } from '../sync.ts';

await measureSync({
  name: 'sync of 50,000 pods, every object read',
  pods: 50_000,
  form: 'json',
  readEvery: true,
  burst: 100_000,
});
