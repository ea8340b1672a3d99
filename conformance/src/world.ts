import { Namespace } from '@bowline/api/core/v1';
import type { Env } from '@bowline/envtest';
import { afterAll, beforeAll } from 'vitest';
import { withForm } from './forms.ts';
import { startServerUnderTest } from './servers.ts';

/** The server of a file of cases, and namespaces on it. */
export interface World {
  readonly env: Env;
  /** A new namespace that nothing else uses. */
  namespace(name: string): Promise<string>;
}

/** Starts the server that `BOWLINE_CONTROL_PLANE` names before the cases of a file and ends it after them. */
export function useWorld({ controllers = false }: { readonly controllers?: boolean } = {}): () => World {
  let world: World | undefined;
  beforeAll(async () => {
    const env = withForm(await startServerUnderTest(controllers));
    world = {
      env,
      namespace: async (name) => (await env.client.create(Namespace, { metadata: { name } })).metadata.name,
    };
  });
  afterAll(() => world?.env[Symbol.asyncDispose]());
  return () => {
    if (world === undefined) throw new Error('Cannot use the server: it must be started, got none');
    return world;
  };
}

/** Waits until `look` gives something, asking every 25 ms. Fails with what `look` last threw, or with `what`. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  withinMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  let failure: unknown;
  for (;;) {
    try {
      failure = undefined;
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      failure = error; // reported when time is up
    }
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`, { cause: failure });
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
