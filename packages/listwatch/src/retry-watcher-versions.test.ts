import { FakeClock, fixedRandom } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import type { ListerWatcher } from './ports.ts';
import { added, bookmark, item, reset, type Widget } from './reflector.fixture.ts';
import { start } from './retry-watcher.fixture.ts';
import { RetryWatcher } from './retry-watcher.ts';
import { FakeListerWatcher } from './testing.ts';

describe('RetryWatcher, odd versions and sources', () => {
  test('RetryWatcher goes on after the newest version, though a bookmark may be older', async () => {
    const { source, clock, versions, end } = start();
    (await source.nextWatch()).send(bookmark(20), bookmark(15)).end();
    await clock.advance(1_000);
    await source.nextWatch();
    expect(versions()).toEqual(['10', '20']);
    await end();
  });

  test('RetryWatcher takes a version that cannot be compared as the newest one', async () => {
    const { source, clock, seen, versions, end } = start();
    const opaque = { type: 'added' as const, item: { ...item('a', 1), resourceVersion: 'opaque' } };
    (await source.nextWatch()).send(bookmark(20), opaque).end();
    await clock.advance(1_000);
    (await source.nextWatch()).send(added('b', 21)).end();
    await clock.advance(1_000);
    expect(seen).toEqual(['added a@opaque', 'added b@21']);
    expect(versions()).toEqual(['10', 'opaque', '21']);
    await end();
  });

  test('RetryWatcher uses the connection again whose watch failed or ended', async () => {
    const { source, clock, versions, end } = start();
    (await source.nextWatch()).fail(reset);
    await clock.advance(1_000);
    (await source.nextWatch()).accept().end();
    await clock.advance(2_000);
    expect(versions().length).toBe(3);
    expect(source.retired).toBe(0);
    await end();
  });

  test('RetryWatcher takes a source that cannot retire connections', async () => {
    const clock = new FakeClock();
    const fake = new FakeListerWatcher<Widget>();
    const source: ListerWatcher<Widget> = { list: (call) => fake.list(call), watch: (call) => fake.watch(call) };
    const frames = new RetryWatcher({ source, clock, random: fixedRandom(0) }, { resourceVersion: '10' });
    const reading = frames[Symbol.asyncIterator]();
    const first = reading.next();
    (await fake.nextWatch()).accept();
    await clock.advance(331_000);
    (await fake.nextWatch()).send(added('a', 11));
    expect((await first).value).toMatchObject({ type: 'added' });
    await reading.return?.();
  });

  test('RetryWatcher understands what is no error by what it says, and ends with it as the cause', async () => {
    const clock = new FakeClock();
    const source = new FakeListerWatcher<Widget>();
    const watcher = new RetryWatcher({ source, clock, random: fixedRandom(0) }, { resourceVersion: '10' });
    const first = watcher[Symbol.asyncIterator]().next();
    const thrown = { code: 403, body: '{}' };
    (await source.nextWatch()).fail(thrown);
    expect((await first).value).toMatchObject({ type: 'error', error: { cause: thrown } });
  });
});
