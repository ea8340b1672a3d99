import { Channel, Manager } from '@bowline/controller-runtime';
import { startEnv } from '@bowline/envtest';
import { figure, rate } from '../measure.ts';

// No-op reconciles through a real manager: keys come from a channel, so that no request is in the way.
const count = 200_000;
for (const maxConcurrentReconciles of [1, 10]) {
  await using env = await startEnv({ clock: 'real', controllers: false });
  const keys = new Channel<number>({ capacity: count });
  const manager = new Manager({ kubeConfig: env.kubeConfig });
  const { promise: done, resolve: isDone } = Promise.withResolvers<void>();
  let reconciled = 0;
  manager
    .controller('noop')
    .source(keys, (index) => [{ namespace: 'default', name: `key-${index}` }])
    .withOptions({ maxConcurrentReconciles })
    .reconcile(() => {
      if (++reconciled === count) isDone();
    });
  const stop = new AbortController();
  const perSecond = await rate(count, async () => {
    for (let index = 0; index < count; index += 1) keys.offer(index);
    const running = manager.run(stop.signal);
    await done;
    stop.abort();
    await running;
  });
  figure(`no-op reconciles, concurrency ${maxConcurrentReconciles}`, perSecond, 'reconciles/s');
}
