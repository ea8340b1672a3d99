import { Pod } from '@bowline/api/core/v1';
import { systemClock, systemRandom } from '@bowline/apimachinery';
import { createClient } from '@bowline/client';
import { SharedInformer } from '@bowline/informer';
import { ListWatch } from '@bowline/listwatch';
import { figure, retainedBytes, watchLoop } from './measure.ts';
import { PodServer } from './pod-server-process.ts';

/** How an informer is measured. */
export interface SyncCase {
  readonly name: string;
  readonly pods: number;
  /** What the server speaks; JSON is what it speaks for custom resources. */
  readonly form: 'json' | 'protobuf';
  /** Has a handler that reads every object, so that each is decoded. */
  readonly readEvery: boolean;
  /** So many MODIFIED events after the sync. */
  readonly burst: number;
}

/** Syncs an informer of pods from a server in another process: time, memory per pod, longest stop of the event loop; then a burst of events. */
export async function measureSync({ name, pods, form, readEvery, burst }: SyncCase): Promise<void> {
  await using server = await PodServer.start(pods, form);
  const before = retainedBytes();
  const client = createClient({ cluster: { server: server.url } });
  // Its code is loaded by its first request, in one piece: what that takes is measured by the case `first-request`.
  await client.listItems(Pod, { limit: 1, signal: AbortSignal.timeout(10_000) });
  const source = new ListWatch<Pod>(client, Pod);
  const informer = new SharedInformer<Pod>({ source, clock: systemClock, random: systemRandom }, {});
  const stop = new AbortController();
  let phases = 0;
  let seen = 0;
  const { promise: last, resolve: isLast } = Promise.withResolvers<void>();
  const registration = readEvery
    ? informer.addHandler({
        onAdd: (pod) => {
          phases += pod.status?.phase?.length ?? 0;
        },
        onUpdate: (_, pod) => {
          phases += pod.status?.phase?.length ?? 0;
          if (++seen === burst) isLast();
        },
      })
    : informer.addItemHandler({
        onTransitions: (transitions) => {
          for (const transition of transitions) if (transition.old !== undefined && ++seen === burst) isLast();
        },
      });
  let running: Promise<void> | undefined;
  const stops = await watchLoop(async () => {
    running = informer.run(stop.signal);
    await registration.synced(stop.signal);
  });
  if (informer.indexer.size !== pods) throw new Error(`${informer.indexer.size} of ${pods} pods are there`);
  figure(name, stops.elapsedMs, 'ms');
  figure(`${name}, memory per pod`, (retainedBytes() - before) / pods, 'bytes');
  figure(`${name}, worst stop`, stops.worstStopMs, 'ms');
  figure(`${name}, worst collection`, stops.worstCollectionMs, 'ms');
  figure(`${name}, worst stop without collections`, stops.worstOwnStopMs, 'ms');
  if (burst > 0) {
    const { elapsedMs, worstStopMs } = await watchLoop(async () => {
      await server.burst(burst);
      await last;
    });
    figure(`${name}, then ${burst.toLocaleString('en-US')} events`, burst / (elapsedMs / 1_000), 'events/s');
    figure(`${name}, then events, worst stop`, worstStopMs, 'ms');
  }
  stop.abort();
  await running;
  await client.close();
  if (readEvery && phases === 0) throw new Error('no object was read');
}
