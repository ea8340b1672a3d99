import { Indexer, itemOf } from '@bowline/cache';
import { figure, rate } from '../measure.ts';

// The workload that client-go's indexer was measured with: 100,000 pods of 100 namespaces on 100 nodes, indexes by namespace and node; and one
// more index, by label.
const count = 100_000;
const nodes = 100;

interface Pod {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly nodeName: string };
}

const pod = (index: number, version: number, node: number): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    namespace: `team-${index % 100}`,
    name: `pod-${index}`,
    uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    resourceVersion: String(version),
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { app: `app-${index % 500}` },
  },
  spec: { nodeName: `node-${node % nodes}` },
});
const changesOf = (version: number, move: number) =>
  Array.from({ length: count }, (_, index) => {
    const item = itemOf(pod(index, version, Math.floor(index / 100) + move));
    return [{ type: 'modified' as const, item }];
  });
const freshIndexer = () => new Indexer<Pod>({}, { indexes: { node: 'spec.nodeName', app: 'metadata.labels.app' } });

const batch = changesOf(1, 0).flat();
const byNode = new Indexer<Pod>({}, { indexes: { node: 'spec.nodeName' } });
const oneTurn = await rate(count, () => byNode.apply(batch, '1'));
figure('indexer: 100,000 objects with 2 indexes added in one turn', count / (oneTurn / 1000), 'ms');

const more = changesOf(1, 0).flat();
const together = freshIndexer();
const threeIndexes = await rate(count, () => together.apply(more, '1'));
figure('indexer: 100,000 objects with 3 indexes added in one turn', count / (threeIndexes / 1000), 'ms');

const byFunction = new Indexer<Pod>(
  {},
  { indexes: { node: ({ spec }) => spec.nodeName, app: ({ metadata }) => metadata.labels.app } },
);
const unread = changesOf(1, 0).flat();
const functions = await rate(count, () => byFunction.apply(unread, '1'));
figure(
  'indexer: 100,000 objects with 3 indexes, 2 of them functions, added in one turn',
  count / (functions / 1000),
  'ms',
);

const indexer = freshIndexer();
const added = changesOf(1, 0);
const perAdd = await rate(count, () => {
  for (const change of added) indexer.apply(change, '1');
});
figure('indexer: 100,000 objects with 3 indexes added one by one', count / (perAdd / 1000), 'ms');

const updates = changesOf(2, 1);
const update = await rate(count, () => {
  for (const change of updates) indexer.apply(change, '2');
});
figure('indexer: update of an object that moves to another node', update, 'operations/s');

let seen = 0;
const gets = 1_000_000;
const get = await rate(gets, () => {
  for (let index = 0; index < gets; index++) {
    if (indexer.get(`team-${index % 100}/pod-${index % count}`) !== undefined) seen++;
  }
});
figure('indexer: get by key', get, 'operations/s');

const lookups = 100_000;
const first = await rate(lookups, () => {
  for (let index = 0; index < lookups; index++) {
    for (const each of indexer.byIndex('node', `node-${index % nodes}`)) {
      if (each.spec.nodeName !== '') seen++;
      break;
    }
  }
});
figure('indexer: byIndex of 1,000 objects to its first', 1e6 / first, 'µs');

const whole = await rate(1_000, () => {
  for (let index = 0; index < 1_000; index++) {
    for (const each of indexer.byIndex('node', `node-${index % nodes}`)) if (each.spec.nodeName !== '') seen++;
  }
});
figure('indexer: byIndex of 1,000 objects, all read', whole, 'operations/s');

const lists = await rate(10, () => {
  for (let index = 0; index < 10; index++) for (const each of indexer.list()) if (each.spec.nodeName !== '') seen++;
});
figure('indexer: list of 100,000 objects, all read', lists, 'operations/s');
if (seen !== gets + lookups + 1_000 * 1_000 + 10 * count) throw new Error(`${seen} objects were found`);
