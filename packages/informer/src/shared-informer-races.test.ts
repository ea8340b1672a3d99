import { describe, expect, test } from 'vitest';
import { make, type Widget } from './informer.fixture.ts';
import { RecordingHandler } from './testing.ts';

const forever = new AbortController().signal;

describe('SharedInformer start', () => {
  test('SharedInformer tells handlers that are added just before, while and just after it starts the same', async () => {
    const { informer, put, run, clock, end } = make();
    const handlers = [0, 1, 2].map(() => new RecordingHandler<Widget>());
    const [before, during, after] = handlers;
    put('a');
    put('b');
    const registrations = before ? [informer.addHandler(before)] : [];
    const running = run();
    if (during) registrations.push(informer.addHandler(during));
    await running;
    if (after) registrations.push(informer.addHandler(after));
    await Promise.all(registrations.map((registration) => registration.synced(forever)));
    put('c');
    await clock.settle();
    for (const { calls } of handlers) expect(calls).toEqual(['add a@3 initial', 'add b@4 initial', 'add c@5']);
    await end();
  });

  test('SharedInformer resyncs from its start on, however long its handlers have waited for it', async () => {
    const { informer, put, run, clock, end } = make();
    const handler = new RecordingHandler<Widget>();
    const never = new RecordingHandler<Widget>();
    informer.addHandler(handler, { resyncMs: 2_000 });
    informer.addHandler(never, { resyncMs: 0 });
    put('a');
    await clock.advance(60_000);
    expect(handler.calls).toEqual([]);
    await run();
    await clock.advance(5_000);
    expect(handler.calls).toEqual(['add a@3 initial', 'update a@3 to 3', 'update a@3 to 3']);
    expect(never.calls).toEqual(['add a@3 initial']);
    await end();
  });
});

describe.each(['in-order', 'compressing'] as const)('SharedInformer and a full state, %s', (queue) => {
  test('SharedInformer has moved its cache, and its version, when it tells of a full state', async () => {
    const { informer, put, delete: remove, run, clock, server, end } = make({ queue });
    const told: string[] = [];
    const note = (call: string, { metadata }: Widget): void => {
      told.push(`${call} ${metadata.name} at ${informer.indexer.resourceVersion} with ${informer.indexer.size}`);
    };
    for (const name of ['a', 'b', 'c']) put(name);
    informer.addHandler({
      onAdd: (object) => note('add', object),
      onUpdate: (_, object) => note('update', object),
      onDelete: (object) => note('delete', object),
    });
    await run();
    expect(told.splice(0)).toEqual(['add a at 5 with 3', 'add b at 5 with 3', 'add c at 5 with 3']);
    server.endWatches();
    put('b');
    remove('a');
    put('d');
    server.compact();
    await clock.advance(5_000);
    expect(told.splice(0).sort()).toEqual(['add d at 8 with 3', 'delete a at 8 with 3', 'update b at 8 with 3']);
    server.endWatches();
    for (const name of ['b', 'c', 'd']) remove(name);
    server.compact();
    await clock.advance(5_000);
    expect(told.sort()).toEqual(['delete b at 11 with 0', 'delete c at 11 with 0', 'delete d at 11 with 0']);
    await end();
  });

  test('SharedInformer knows the version of every change, also of deletions and when the transform takes the metadata away', async () => {
    const transform = ({ metadata, ...rest }: Widget): Widget =>
      ({ ...rest, metadata: { name: metadata.name, uid: metadata.uid } }) as Widget;
    for (const options of [{ queue }, { queue, transform }]) {
      const { informer, put, delete: remove, run, clock, end } = make(options);
      put('a');
      await run();
      expect(informer.indexer.resourceVersion).toBe('3');
      put('a');
      await clock.settle();
      expect(informer.indexer.resourceVersion).toBe('4');
      remove('a');
      await clock.settle();
      expect(informer.indexer.resourceVersion).toBe('5');
      await end();
    }
  });

  test('SharedInformer shows readers nothing but what the transform has made, whenever they look', async () => {
    const transform = (widget: Widget): Widget => ({ ...widget, spec: { ...widget.spec, node: 'made' } });
    const { informer, put, run, clock, server, end } = make({ queue, transform });
    const seen = new Set<string | undefined>();
    const look = (): void => {
      for (const { spec } of informer.lister.list()) seen.add(spec?.node);
    };
    informer.addHandler({ onAdd: look, onUpdate: look });
    informer.indexer.onCommit({ committed: look });
    for (let index = 0; index < 20; index++) put(`w${index}`, { node: 'raw' });
    await run();
    for (let index = 0; index < 20; index++) {
      put(`w${index}`, { node: 'raw', size: index });
      if (index % 7 === 0) server.endWatches();
      await clock.advance(1_000);
      look();
    }
    expect([...seen]).toEqual(['made']);
    await end();
  });
});

describe('SharedInformer and the end of handlers', () => {
  test('SharedInformer lets a handler be removed while its call is under way, and reports what becomes of the call', async () => {
    const { informer, put, run, clock, failures, end } = make();
    let fail = (_error: Error): void => {};
    const registration = informer.addHandler(
      {
        onAdd: () =>
          new Promise((_, reject) => {
            fail = reject;
          }),
      },
      { name: 'slow' },
    );
    put('a');
    await run();
    registration.remove();
    expect(registration.isRemoved).toBe(true);
    fail(new Error('too late'));
    await clock.settle();
    expect(failures).toEqual([{ error: new Error('too late'), handler: 'slow', call: 'onAdd', key: 'a' }]);
    await end();
  });

  test('SharedInformer disposes of handlers that were added before its start, after it, and never started', async () => {
    const idle = make();
    const never = idle.informer.addHandler({ onAdd() {} });
    await never[Symbol.asyncDispose]();
    expect(idle.informer.status().handlers).toEqual([]);
    const { informer, put, run, clock, end } = make();
    const early = new RecordingHandler<Widget>();
    const first = informer.addHandler(early);
    await run();
    const late = new RecordingHandler<Widget>();
    const second = informer.addHandler(late);
    await first[Symbol.asyncDispose]();
    put('a');
    await clock.settle();
    await second[Symbol.asyncDispose]();
    put('b');
    await clock.settle();
    expect([early.calls, late.calls]).toEqual([[], ['add a@3']]);
    await end();
  });

  test('SharedInformer lets handlers be removed when it has stopped', async () => {
    const { informer, run, end } = make();
    const registrations = [informer.addHandler({ onAdd() {} }), informer.addHandler({ onAdd() {} })];
    await run();
    await end();
    registrations[0]?.remove();
    await registrations[1]?.[Symbol.asyncDispose]();
    expect(informer.status().handlers).toEqual([]);
  });
});
