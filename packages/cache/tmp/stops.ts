import { packedStorage } from '../src/packed.ts';
import { Indexer, plainStorage } from '../src/index.ts';
import { systemClock, valueAt } from '../../apimachinery/src/index.ts';
const count = 150_000;
const encoding: any = { object: (b: Buffer, s: number, e: number) => ({ n: e - s }), read: (b: Buffer, s: number) => `node-${b[s + 3]! % 100}`, copy: (b: Buffer, s: number, e: number, t: Buffer, at: number) => b.copy(t, at, s, e) };
const cpu = () => { const u = (process as any).threadCpuUsage(); return (u.user + u.system) / 1000; };
for (const storage of [packedStorage<any>({ compressAfterMs: 600_000 }), plainStorage<any>()]) {
  let last = cpu(); const stops: [number, string][] = []; let phase = '';
  const mark = () => { const now = cpu(); stops.push([now - last, phase]); last = now; };
  const clock = { monotonic: () => performance.now(), turn: async () => { mark(); await systemClock.turn(); last = cpu(); } };
  const indexer = new Indexer<any>({ storage, clock }, { indexes: { node: 'spec.nodeName' } as any });
  for (let round = 0; round < 3; round++) {
    phase = `build ${round}`;
    const chunk = Buffer.allocUnsafeSlow(2_600 * 1_000);
    const items = Array.from({ length: count }, (_, i) => { const start = (i % 1_000) * 2_600; return { key: `team-${i % 100}/pod-${i}`, uid: `uid-${i}`, resourceVersion: String(i), encoding, bytes: chunk, start, end: start + 2_580, object: {}, read: () => 'x' } as any; });
    (globalThis as any).gc();
    last = cpu(); phase = `put ${round}`;
    const r = indexer.replace();
    r.put(items);
    mark(); phase = `commit ${round}`;
    await r.commit(String(round));
    mark(); phase = 'after'; await clock.turn();
  }
  stops.sort((a, b) => b[0] - a[0]);
  console.log(stops.length, stops.slice(0, 14).map(([t, p]) => `${p}: ${t.toFixed(1)}`).join(', '), indexer.storageStats);
}
