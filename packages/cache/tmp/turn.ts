import { Indexer, itemOf } from '../src/index.ts';
import { keyedChanges } from '../../apimachinery/src/index.ts';
const count = 100_000;
const pod = (index: number) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: `team-${index % 100}`, name: `pod-${index}`, uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', labels: { app: `app-${index % 500}` } }, spec: { nodeName: `node-${Math.floor(index / 100) % 100}` } });
const times: number[] = []; const kc: number[] = [];
for (let i = 0; i < 8; i++) {
  const batch = Array.from({ length: count }, (_, index) => ({ type: 'modified' as const, item: itemOf(pod(index)) }));
  const indexer = new Indexer<any>({}, { indexes: { node: 'spec.nodeName', app: 'metadata.labels.app' } as any });
  (globalThis as any).gc?.();
  let t = performance.now(); keyedChanges('x', batch as any); kc.push(performance.now() - t);
  t = performance.now(); indexer.apply(batch as any, '1'); times.push(performance.now() - t);
}
console.log(times.map((t) => t.toFixed(0)).join(' '), '| keyed', kc.map((t) => t.toFixed(1)).join(' '));
