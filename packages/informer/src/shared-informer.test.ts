import { statusError } from '@bowline/apimachinery';
import { describe, expect, test } from 'vitest';
import { make, type Widget } from './informer.fixture.ts';
import { RecordingHandler } from './testing.ts';

const soon = (): AbortSignal => AbortSignal.abort(new Error('waited long enough'));
const forever = new AbortController().signal;
const forbidden = statusError({ status: 'Failure', code: 403, reason: 'Forbidden', message: 'no' });

describe.each(['in-order', 'compressing'] as const)('SharedInformer with an %s queue', (queue) => {
  test('SharedInformer tells what was there, marked as initial, then every change in order', async () => {
    const { informer, put, delete: remove, run, clock, end } = make({ queue });
    const handler = new RecordingHandler<Widget>();
    put('a');
    put('b');
    informer.addHandler(handler);
    await run();
    expect(handler.take()).toEqual(['add a@3 initial', 'add b@4 initial']);
    put('c');
    put('a');
    remove('b');
    await clock.settle();
    expect(handler.take().sort()).toEqual(['add c@5', 'delete b@7', 'update a@3 to 6']);
    expect([...informer.lister.list()].map(({ metadata }) => metadata.name).sort()).toEqual(['a', 'c']);
    await end();
  });

  test('SharedInformer tells after a relist what is gone, what is new and what changed, and nothing else', async () => {
    const { informer, put, delete: remove, run, clock, server, end } = make({ queue });
    const handler = new RecordingHandler<Widget>();
    for (const name of ['changed', 'gone', 'same']) put(name);
    informer.addHandler(handler);
    await run();
    handler.take();
    server.endWatches();
    put('changed');
    remove('gone');
    put('new');
    server.compact();
    await clock.advance(5_000);
    expect(handler.take().sort()).toEqual(['add new@8', 'delete gone@4 unseen', 'update changed@3 to 6']);
    expect(informer.status().relists).toMatchObject({ expired: 1 });
    await end();
  });

  test('SharedInformer tells a deletion and an addition when an object was replaced while nobody watched', async () => {
    const { informer, put, delete: remove, run, clock, server, end } = make({ queue });
    const handler = new RecordingHandler<Widget>();
    put('a');
    informer.addHandler(handler);
    await run();
    server.endWatches();
    remove('a');
    put('a');
    server.compact();
    await clock.advance(5_000);
    expect(handler.take()).toEqual(['add a@3 initial', 'delete a@3 unseen', 'add a@5']);
    await end();
  });

  test('SharedInformer is Gapless: it gives a handler that joins late everything, with no gap and nothing twice', async () => {
    const { informer, put, delete: remove, run, clock, end } = make({ queue });
    for (const name of ['a', 'b', 'c']) put(name);
    await run();
    const handler = new RecordingHandler<Widget>();
    handler.hold();
    informer.addHandler(handler);
    await clock.settle();
    put('b');
    remove('c');
    put('d');
    await clock.settle();
    expect(handler.calls).toEqual(['add a@3 initial']);
    handler.release();
    await clock.settle();
    expect(handler.calls.slice(0, 3)).toEqual(['add a@3 initial', 'add b@4 initial', 'add c@5 initial']);
    expect(handler.calls.slice(3).sort()).toEqual(['add d@8', 'delete c@7', 'update b@4 to 6']);
    await end();
  });

  test('SharedInformer puts the Cache first: it changes before anybody is told', async () => {
    const { informer, put, delete: remove, run, clock, end } = make({ queue });
    const seen: unknown[] = [];
    informer.addHandler({
      onAdd: ({ metadata }) => void seen.push(informer.indexer.get(metadata.name)?.metadata.resourceVersion),
      onDelete: ({ metadata }) => void seen.push(informer.indexer.get(metadata.name)),
    });
    put('a');
    await run();
    remove('a');
    await clock.settle();
    expect(seen).toEqual(['3', undefined]);
    await end();
  });
});

describe('SharedInformer lifecycle', () => {
  test('SharedInformer does nothing before run, and can be read before and after', async () => {
    const { informer, put, run, server, end } = make({ indexes: { node: 'spec.node' } });
    put('a', { node: 'n1' });
    expect([...informer.lister.list()]).toEqual([]);
    expect(server.requests).toEqual([]);
    expect(informer.status()).toMatchObject({ state: 'idle', synced: false, objects: 0, queued: 0, handlers: [] });
    await run();
    expect(informer.status()).toMatchObject({ state: 'watching', synced: true, resourceVersion: '3', objects: 1 });
    await end();
    expect([...informer.indexer.byIndex('node', 'n1')].length).toBe(1);
    expect(informer.status().state).toBe('stopped');
  });

  test('SharedInformer is Candid: it says why it is not synced', async () => {
    const { informer, server, run, clock, end } = make();
    const registration = informer.addHandler({ onAdd() {} }, { name: 'h' });
    await expect(informer.synced(soon())).rejects.toThrow(
      'Informer of widgets.example.com is not synced: it does not run',
    );
    for (let attempt = 0; attempt < 9; attempt++) {
      server.failNext('list', forbidden);
      server.failNext('watch', forbidden);
    }
    await run();
    const waiting = informer.synced(forever);
    await expect(informer.synced(soon())).rejects.toMatchObject({
      code: 'INFORMER_NOT_SYNCED',
      retryable: true,
      message:
        'Informer of widgets.example.com is not synced: Cannot list widgets.example.com: access is denied (no, API_FORBIDDEN); grant the verbs "list" and "watch" on widgets.example.com',
    });
    await expect(registration.synced(soon())).rejects.toThrow('access is denied');
    await clock.advance(600_000);
    await waiting;
    await end();
  });

  test('SharedInformer tells those who wait that it has stopped', async () => {
    const { informer, server, run, end } = make();
    server.failNext('watch', forbidden);
    server.failNext('list', forbidden);
    const registration = informer.addHandler({ onAdd() {} });
    await run();
    const waits = [informer.synced(forever), registration.synced(forever)].map((wait) =>
      expect(wait).rejects.toMatchObject({ code: 'INFORMER_STOPPED' }),
    );
    await end();
    await Promise.all(waits);
    expect(() => informer.addHandler({ onAdd() {} })).toThrow('Informer of widgets.example.com has stopped');
  });

  test('SharedInformer goes on when a commit listener of somebody else throws, and tells every handler', async () => {
    const { informer, put, run, clock, logger, end } = make();
    const handler = new RecordingHandler<Widget>();
    informer.addHandler(handler);
    await run();
    const forget = informer.indexer.onCommit({
      committed: () => {
        throw new Error('boom');
      },
    });
    put('a');
    await clock.settle();
    forget();
    put('b');
    await clock.settle();
    expect(handler.calls).toEqual(['add a@3', 'add b@4']);
    expect(logger.lines.map(({ message }) => message)).toContain(
      'Informer of widgets.example.com: a commit listener failed',
    );
    await end();
  });

  test('SharedInformer is Restartable: run again, it keeps its cache and its handlers and tells what changed meanwhile', async () => {
    const { informer, put, delete: remove, run, clock, end, stop, server } = make();
    const handler = new RecordingHandler<Widget>();
    informer.addHandler(handler);
    for (const name of ['changed', 'gone', 'same']) put(name);
    await run();
    await expect(informer.run(forever)).rejects.toThrow(
      'Cannot run informer: state must be "idle" or "stopped", got "running"',
    );
    await end();
    handler.take();
    put('changed');
    remove('gone');
    put('new');
    expect([informer.hasSynced, informer.status().state, stop.signal.aborted]).toEqual([true, 'stopped', true]);
    const again = new AbortController();
    const running = informer.run(again.signal);
    expect(informer.hasSynced).toBe(false);
    await clock.settle();
    expect(informer.hasSynced).toBe(true);
    expect(handler.take().sort()).toEqual(['add new@8', 'delete gone@4 unseen', 'update changed@3 to 6']);
    expect(informer.status().relists).toEqual({ initial: 2 });
    again.abort();
    await running;
    expect(server.openWatches).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('SharedInformer is Patient: it rests while the server does not know the resource, says since when, and starts when it is back', async () => {
    const notFound = statusError({ status: 'Failure', code: 404, reason: 'NotFound', message: 'gone' });
    const { informer, put, run, clock, server, end } = make();
    const handler = new RecordingHandler<Widget>();
    informer.addHandler(handler);
    put('a');
    await run();
    server.failNext('watch', notFound);
    for (let attempt = 0; attempt < 3; attempt++) server.failNext('list', notFound);
    server.breakWatches();
    await clock.advance(1_500);
    expect(informer.status()).toMatchObject({ state: 'waiting', synced: true, objects: 1, lastErrorKind: 'not-found' });
    expect(informer.status().missingSince).toBeGreaterThan(0);
    expect(server.openWatches).toBe(0);
    put('b');
    await clock.advance(60_000);
    expect(informer.status()).toMatchObject({ state: 'watching', failures: 0, missingSince: undefined, objects: 2 });
    expect(handler.calls).toEqual(['add a@3 initial', 'add b@4']);
    await end();
  });

  test('SharedInformer ends at once when it was aborted before', async () => {
    const { informer, server, clock } = make();
    informer.addHandler(new RecordingHandler<Widget>(), { resyncMs: 1_000 });
    await informer.run(AbortSignal.abort());
    expect(server.requests).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('SharedInformer waits for calls that are under way when it ends, and drops the rest', async () => {
    const { informer, put, run, clock, stop, end } = make();
    const handler = new RecordingHandler<Widget>();
    handler.hold();
    informer.addHandler(handler);
    put('a');
    put('b');
    await run();
    stop.abort();
    await clock.settle();
    expect(informer.isStopped).toBe(true);
    expect(handler.held).toBe(1);
    handler.release();
    await end();
    expect(handler.calls).toEqual(['add a@3 initial']);
  });

  test('SharedInformer refuses an unknown queue and settings out of range', () => {
    expect(() => make({ queue: 'fast' as never })).toThrow(
      'Cannot create informer: queue must be "in-order" or "compressing", got "fast"',
    );
    expect(() => make({ resyncMs: Number.NaN })).toThrow('Cannot create informer: resyncMs must be 0 or more, got NaN');
    expect(() => make({ reflector: { pageSize: -1 } })).toThrow('pageSize');
  });
});
