import { measureSync } from '../sync.ts';

await measureSync({
  name: 'sync of 50,000 pods as protobuf',
  pods: 50_000,
  form: 'protobuf',
  readEvery: false,
  burst: 100_000,
});
