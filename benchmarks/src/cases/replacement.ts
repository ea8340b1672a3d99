import { Indexer, itemOf } from '@bowline/cache';
import { figure, watchLoop } from '../measure.ts';

// Early proof: a full state of 150,000 items becomes visible without the event loop ever stopping for long.
const count = 150_000;
const object = (
  index: number,
  version: number,
): {
  metadata: { namespace: string; name: string; uid: string; resourceVersion: string };
  spec: { nodeName: string };
} => ({
  metadata: {
    namespace: `team-${index % 100}`,
    name: `pod-${index}`,
    uid: String(index),
    resourceVersion: String(version),
  },
  spec: { nodeName: `node-${index % 200}` },
});
const items = (version: number) => Array.from({ length: count }, (_, index) => itemOf(object(index, version) as never));
const indexer = new Indexer(
  {},
  { indexes: { node: (each: { spec: { nodeName: string } }) => [each.spec.nodeName] } as never },
);

for (const [name, version] of [
  ['replacement of 150,000 items', 1],
  ['replacement of 150,000 items by newer ones', 2],
] as const) {
  const all = items(version);
  const stops = await watchLoop(async () => {
    const replacement = indexer.replace();
    for (let from = 0; from < count; from += 500) {
      replacement.put(all.slice(from, from + 500));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await replacement.commit(String(version));
  });
  figure(name, stops.elapsedMs, 'ms');
  figure(`${name}, worst stop`, stops.worstStopMs, 'ms');
  figure(`${name}, worst collection`, stops.worstCollectionMs, 'ms');
  figure(`${name}, worst stop without collections`, stops.worstOwnStopMs, 'ms');
}
