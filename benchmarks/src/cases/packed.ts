import { Pod } from '@bowline/api/core/v1';
import type { Item } from '@bowline/apimachinery';
import { Indexer, inSlices } from '@bowline/cache';
import { packedStorage } from '@bowline/cache/packed';
import { createClient } from '@bowline/client';
import { figure, retainedBytes, watchLoop } from '../measure.ts';
import { PodServer } from '../pod-server-process.ts';
import { percentile, timeReads } from '../timed-reads.ts';

// Packed storage: full states of 50,000 protobuf pods, then reads of one.
const count = 50_000;
const pageSize = 500;
const gets = 20_000;

/** All pods as items, in the chunks in which they came. */
async function fetchItems(): Promise<Item<Pod>[]> {
  await using server = await PodServer.start(count, 'protobuf');
  const client = createClient({ cluster: { server: server.url } });
  const items: Item<Pod>[] = [];
  const signal = AbortSignal.timeout(60_000);
  const page = await client.listItems<Pod>(Pod, {
    signal,
    onItems: (given, restart) => {
      if (restart) items.length = 0;
      for (const item of given) items.push(item);
    },
  });
  for (const item of page.items) items.push(item);
  await client.close();
  if (items.length !== count) throw new Error(`${items.length} of ${count} pods are there`);
  return items;
}

const items = await fetchItems();
const before = retainedBytes();
const indexer = new Indexer<Pod>({ storage: packedStorage<Pod>() }, { indexes: { node: 'spec.nodeName' } });
for (const name of ['replacement of 50,000 packed items', 'replacement of 50,000 packed items by the same']) {
  const stops = await watchLoop(async () => {
    const replacement = indexer.replace();
    for (let from = 0; from < count; from += pageSize) {
      replacement.put(items.slice(from, from + pageSize));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await replacement.commit('1');
  });
  figure(name, stops.elapsedMs, 'ms');
  figure(`${name}, worst stop`, stops.worstStopMs, 'ms');
  figure(`${name}, worst collection`, stops.worstCollectionMs, 'ms');
  figure(`${name}, worst stop without collections`, stops.worstOwnStopMs, 'ms');
}
figure('50,000 packed pods with an index, memory per pod', (retainedBytes() - before) / count, 'bytes');

const keys = [...indexer.keys()];
const get = (read: (pod: Pod) => number) => (key: string) => {
  const pod = indexer.get(key);
  return pod === undefined ? 0 : read(pod);
};
const wholePod = ({ metadata, spec, status }: Pod): number =>
  metadata.name && spec?.containers && status?.phase ? 1 : 0;
const whole = timeReads(keys, gets, get(wholePod));
figure('get of one packed pod, all of it decoded, p50', percentile(whole, 0.5), 'µs');
figure('get of one packed pod, all of it decoded, p99', percentile(whole, 0.99), 'µs');
const metadata = timeReads(
  keys,
  gets,
  get((pod) => pod.metadata.name?.length ?? 0),
);
figure('get of one packed pod, metadata only, p50', percentile(metadata, 0.5), 'µs');

let seen = 0;
const list = await watchLoop(async () => {
  for await (const pod of inSlices(indexer.list())) if (pod.spec?.nodeName !== undefined) seen++;
});
figure('list of 50,000 packed pods in slices, spec.nodeName', list.elapsedMs, 'ms');
figure('list of 50,000 packed pods in slices, worst stop without collections', list.worstOwnStopMs, 'ms');
if (seen !== count) throw new Error(`${seen} of ${count} pods have a node`);
