import { itemOf } from '../src/index.ts';
import { SecondaryIndex } from '../src/secondary-index.ts';
const count = 100_000;
const pod = (index: number) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: `team-${index % 100}`, name: `pod-${index}`, uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', labels: { app: `app-${index % 500}` } }, spec: { nodeName: `node-${Math.floor(index / 100) % 100}` } });
const out: Record<string, string[]> = {};
const time = (name: string, f: () => void) => { (globalThis as any).gc(); const t = (process as any).threadCpuUsage(); f(); const u = (process as any).threadCpuUsage(t); (out[name] ??= []).push(((u.user + u.system) / 1000).toFixed(0)); };
for (let i = 0; i < 6; i++) {
  const items = Array.from({ length: count }, (_, index) => itemOf(pod(index)));
  const slots = new Map<string, number>();
  const flat = new Map<string, number>();
  time('slots get+set', () => { let n = 0; for (const { key } of items) { if (slots.get(key) === undefined) slots.set(key, n++); } });
  time('again, keys flat', () => { let n = 0; for (const { key } of items) { if (flat.get(key) === undefined) flat.set(key, n++); } });
  time('transitions', () => { const all = []; for (const item of items) all.push({ key: item.key, old: undefined, new: item, initial: false, finalStateUnknown: false }); });
  for (const [name, def] of [['namespace', 'metadata.namespace'], ['node', 'spec.nodeName'], ['app', 'metadata.labels.app']] as const) {
    const index = new SecondaryIndex<any>(name, def, true);
    const values: any[] = [];
    time(`values ${name}`, () => { for (const item of items) values.push(index.valuesOf(item)); });
    time(`file ${name}`, () => { for (let s = 0; s < values.length; s++) index.set(s, values[s]); });
  }
}
console.log(out);
