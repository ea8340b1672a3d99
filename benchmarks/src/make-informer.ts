import { CoreV1Api, KubeConfig, makeInformer, type V1Pod } from '@kubernetes/client-node';
import { figure, retainedBytes, watchLoop } from './measure.ts';
import { PodServer } from './pod-server-process.ts';

/** The same sync with `makeInformer` of `@kubernetes/client-node`, then a burst of events. */
export async function measureMakeInformer(pods: number, burst: number): Promise<void> {
  await using server = await PodServer.start(pods);
  const name = `makeInformer: sync of ${pods.toLocaleString('en-US')} pods`;
  const before = retainedBytes();
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'b', server: server.url, skipTLSVerify: true }],
    users: [{ name: 'u' }],
    contexts: [{ name: 'c', cluster: 'b', user: 'u' }],
    currentContext: 'c',
  });
  const api = config.makeApiClient(CoreV1Api);
  const informer = makeInformer<V1Pod>(config, '/api/v1/pods', () => api.listPodForAllNamespaces());
  const synced = Promise.withResolvers<void>();
  const last = Promise.withResolvers<void>();
  let added = 0;
  let updated = 0;
  informer.on('add', () => {
    if (++added === pods) synced.resolve();
  });
  informer.on('update', () => {
    if (++updated === burst) last.resolve();
  });
  informer.on('error', (error) => {
    synced.reject(error);
    last.reject(error);
  });
  const stops = await watchLoop(async () => {
    void informer.start();
    await synced.promise;
  });
  figure(name, stops.elapsedMs, 'ms');
  figure(`${name}, memory per pod`, (retainedBytes() - before) / pods, 'bytes');
  figure(`${name}, worst stop`, stops.worstStopMs, 'ms');
  if (burst > 0) {
    const { elapsedMs, worstStopMs } = await watchLoop(async () => {
      await server.burst(burst);
      await last.promise;
    });
    figure(`${name}, then ${burst.toLocaleString('en-US')} events`, burst / (elapsedMs / 1_000), 'events/s');
    figure(`${name}, then events, worst stop`, worstStopMs, 'ms');
  }
  // Nothing is measured from here on. When it is stopped, its requests reject where nobody can handle that.
  process.on('unhandledRejection', () => undefined);
  await informer.stop();
}
