import { measureSync } from '../sync.ts';

await measureSync({
  name: 'sync of 50,000 pods as protobuf, every object read',
  pods: 50_000,
  form: 'protobuf',
  readEvery: true,
  burst: 0,
});
