import { startEnv } from '@bowline/envtest';
import { figure } from '../measure.ts';

// The first environment of a process, and one of those that follow.
for (const which of ['first', 'later', 'later', 'later']) {
  const started = performance.now();
  const env = await startEnv();
  const elapsed = performance.now() - started;
  await env[Symbol.asyncDispose]();
  figure(`startEnv(), ${which} of a process`, elapsed, 'ms');
}
