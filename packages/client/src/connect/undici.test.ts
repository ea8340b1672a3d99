import { expect, test } from 'vitest';
import { loadUndici, type Undici, type UndiciModules } from './undici.ts';

const whole = { Agent: class {}, buildConnector: () => {} } as unknown as Undici;
const failing = (code: string) => (): Promise<never> => Promise.reject(Object.assign(new Error('gone'), { code }));

function modules(others: Partial<UndiciModules>): UndiciModules {
  const part = (exported: unknown) => () => Promise.resolve({ default: exported });
  return {
    connect: part(whole.buildConnector),
    agent: part(whole.Agent),
    whole: () => Promise.resolve(whole),
    ...others,
  };
}

test('loadUndici finds the two modules of the installed version, which are what the whole exports', async () => {
  const undici = await import('undici');

  const { Agent, buildConnector } = await loadUndici();
  expect(Agent).toBe(undici.Agent);
  expect(buildConnector).toBe(undici.buildConnector);
});

test.each<[string, Partial<UndiciModules>]>([
  ['has moved', { connect: failing('ERR_MODULE_NOT_FOUND') }],
  ['has moved, says a bundle', { connect: failing('MODULE_NOT_FOUND') }],
  ['is no longer to be had', { agent: failing('ERR_PACKAGE_PATH_NOT_EXPORTED') }],
  ['exports something else', { agent: () => Promise.resolve({ default: { Agent: whole.Agent } }) }],
])('loadUndici loads the whole when one of its modules %s', async (_, others) => {
  expect(await loadUndici(modules(others))).toBe(whole);
});

test('loadUndici tells of any other error', async () => {
  await expect(loadUndici(modules({ connect: failing('EACCES') }))).rejects.toThrow('gone');
});
