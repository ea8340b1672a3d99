import { podJson } from '../../../benchmarks/src/pods.ts';
import { encodeMessage, loadMessageType } from '../../api/src/protobuf/index.ts';
import { packedStorage } from '../src/packed.ts';
import { Indexer } from '../src/index.ts';
import type { Encoding, EncodedItem, Item } from '../../apimachinery/src/index.ts';
import { randomBytes } from 'node:crypto';

const gc = (globalThis as any).gc as () => void;
const raw: Encoding<any> = {
  object: (b, s, e) => ({ size: e - s }), decode: () => ({}), read: () => undefined,
  copy: (b, s, e, t, at) => b.copy(t, at, s, e),
};
const mode = process.argv[2] ?? 'heap';
const count = Number(process.argv[3] ?? 50_000);

const type = await loadMessageType({ group: '', version: 'v1', kind: 'Pod' } as any)!;
function bytesOf(i: number): { bytes: Buffer; key: string; uid: string; rv: string } {
  const pod = JSON.parse(podJson(i)); delete pod.metadata.managedFields;
  pod.spec.containers[0].env = [...(pod.spec.containers[0].env ?? []), { name: 'RANDOM', value: randomBytes(24).toString('hex') }];
  pod.metadata.annotations.random = randomBytes(16).toString('base64');
  return { bytes: Buffer.from(encodeMessage(type, pod)), key: `${pod.metadata.namespace}/${pod.metadata.name}`, uid: pod.metadata.uid, rv: pod.metadata.resourceVersion };
}
function copyString(s: string) { return Buffer.from(s).toString('latin1'); }
const templates = Array.from({ length: 400 }, (_, i) => { const t = bytesOf(i); const marks: [number, number][] = []; const text = t.bytes.toString('latin1'); for (const [m, l] of [[text.indexOf('RANDOM') + 10, 44], [text.indexOf('random') + 10, 20]] as const) marks.push([m, l]); return { ...t, marks }; });
gc(); gc();
const hexes = randomBytes(1 << 16).toString('hex');
const items = function* () {
  for (let i = 0; i < count; i++) {
    const t = templates[i % 400]!;
    const bytes = Buffer.from(t.bytes);
    for (const [at, l] of t.marks) bytes.write(hexes.slice((i * 97 + at) % 131000, ((i * 97 + at) % 131000) + l), at, 'latin1');
    bytes.write(String(i).padStart(6, '0'), t.marks[0]![0], 'latin1');
    const key = `${t.key}-${i}`, uid = t.uid.slice(0, 28) + String(i).padStart(8, '0'), rv = String(1e9 + i);
    yield { key: copyString(key), uid: copyString(uid), resourceVersion: copyString(rv), encoding: raw, bytes, start: 0, end: bytes.length } as unknown as EncodedItem<any>;
  }
};
const mem = () => { gc(); gc(); return process.memoryUsage(); };
if (mode === 'heap') {
  const storage = packedStorage<any>();
  for (const item of items()) { storage.keep(item); break; }
  storage.release?.();
  const kept: Item<any>[] = new Array(count);
  const before = mem();
  let i = 0;
  for (const item of items()) kept[i++] = storage.keep(item);
  const after = mem();
  const s = storage.stats!()!;
  console.log('heap per item', (after.heapUsed - before.heapUsed) / count, 'external-size', (after.external - before.external - s.sizeBytes) / count, s, 'avg', s.liveBytes / count);
  console.log(kept.length);
} else if (mode === 'time') {
  const all = [...items()];
  const cpu = () => { const u = (process as any).threadCpuUsage(); return (u.user + u.system) / 1000; };
  for (let round = 0; round < 6; round++) {
    gc();
    const targets: Buffer[] = [Buffer.allocUnsafeSlow(1 << 20)];
    let t = cpu(); let at = 0;
    for (const item of all) { if (at + item.end > 1 << 20) { targets.push(Buffer.allocUnsafeSlow(1 << 20)); at = 0; } at += item.encoding.copy(item.bytes, item.start, item.end, targets[targets.length - 1]!, at, []); }
    const copy = cpu() - t;
    targets.length = 0;
    gc();
    const storage = packedStorage<any>(); const kept: Item<any>[] = new Array(count);
    t = cpu(); let i = 0;
    for (const item of all) kept[i++] = storage.keep(item);
    const keep = cpu() - t;
    t = cpu();
    for (let k = 0; k < count; k++) storage.drop(kept[(k * 7919) % count]!);
    const drop = cpu() - t;
    console.log({ copyUs: copy * 1000 / count, keepUs: keep * 1000 / count, overheadUs: (keep - copy) * 1000 / count, dropUs: drop * 1000 / count });
  }
} else if (mode === 'cold') {
  const base = process.memoryUsage().rss;
  const storage = packedStorage<any>({ compressAfterMs: 400 });
  const indexer = new Indexer<any>({ storage });
  const replacement = indexer.replace();
  let n = 0;
  let batch: any[] = [];
  for (const item of items()) { batch.push(item); if (batch.length === 500) { replacement.put(batch); batch = []; await new Promise((r) => setImmediate(r)); } n++; }
  replacement.put(batch);
  await replacement.commit('1');
  let worstStop = 0, last = performance.now();
  const timer = setInterval(() => { const now = performance.now(); worstStop = Math.max(worstStop, now - last - 1); last = now; }, 1);
  await new Promise((r) => setTimeout(r, 3000));
  for (let k = 0; k < 60; k++) { const s = indexer.storageStats!; if (s.compressedSlabs >= s.slabs - 1) break; await new Promise((r) => setTimeout(r, 500)); }
  clearInterval(timer);
  const m = mem();
  await new Promise((r) => setTimeout(r, 500));
  const m2 = mem();
  console.log(indexer.storageStats, { rssMb: m2.rss / 1e6, heapMb: m2.heapUsed / 1e6, heapTotal: m2.heapTotal / 1e6, ab: m2.arrayBuffers / 1e6, malloced: (await import('node:v8')).getHeapStatistics().malloced_memory, externalMb: m2.external / 1e6, baseRss: base / 1e6, worstStop });
  const { readFileSync } = await import('node:fs');
  const maps = readFileSync('/proc/self/smaps', 'utf8').split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/).map((m) => ({ head: m.split('\n')[0], rss: Number(/Rss:\s+(\d+)/.exec(m)?.[1] ?? 0) }));
  maps.sort((a, b) => b.rss - a.rss);
  console.log(maps.slice(0, 12).map((m) => `${m.rss} ${m.head}`).join('\n'), maps.length);
  console.log('sum', maps.reduce((a, m) => a + m.rss, 0) / 1000, 'rss now', process.memoryUsage().rss / 1e6, readFileSync('/proc/self/status', 'utf8').match(/(VmRSS|RssAnon|RssFile|VmHWM).*/g)?.join(' '));
  { const by = new Map<string, [number, number]>(); for (const m of maps) { const [a, b] = m.head!.split(' ')[0]!.split('-').map((x) => Number.parseInt(x, 16)); const k = `${(b! - a!) / 1024} ${/[a-z\/\[]+[^ ]*$/.exec(m.head!.slice(50))?.[0] ?? ''}`; const e = by.get(k) ?? [0, 0]; e[0]++; e[1] += m.rss; by.set(k, e); }
  console.log([...by].sort((x, y) => y[1][1] - x[1][1]).slice(0, 12)); }
  console.log('anon rss > 256K', maps.filter((m) => m.rss > 256 && /00:00 0 *$/.test(m.head!)).length);
  const t: number[] = [];
  for (let i = 0; i < 2000; i++) { const keys = indexer.items(); const item = [...[]] as any; }
  const all = [...indexer.items()];
  for (let i = 0; i < 1000; i++) { const item = all[Math.floor(Math.random() * all.length)]!; const t0 = performance.now(); item.object; t.push(performance.now() - t0); }
  t.sort((a, b) => a - b);
  console.log('cold get ms p50', t[500], 'p99', t[990], 'max', t[999]);
  (storage as any)[Symbol.dispose]();
}
