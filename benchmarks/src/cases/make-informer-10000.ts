import { measureMakeInformer } from '../make-informer.ts';

await measureMakeInformer(10_000, 100_000);
process.exit(0); // its connections keep the process alive
