import type { KubernetesObject } from '@bowline/apimachinery';
import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { bookmark, item } from './reflector.fixture.ts';
import { Reflector } from './reflector.ts';
import { FakeListerWatcher, MemorySink } from './testing.ts';

describe('Reflector, care', () => {
  test('Reflector reads the most recent full state when its cache differs from the server', async () => {
    const clock = new FakeClock();
    const source = new FakeListerWatcher<KubernetesObject>();
    const stop = new AbortController();
    const cache = { resourceVersion: '10', items: () => [item('a', 1), item('b', 2)] };
    const reflector = new Reflector(
      { source, sink: new MemorySink<KubernetesObject>(), clock, random: fixedRandom(0), cache },
      { watchList: false, consistencyCheckMs: 60_000 },
    );
    const running = reflector.run(stop.signal);
    (await source.nextList()).answer([], '10');
    (await source.nextWatch()).send(bookmark(10));
    await clock.advance(60_000);
    const check = await source.nextList();
    expect(check.call).toMatchObject({ resourceVersion: '10', resourceVersionMatch: 'Exact' });
    check.answer([item('b', 3), item('c', 4)], '10');
    await clock.settle();
    expect(reflector.status()).toMatchObject({ inconsistencies: 1, lastErrorKind: 'inconsistent' });
    expect(reflector.status().lastError).toContain(
      '3 objects differ at version 10; missing: c; surplus: a; outdated: b',
    );
    await clock.advance(800);
    expect((await source.nextList()).call.resourceVersion).toBe('');
    stop.abort();
    await running;
    expect(clock.pending).toBe(0);
  });
});
