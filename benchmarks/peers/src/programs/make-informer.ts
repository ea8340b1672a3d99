import { CoreV1Api, KubeConfig, makeInformer, type V1Pod } from '@kubernetes/client-node';
import { StopWatch } from '../../../src/stops.ts';
import { converse } from './conversation.ts';
import { EventCount } from './event-count.ts';

// `makeInformer` of @kubernetes/client-node, as its examples start it. usage: make-informer URL PODS
const [url = '', count] = process.argv.slice(2);
const pods = Number(count);
const config = new KubeConfig();
config.loadFromOptions({
  clusters: [{ name: 'b', server: url, skipTLSVerify: true }],
  users: [{ name: 'u' }],
  contexts: [{ name: 'c', cluster: 'b', user: 'u' }],
  currentContext: 'c',
});
const api = config.makeApiClient(CoreV1Api);
const informer = makeInformer<V1Pod>(config, '/api/v1/pods', () => api.listPodForAllNamespaces());
let adds = 0;
const updates = new EventCount();
const synced = Promise.withResolvers<void>();
informer.on('add', () => {
  if (++adds === pods) synced.resolve();
});
informer.on('update', () => updates.note());
informer.on('error', (error) => {
  synced.reject(error);
  updates.fail(error);
});

await converse({
  sync: async () => {
    const stops = new StopWatch();
    const startMs = performance.now();
    void informer.start();
    await synced.promise;
    const ms = performance.now() - startMs;
    return { ms, calls: adds, ...(await stops.end()) };
  },
  burst: (events) => updates.expect(events),
  relist: () => updates.expect(pods),
});
