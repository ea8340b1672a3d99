import { measureMakeInformer } from '../make-informer.ts';

await measureMakeInformer(50_000, 0);
process.exit(0); // its connections keep the process alive
