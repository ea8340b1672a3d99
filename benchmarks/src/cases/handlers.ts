import { Pod } from '@bowline/api/core/v1';
import { systemClock, systemRandom } from '@bowline/apimachinery';
import { createClient } from '@bowline/client';
import { SharedInformer } from '@bowline/informer';
import { ListWatch } from '@bowline/listwatch';
import { figure } from '../measure.ts';
import { PodServer } from '../pod-server-process.ts';

// What more handlers cost: an informer of 5,000 pods, then a burst of events, until every handler has been told of all of them.
const pods = 5_000;
const burst = 20_000;
const rounds = 5;

/** Milliseconds from the first event to the last call of the last handler. */
async function measure(server: PodServer, handlers: number): Promise<number> {
  const client = createClient({ cluster: { server: server.url } });
  const source = new ListWatch<Pod>(client, Pod);
  const informer = new SharedInformer<Pod>(
    { source, clock: systemClock, random: systemRandom },
    { maxPending: Infinity },
  );
  const stop = new AbortController();
  const all = Array.from({ length: handlers }, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let running = 0;
    let told = 0;
    const registration = informer.addHandler({
      onUpdate: (_, pod) => {
        if (pod.status?.phase === 'Running') running++;
        if (++told === burst) resolve();
      },
    });
    return { registration, promise, running: () => running };
  });
  const running = informer.run(stop.signal);
  await Promise.all(all.map(({ registration }) => registration.synced(stop.signal)));
  globalThis.gc?.();
  const started = performance.now();
  await server.burst(burst);
  await Promise.all(all.map(({ promise }) => promise));
  const elapsedMs = performance.now() - started;
  if (all.some((each) => each.running() === 0)) throw new Error('no object was read');
  stop.abort();
  await running;
  await client.close();
  return elapsedMs;
}

await using server = await PodServer.start(pods, 'json');
const counts = [1, 10] as const;
const samples = new Map<number, number[]>(counts.map((count) => [count, []]));
await measure(server, 10); // warms up
for (let round = 0; round < rounds; round++) {
  for (const count of counts) samples.get(count)?.push(await measure(server, count));
}
for (const [count, values] of samples) {
  const median = values.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
  const name = count === 1 ? 'informer with 1 handler' : `informer with ${count} handlers`;
  figure(`${name}: ${burst.toLocaleString('en-US')} events`, median, 'ms');
}
