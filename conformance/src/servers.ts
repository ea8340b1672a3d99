import { readAll, systemClock } from '@bowline/apimachinery';
import { createClient, createTransport } from '@bowline/client';
import { type Env, startEnv, startRealControlPlane } from '@bowline/envtest';
import { PlainDiscovery } from './plain-discovery.ts';

/** A server under test. */
export type ServerName = 'embedded' | 'real';

/** What a real server under test does not have, as older ones and those of others. */
type Lack = 'watch-list' | 'aggregated-discovery';

/** Starts a bare server: no controllers, real time, the same in both. */
export function startServer(name: ServerName): Promise<Env> {
  return startEnv({ controlPlane: name === 'embedded' ? 'embedded' : 'binaries', clock: 'real', controllers: false });
}

/** The server that the cases of this process run on, from `BOWLINE_CONTROL_PLANE`. */
export function serverName(): ServerName {
  return process.env.BOWLINE_CONTROL_PLANE === 'binaries' ? 'real' : 'embedded';
}

/** Starts that server, without what `BOWLINE_SERVER_WITHOUT` names. Disposing of it fails when nothing has asked for that. */
export function startServerUnderTest(controllers: boolean): Promise<Env> {
  const controlPlane = serverName() === 'embedded' ? 'embedded' : 'binaries';
  const start = (): Promise<Env> => startEnv({ controlPlane, clock: 'real', controllers });
  const lack = process.env.BOWLINE_SERVER_WITHOUT as Lack | undefined;
  switch (lack) {
    case undefined:
      return start();
    case 'watch-list':
      return withoutWatchList(controllers);
    case 'aggregated-discovery':
      return withoutAggregatedDiscovery(start);
    default:
      throw new RangeError(
        `Cannot start the server: BOWLINE_SERVER_WITHOUT must be a known lack, got "${lack satisfies never}"`,
      );
  }
}

async function withoutWatchList(controllers: boolean): Promise<Env> {
  const apiserverFlags = ['--feature-gates=WatchList=false'];
  const real = await startRealControlPlane(systemClock, { controllers, apiserverFlags });
  const env = await startEnv({ controlPlane: 'existing', kubeconfigPath: real.kubeconfigPath });
  const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1';
  const { status, body } = await env.client.raw({ method: 'GET', path: `/api/v1/configmaps?${query}` });
  const text = Buffer.from(await readAll(body)).toString();
  if (status !== 422) throw new Error(`The server streams lists although it was told not to: ${status} ${text}`);
  return {
    ...env,
    async [Symbol.asyncDispose]() {
      await env[Symbol.asyncDispose]();
      await real[Symbol.asyncDispose]();
    },
  };
}

/** kube-apiserver 1.35 has no switch for it any more, so its clients are refused on the way. */
async function withoutAggregatedDiscovery(start: () => Promise<Env>): Promise<Env> {
  const env = await start();
  const transport = new PlainDiscovery(env.kubeConfig.ports?.transport ?? createTransport(env.kubeConfig));
  const client = createClient(env.kubeConfig, { transport });
  return {
    ...env,
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await env[Symbol.asyncDispose]();
      if (transport.refused === 0) throw new Error('Nobody has asked for aggregated discovery');
    },
  };
}
