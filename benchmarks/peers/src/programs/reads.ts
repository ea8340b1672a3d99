import type { Pod } from '@bowline/api/core/v1';
import { inSlices } from '@bowline/cache';
import type { RunningInformer } from '@bowline/informer';
import { StopWatch } from '../../../src/stops.ts';
import { percentile, timeReads } from '../../../src/timed-reads.ts';
import type { Answer } from './conversation.ts';
import { leaves } from './reader.ts';

const gets = 10_000;

/** Milliseconds of a read, and the stops of the event loop meanwhile, under `name`. */
async function time(name: string, run: () => Promise<number> | number): Promise<Answer> {
  const stops = new StopWatch();
  await new Promise((resolve) => setTimeout(resolve, 5));
  const startMs = performance.now();
  if ((await run()) === 0) throw new Error('nothing was read');
  const ms = performance.now() - startMs;
  const { worstStopMs, worstOwnStopMs, worstCollectionMs } = await stops.end();
  return {
    [`${name}Ms`]: ms,
    [`${name}WorstStopMs`]: worstStopMs,
    [`${name}WorstOwnStopMs`]: worstOwnStopMs,
    [`${name}WorstCollectionMs`]: worstCollectionMs,
  };
}

/** Reads of a synced cache that nobody has read from: by path, by objects, one object. */
export async function measureReads(informer: RunningInformer<Pod>): Promise<Answer> {
  const { indexer } = informer.informer;
  const byPath = await time('listByPath', async () => {
    await indexer.addIndex('node', 'spec.nodeName');
    let found = 0;
    for await (const node of inSlices(indexer.indexValues('node'))) found += indexer.indexKeys('node', node).length;
    return found;
  });
  const byObject = await time('listByObject', () => {
    let found = 0;
    for (const pod of informer.list()) if (pod.spec?.nodeName !== undefined) found++;
    return found;
  });
  const givingWay = await time('listInSlices', async () => {
    let found = 0;
    for await (const pod of inSlices(informer.list())) if (pod.spec?.nodeName !== undefined) found++;
    return found;
  });
  const everything = await time('listEverything', () => {
    let found = 0;
    for (const pod of informer.list()) found += leaves(pod);
    return found;
  });
  const keys = [...indexer.keys()];
  const get = (read: (pod: Pod) => number) => (key: string) => {
    const pod = informer.get(key);
    return pod === undefined ? 0 : read(pod);
  };
  const whole = timeReads(keys, gets, get(leaves));
  const metadata = timeReads(
    keys,
    gets,
    get((pod) => pod.metadata.name?.length ?? 0),
  );
  return {
    ...byPath,
    ...byObject,
    ...givingWay,
    ...everything,
    getP50Us: percentile(whole, 0.5),
    getP99Us: percentile(whole, 0.99),
    getMetadataP50Us: percentile(metadata, 0.5),
    getMetadataP99Us: percentile(metadata, 0.99),
  };
}
