import { expect, test } from 'vitest';
import { startEnv } from './env.ts';
import type { Operator, OperatorFactory } from './options.ts';

/** An operator that ends when it is told to, as `end` says. */
function operator(name: string, log: string[], end: () => void = () => {}): OperatorFactory {
  const run: Operator['run'] = (signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        log.push(name);
        try {
          end();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  return () => ({ run });
}
const fail = (message: string) => (): void => {
  throw new Error(message);
};

test('Disposing an environment ends all operators, the last one first, and its server, and says which of them failed', async () => {
  const log: string[] = [];
  const run = [
    operator('a', log),
    operator('b', log, fail('b is broken')),
    operator('c', log),
    operator('d', log, fail('d, too')),
  ];
  const env = await startEnv({ run, controllers: false });
  await expect(env[Symbol.asyncDispose]()).rejects.toMatchObject({
    code: 'ENVTEST_OPERATOR_FAILED',
    message: 'An operator failed while it stopped: d, too; An operator failed while it stopped: b is broken',
  });
  expect(log).toEqual(['d', 'c', 'b', 'a']);
  await expect(env.server?.handle({ method: 'GET', path: '/api', headers: {} })).rejects.toMatchObject({
    code: 'APISERVER_NOT_RUNNING',
  });
});

test('Disposing an environment says that an operator has failed before, unless that was told', async () => {
  const run = [() => ({ run: () => Promise.reject(new Error('no licence')) })];
  const env = await startEnv({ run, controllers: false });
  await expect(env[Symbol.asyncDispose]()).rejects.toMatchObject({
    code: 'ENVTEST_OPERATOR_FAILED',
    message: 'An operator failed before the test ended: no licence',
  });
  const told = await startEnv({ run, controllers: false });
  await expect(told.settled()).rejects.toThrow('no licence');
  await told[Symbol.asyncDispose]();
});

test('Disposing an environment twice, also at the same time, does it once', async () => {
  const log: string[] = [];
  const env = await startEnv({ run: [operator('a', log)], controllers: false });
  await Promise.all([env[Symbol.asyncDispose](), env[Symbol.asyncDispose]()]);
  await env[Symbol.asyncDispose]();
  expect(log).toEqual(['a']);
});
