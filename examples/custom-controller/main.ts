import { createClient, loadKubeConfig } from '@bowline/client';
import { runCustomController } from './src/controller.ts';

// Needs a cluster: takes the current context of your kubeconfig. Ctrl-C ends it.
const stop = new AbortController();
process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
const say = (what: string) => async (key: string, object: unknown) =>
  console.log(`${what} ${key} ${object === undefined ? 'is gone' : 'is there'}`);
await runCustomController(
  { client: createClient(await loadKubeConfig()), syncEndpoints: say('Endpoints'), syncConfigMap: say('ConfigMap') },
  stop.signal,
);
