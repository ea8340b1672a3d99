import { systemClock } from '@bowline/apimachinery';
import { giveWay } from '../give-way.ts';

/** What is used of undici. */
export type Undici = Pick<typeof import('undici'), 'Agent' | 'buildConnector'>;

/** How undici is loaded: two of its modules, or the whole. */
export interface UndiciModules {
  readonly connect: () => Promise<unknown>;
  readonly agent: () => Promise<unknown>;
  readonly whole: () => Promise<Undici>;
}

const installed: UndiciModules = {
  // @ts-expect-error: undici has types only for the whole
  connect: () => import('undici/lib/core/connect.js'),
  // @ts-expect-error: undici has types only for the whole
  agent: () => import('undici/lib/dispatcher/agent.js'),
  whole: () => import('undici'),
};

/**
 * Loads what is used of undici in pieces of some 8 ms, with turns of the event loop between them. Most of it is `fetch`, WebSocket, caches and mocks:
 * the whole takes more than twice the time (62 ms, in one piece) and 13 MB more. A version that has its modules elsewhere is loaded whole.
 */
export async function loadUndici(modules: UndiciModules = installed): Promise<Undici> {
  const { turn } = systemClock;
  await giveWay();
  await import('node:net'); // undici needs these three, which take half of the time
  await turn();
  await import('node:tls');
  await turn();
  await import('node:http2');
  await turn();
  const buildConnector = await part<Undici['buildConnector']>(modules.connect);
  await turn();
  const Agent = await part<Undici['Agent']>(modules.agent);
  await turn();
  return buildConnector && Agent ? { buildConnector, Agent } : modules.whole();
}

/** Codes of what is not where it was; the last is that of bundlers, which ask as CommonJS does. */
const moved: ReadonlySet<unknown> = new Set([
  'ERR_MODULE_NOT_FOUND',
  'ERR_PACKAGE_PATH_NOT_EXPORTED',
  'MODULE_NOT_FOUND',
]);

/** What a module of undici exports. Undefined when it has moved. */
async function part<T>(load: () => Promise<unknown>): Promise<T | undefined> {
  try {
    const { default: exported } = (await load()) as { readonly default?: unknown };
    return typeof exported === 'function' ? (exported as T) : undefined;
  } catch (error) {
    if (moved.has((error as { readonly code?: unknown }).code)) return undefined;
    throw error;
  }
}
