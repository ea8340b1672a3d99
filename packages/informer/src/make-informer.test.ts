import { getEventListeners } from 'node:events';
import { statusError } from '@bowline/apimachinery';
import { FakeClock, fixedRandom, RecordingLogger } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { Widget } from './informer.fixture.ts';
import { type MakeInformerOptions, makeInformer } from './make-informer.ts';
import { FakeItemServer } from './testing.ts';

const path = '/apis/example.com/v1/widgets';

function make(options: MakeInformerOptions<Widget> = {}, at = path, labelSelector?: string) {
  const clock = new FakeClock();
  const server = new FakeItemServer();
  const logger = new RecordingLogger();
  const failures: unknown[] = [];
  const informer = makeInformer<Widget>(server, at, undefined, labelSelector, {
    clock,
    random: fixedRandom(0),
    logger,
    onHandlerError: ({ error }) => failures.push(error),
    ...options,
  });
  const told: string[] = [];
  informer.on('add', ({ metadata }) => told.push(`add ${metadata.name}`));
  informer.on('update', (now, old) => told.push(`update ${old?.spec?.size} ${now.spec?.size}`));
  informer.on('delete', ({ metadata }) => told.push(`delete ${metadata.name}`));
  const put = (name: string, size = 0) => server.put(Widget, { metadata: { name }, spec: { size } });
  return { clock, server, logger, failures, informer, told, put };
}

describe('makeInformer', () => {
  test('makeInformer tells listeners of adds, updates and deletes, and has the cache behind them', async () => {
    const { clock, server, informer, told, put } = make();
    const changes: string[] = [];
    const onChange = ({ metadata }: Widget): number => changes.push(metadata.name);
    informer.on('change', onChange);
    put('a', 1);
    expect(informer.list()).toEqual([]);
    await informer.start();
    expect(told).toEqual(['add a']);
    expect(informer.hasSynced).toBe(true);
    put('a', 2);
    server.put(Widget, { metadata: { namespace: 'n', name: 'b' } });
    server.delete(Widget, 'a');
    await clock.settle();
    expect(told).toEqual(['add a', 'update 1 2', 'add b', 'delete a']);
    expect(changes).toEqual(['a', 'a', 'b', 'a']);
    expect(informer.get('a')).toBeUndefined();
    expect(informer.get('b', 'n')?.metadata.name).toBe('b');
    expect(informer.list().length).toBe(1);
    expect(informer.list('n').length).toBe(1);
    expect(informer.list('other')).toEqual([]);
    informer.off('delete', onChange);
    informer.off('delete', onChange);
    server.delete(Widget, { namespace: 'n', name: 'b' });
    put('c');
    await clock.settle();
    expect(changes).toEqual(['a', 'a', 'b', 'a', 'c']);
    expect(told.slice(4)).toEqual(['delete b', 'add c']);
    informer.off('change', onChange);
    const first = (): number => changes.push('first');
    informer.on('connect', first);
    informer.off('connect', first);
    server.breakWatches();
    put('d');
    await clock.advance(60_000);
    expect(changes.length).toBe(5);
    server.delete(Widget, 'd');
    await clock.settle();
    expect(informer.status()).toMatchObject({ state: 'watching', objects: 1, handlers: [{ name: 'listeners' }] });
    await informer.stop();
    expect(server.openWatches).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('makeInformer asks for what the path says', async () => {
    const core = make({}, '/api/v1/namespaces/default/pods?fieldSelector=a%3Db&labelSelector=x%3Dy');
    await core.informer.start();
    expect(core.server.requests[0]?.query).toMatchObject({
      group: '',
      version: 'v1',
      resource: 'pods',
      namespace: 'default',
      labelSelector: 'x=y',
      fieldSelector: 'a=b',
    });
    const other = make({ fieldSelector: 'c=d' }, '/api/v1/namespaces?fieldSelector=a%3Db&labelSelector=x%3Dy', 'l=m');
    await other.informer.start();
    expect(other.server.requests[0]?.query).toMatchObject({
      resource: 'namespaces',
      labelSelector: 'l=m',
      fieldSelector: 'c=d',
    });
    expect(other.server.requests[0]?.query.namespace).toBeUndefined();
    await Promise.all([core.informer.stop(), other.informer.stop()]);
  });

  test('makeInformer never calls its list function', async () => {
    const server = new FakeItemServer();
    let calls = 0;
    await using informer = makeInformer(server, path, () => calls++, undefined, { clock: new FakeClock() });
    await informer.start();
    expect(calls).toBe(0);
  });

  test('makeInformer goes on whatever goes wrong, and tells error listeners each time', async () => {
    const { clock, server, informer, told, put, logger } = make({ reflector: { watchList: false } });
    const errors: unknown[] = [];
    informer.on('error', (error) => errors.push([error.code, error.message, error.cause]));
    informer.on('error', () => {
      throw new Error('a bug');
    });
    informer.on('error', () => Promise.reject(new Error('another bug')));
    server.failNext('list', statusError({ status: 'Failure', code: 403, reason: 'Forbidden', message: 'no' }));
    put('a');
    const started = informer.start();
    await clock.settle();
    expect(told).toEqual([]);
    expect(errors).toEqual([
      [
        'INFORMER_WATCH_FAILED',
        expect.stringContaining('access is denied'),
        expect.objectContaining({ kind: 'forbidden' }),
      ],
    ]);
    expect(
      logger.lines.map(({ message }) => message).filter((each) => each === 'A listener failed in error').length,
    ).toBe(2);
    await clock.advance(60_000);
    await started;
    expect(told).toEqual(['add a']);
    await informer.stop();
  });

  test('makeInformer says that it is connected whenever a watch is open', async () => {
    const { clock, server, informer } = make();
    const watches: number[] = [];
    informer.on('connect', () => watches.push(server.openWatches));
    await informer.start();
    await clock.settle();
    server.breakWatches();
    await clock.advance(60_000);
    expect(watches).toEqual([1, 1]);
    await informer.stop();
  });

  test('makeInformer reports listeners that throw and reject, and tells the others', async () => {
    const { clock, failures, informer, told, put } = make();
    const boom = new Error('boom');
    informer.on('add', () => {
      throw boom;
    });
    informer.on('add', () => Promise.reject(boom));
    informer.on('add', ({ metadata }) => told.push(`last ${metadata.name}`));
    informer.on('delete', () => {
      throw boom;
    });
    put('a');
    await informer.start();
    expect(told).toEqual(['add a', 'last a']);
    expect(failures).toEqual([expect.objectContaining({ message: '2 listeners failed', errors: [boom, boom] })]);
    expect(informer.status().handlers[0]?.errors).toBe(1);
    put('a', 2);
    await clock.settle();
    expect(told.length).toBe(3);
    await informer.stop();
  });

  test('makeInformer gives one event at a time to listeners that take their time', async () => {
    const { clock, informer, put } = make();
    const calls: string[] = [];
    informer.on('add', async ({ metadata }) => {
      calls.push(`begin ${metadata.name}`);
      await clock.sleep(1_000);
      calls.push(`end ${metadata.name}`);
    });
    put('a');
    put('b');
    const started = informer.start();
    await clock.advance(3_000);
    await started;
    expect(calls).toEqual(['begin a', 'end a', 'begin b', 'end b']);
    await informer.stop();
  });

  test('makeInformer ends when it is disposed of', async () => {
    const { clock, server, informer } = make();
    {
      await using running = informer;
      await running.start();
      await clock.settle();
      expect(server.openWatches).toBe(1);
    }
    expect(server.openWatches).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('makeInformer starts once, and again after its stop, and tells what has changed meanwhile', async () => {
    const { clock, server, informer, told, put } = make();
    put('a', 1);
    expect(informer.start()).toBe(informer.start());
    await informer.start();
    await clock.settle();
    expect(server.openWatches).toBe(1);
    await informer.stop();
    await informer.stop();
    expect(server.openWatches).toBe(0);
    put('a', 2);
    put('b');
    await clock.settle();
    expect(told).toEqual(['add a']);
    await informer.start();
    await informer.synced(AbortSignal.abort());
    await clock.settle();
    expect(told).toEqual(['add a', 'update 1 2', 'add b']);
    void informer.stop();
    await informer.start();
    await clock.settle();
    expect(server.openWatches).toBe(1);
    await informer.stop();
    expect(clock.pending).toBe(0);
  });

  test('makeInformer that is stopped during its start asks for nothing more, and its start resolves', async () => {
    const { clock, server, informer, told, put } = make();
    put('a');
    const started = informer.start();
    await informer.stop();
    await started;
    await clock.settle();
    expect(told).toEqual([]);
    expect(server.openWatches).toBe(0);
  });

  test('makeInformer can be stopped by a listener that waits for its end', async () => {
    const { clock, informer, put, logger } = make();
    const told: string[] = [];
    informer.on('add', async ({ metadata }) => {
      await informer.stop();
      told.push(metadata.name);
      throw new Error('too late');
    });
    put('a');
    put('b');
    await informer.start();
    await clock.settle();
    expect(told).toEqual(['a']);
    expect(informer.status().handlers[0]?.pending).toBe(1);
    expect(logger.lines.at(-1)?.message).toBe('A listener failed after its informer had ended');
    expect(clock.pending).toBe(0);
  });

  test('makeInformer leaves no listener on its signal, however many calls there are', async () => {
    const stops: AbortSignal[] = [];
    const { clock, informer, put, server } = make();
    const watchItems = server.watchItems.bind(server);
    server.watchItems = (resource, call) => {
      stops.push(call.signal);
      return watchItems(resource, call);
    };
    informer.on('add', () => Promise.resolve());
    await informer.start();
    for (let index = 0; index < 20; index++) {
      put(`w${index}`);
      await clock.settle();
    }
    expect(stops.every((signal) => getEventListeners(signal, 'abort').length < 5)).toBe(true);
    await informer.stop();
  });

  test('makeInformer refuses wrong arguments', () => {
    const server = new FakeItemServer();
    const wrong =
      (...args: readonly unknown[]) =>
      () =>
        Reflect.apply(makeInformer, undefined, args);
    expect(wrong()).toThrow('Cannot make informer: client must be a client (createClient(kubeConfig))');
    expect(wrong(server)).toThrow('path must be the path of a collection such as "/api/v1/pods"');
    for (const bad of [
      '',
      'api/v1/pods',
      'x/api/v1/pods',
      '/api/v1',
      '/api/v1/pods/',
      '/api/v1/namespaces/a',
      '/api/v1/watch/pods',
    ]) {
      expect(wrong(server, bad), bad).toThrow('Cannot make informer: path must be the path of a collection');
    }
    expect(wrong(server, `${path}?limit=5`)).toThrow(
      'path must have no parameters but labelSelector and fieldSelector, got "limit"',
    );
    expect(wrong(server, path, 'a=b')).toThrow('listFn must be a function, got "a=b"');
    expect(wrong(server, path, undefined, 5)).toThrow('labelSelector must be');
    expect(wrong(server, path, undefined, 'a in (')).toThrow('labelSelector must be a selector');
    expect(wrong(server, path, undefined, '', { fieldSelektor: 'a=b' })).toThrow('did you mean "fieldSelector"?');
    const informer = makeInformer(server, path);
    expect(() => informer.get(undefined as never)).toThrow('key.name must be a non-empty string, got undefined');
    expect(() => informer.on('added' as never, () => {})).toThrow('Cannot add listener: verb must be');
    expect(() => informer.on('add', undefined as never)).toThrow('Cannot add listener: listener must be a function');
    expect(() => informer.off('add', 1 as never)).toThrow('Cannot remove listener: listener must be a function');
  });
});
