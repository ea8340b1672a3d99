import type { Change, Item } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { change, changes, MemorySink, type Thing, thing } from './doubles.fixture.ts';
import { DeltaFIFO, InOrderQueue } from './index.ts';
import type { QueueOptions } from './options.ts';

const never = new AbortController().signal;
const quiet = {
  replace: () => ({ put() {}, remove() {}, commit: async () => {} }),
  drained: () => undefined,
};

describe.each([
  ['InOrderQueue', InOrderQueue],
  ['DeltaFIFO', DeltaFIFO],
] as const)('%s', (name, Queue) => {
  let finish: () => Promise<void> = async () => {};
  afterEach(() => finish());

  /** A queue that delivers when `deliver` is called, and from then on by itself. */
  function setUp(options: QueueOptions<Thing> = {}) {
    const clock = new FakeClock();
    const sink = new MemorySink();
    const queue = new Queue<Thing>({ sink, clock, known: sink }, options);
    const stop = new AbortController();
    let running: Promise<void> | undefined;
    const deliver = async (): Promise<void> => {
      running ??= queue.run(stop.signal);
      await clock.settle();
    };
    finish = async () => {
      stop.abort(new Error('stop'));
      await running?.catch(() => {});
      expect(clock.pending).toBe(0);
    };
    const commit = (resourceVersion: string, ...specs: string[]): Promise<void> => {
      const replacement = queue.replace();
      replacement.put(specs.map(thing));
      return replacement.commit(resourceVersion);
    };
    return { clock, sink, queue, stop, deliver, commit };
  }

  test(`${name} hands changes on after the turn in which they came, in as few steps as possible`, async () => {
    const { sink, queue, deliver } = setUp();
    await deliver();
    queue.apply(changes('+a@1'), '1');
    queue.apply(changes('+b@2', 'c@3'), '3');
    expect(sink.lines).toEqual([]);
    expect(queue.length).toBe(3);
    await deliver();
    queue.apply(changes('-a@4'), '4');
    await deliver();
    expect(sink.lines).toEqual(['+a@1 +b@2 c@3 @3', '-a@4 @4']);
    expect(queue.length).toBe(0);
  });

  test(`${name} hands on bookmarks`, async () => {
    const { sink, queue, deliver } = setUp();
    queue.apply([], '7');
    await deliver();
    queue.apply(changes('a@8'), '8');
    queue.apply([], '9');
    queue.apply([], '');
    await deliver();
    expect(sink.lines).toEqual(['@7', 'a@8 @9']);
  });

  test(`Whole: ${name} keeps a full state in its place between earlier and later changes`, async () => {
    const { sink, queue, deliver, commit } = setUp();
    queue.apply(changes('a@1', 'b@2'), '2');
    const first = commit('10', 'b@5', 'c@6');
    queue.apply(changes('c@11'), '11');
    const second = commit('20', 'd@12');
    queue.apply(changes('-d@21'), '21');
    expect(queue.length).toBe(6);
    await deliver();
    await Promise.all([first, second]);
    expect(sink.lines).toEqual(['a@1 b@2 @2', '= ?a@1 b@5 c@6 @10', 'c@11 @11', '= ?b@5 ?c@11 d@12 @20', '-d@21 @21']);
  });

  test(`Whole: ${name} shows nothing of a state before its commit, and resolves the commit when the sink has it`, async () => {
    const { sink, queue, deliver } = setUp();
    await deliver();
    const replacement = queue.replace();
    replacement.put([thing('a@1'), thing('b@1')]);
    replacement.remove('b');
    replacement.put([thing('c@1')]);
    await deliver();
    expect(queue.length).toBe(0);
    let isCommitted = false;
    let release: () => void = () => {};
    sink.beforeCommit = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const committing = replacement.commit('5').then(() => {
      isCommitted = true;
    });
    await deliver();
    expect([isCommitted, queue.length]).toEqual([false, 1]);
    release();
    await committing;
    expect(sink.lines).toEqual(['= a@1 c@1 @5']);
  });

  test(`Whole: ${name} keeps what cannot be read`, async () => {
    const { sink, queue, deliver } = setUp();
    queue.apply(changes('a@1', 'b@1'), '1');
    const replacement = queue.replace();
    replacement.keep?.('a');
    const committing = replacement.commit('2');
    await deliver();
    await committing;
    expect(sink.lines.at(-1)).toBe('= ?b@1 a@1 @2');
  });

  test(`Whole: ${name} tells the sink exactly what it was told, in that order`, async () => {
    const { sink, queue, deliver } = setUp();
    const told: unknown[][] = [];
    const tell =
      (what: string) =>
      (...args: readonly unknown[]): void =>
        void told.push([what, ...args]);
    sink.replace = () => ({ put: tell('put'), remove: tell('remove'), keep: tell('keep'), commit: async () => {} });
    const replacement = queue.replace();
    const items = [thing('a@1'), thing('b@1')];
    replacement.put(items);
    replacement.remove('b');
    replacement.keep?.('c');
    const committing = replacement.commit('2');
    expect(() => replacement.put([])).toThrow('Cannot use replacement: it has been committed');
    expect(() => replacement.remove('a')).toThrow('Cannot use replacement: it has been committed');
    expect(() => replacement.keep?.('a')).toThrow('Cannot use replacement: it has been committed');
    await deliver();
    await committing;
    expect(told).toEqual([
      ['put', items],
      ['remove', 'b'],
      ['keep', 'c'],
    ]);
  });

  test(`Whole: ${name} delivers a state to a sink that cannot keep what cannot be read`, async () => {
    const { sink, queue, deliver } = setUp();
    const { replace } = sink;
    sink.replace = () => {
      const { put, remove, commit } = replace.call(sink);
      return { put, remove, commit };
    };
    const replacement = queue.replace();
    replacement.put([thing('b@1')]);
    replacement.keep?.('a');
    const committing = replacement.commit('2');
    await deliver();
    await committing;
    expect(sink.lines).toEqual(['= b@1 @2']);
  });

  test(`${name} forgets a state that is abandoned, and says so to its producer`, async () => {
    const { sink, queue, deliver, commit } = setUp();
    const abandoned = queue.replace();
    const committing = commit('1', 'a@1');
    expect(() => abandoned.put([])).toThrow('Cannot use replacement: it has been abandoned');
    expect(() => abandoned.commit('1')).toThrow('Cannot use replacement: it has been abandoned');
    await deliver();
    await committing;
    expect(sink.lines).toEqual(['= a@1 @1']);
  });

  test(`${name} stages in the sink at once, and holds back only what must wait`, async () => {
    const { sink, queue, deliver, commit } = setUp({ batchSize: 2 });
    const first = queue.replace();
    first.put([thing('a@1'), thing('b@1')]);
    expect(sink.puts).toEqual([2]);
    first.remove('b');
    first.put([thing('c@1'), thing('d@1'), thing('e@1')]);
    first.put([thing('f@1')]);
    expect(sink.puts).toEqual([2]); // too much for one turn, and so what follows it
    const committing = first.commit('1');
    const second = commit('2', 'g@2'); // the sink stages the first one
    expect(sink.puts).toEqual([2]);
    await deliver();
    await committing;
    await second;
    expect(sink.puts).toEqual([2, 2, 1, 1, 1]);
    expect(sink.lines).toEqual(['= a@1 c@1 d@1 e@1 f@1 @1', '= ?a@1 ?c@1 ?d@1 ?e@1 ?f@1 g@2 @2']);
    expect(sink.begun).toBe(2);
  });

  test(`${name} gives up in the sink a state that cannot be handed over`, async () => {
    const { sink, queue, stop, deliver } = setUp({ batchSize: 1 });
    await deliver();
    const commitTwo = (): Promise<void> => {
      const replacement = queue.replace();
      replacement.keep?.('c');
      replacement.put([thing('a@1'), thing('b@1')]);
      return replacement.commit('1');
    };
    sink.beforeKeep = () => {
      throw new RangeError('no room');
    };
    await expect(commitTwo()).rejects.toThrow('no room');
    expect(sink.abandoned).toBe(1);
    sink.beforeKeep = () => stop.abort(new Error('stop'));
    await expect(commitTwo()).rejects.toThrow('stop');
    expect([sink.begun, sink.abandoned, sink.puts]).toEqual([2, 2, [1]]);
    expect(sink.lines).toEqual([]);
  });

  test(`${name} gives up in the sink what is given up here`, async () => {
    const { sink, queue, stop, deliver, commit } = setUp();
    queue.replace().abandon?.();
    expect(sink.abandoned).toBe(1);
    queue.replace();
    const aborted = new AbortController();
    const dropped = queue.replace().commit('1', aborted.signal);
    expect(sink.abandoned).toBe(2);
    aborted.abort(new Error('enough'));
    await expect(dropped).rejects.toThrow('enough');
    await deliver();
    expect(sink.abandoned).toBe(3);
    const committing = commit('2', 'a@2');
    const open = queue.replace();
    stop.abort(new Error('stop'));
    await expect(committing).rejects.toThrow('stop');
    expect(sink.abandoned).toBe(4);
    open.put([thing('b@3')]);
    await expect(open.commit('3')).rejects.toThrow('stop');
    const second = setUp();
    await second.deliver();
    second.queue.replace().put([thing('a@1')]);
    second.stop.abort(new Error('stop'));
    await second.deliver();
    expect(second.sink.abandoned).toBe(1);
    const begun = sink.begun;
    queue.replace();
    expect(sink.begun).toBe(begun); // it has ended
    expect(sink.lines).toEqual([]);
  });

  test(`${name} drops a committed state when its signal aborts first, and goes on`, async () => {
    const { sink, queue, deliver } = setUp();
    const stop = new AbortController();
    const waiting = queue.replace().commit('1', stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(queue.replace().commit('2', stop.signal)).rejects.toThrow('enough');
    queue.apply(changes('a@3'), '3');
    await deliver();
    expect(sink.lines).toEqual(['a@3 @3']);
    expect(queue.hasSynced).toBe(false);
  });

  test(`${name} lets the sink decide once a state is on its way`, async () => {
    const { sink, queue, deliver } = setUp();
    const stop = new AbortController();
    sink.beforeCommit = async (signal) => {
      stop.abort(new Error('enough'));
      signal?.throwIfAborted();
    };
    const committing = queue.replace().commit('1', stop.signal);
    const outcome = expect(committing).rejects.toThrow('enough');
    await deliver();
    await outcome;
    expect(sink.lines).toEqual([]);
  });

  test(`Smooth: ${name} hands on big states and many changes in slices, and gives way in between`, async () => {
    const { clock, sink, queue, deliver } = setUp({ batchSize: 100 });
    let turns = 0;
    const { turn } = clock;
    clock.turn = () => {
      turns++;
      return turn.call(clock);
    };
    const replacement = queue.replace();
    replacement.put(Array.from({ length: 150 }, (_, i) => thing(`a${i}@1`)));
    replacement.put(Array.from({ length: 175 }, (_, i) => thing(`b${i}@1`)));
    const committing = replacement.commit('1');
    queue.apply(
      Array.from({ length: 350 }, (_, i) => change(`c${i}@2`)),
      '2',
    );
    await deliver();
    await committing;
    expect(sink.puts).toEqual([100, 50, 50, 100, 25]);
    expect(sink.lines.slice(1).map((line) => line.split(' ').length - 1)).toEqual([100, 100, 100, 50]);
    expect(turns).toBe(3 + 4);
  });

  test(`Smooth: ${name} stops in the middle of a state when it is told to`, async () => {
    const { clock, sink, queue, stop, commit } = setUp({ batchSize: 10 });
    clock.turn = async () => stop.abort(new Error('stop'));
    const committing = expect(commit('1', ...Array.from({ length: 50 }, (_, i) => `a${i}@1`))).rejects.toThrow('stop');
    await queue.run(stop.signal);
    await committing;
    expect(sink.puts).toEqual([10]);
    expect(sink.lines).toEqual([]);
  });

  test(`True versions: ${name} never names a version before everything up to it is delivered`, async () => {
    const { sink, queue, deliver } = setUp({ batchSize: 2 });
    queue.apply(changes('a@1', 'b@2', 'c@3'), '3');
    queue.apply(changes('d@4', 'e@5'), '5');
    await deliver();
    expect(sink.lines).toEqual(['a@1 b@2 @', 'c@3 d@4 @3', 'e@5 @5']);
  });

  test(`True versions: ${name} does not name the version of a state that was never delivered`, async () => {
    const { sink, queue, deliver } = setUp({ batchSize: 1 });
    queue.apply([], '1');
    await expect(queue.replace().commit('5', AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    queue.apply(changes('a@6', 'b@7'), '7');
    await deliver();
    expect(sink.lines).toEqual(['@1', 'a@6 @1', 'b@7 @7']);
  });

  test(`Bounded: ${name} asks the producer to wait while too much waits, and never for nothing`, async () => {
    const { sink, queue, deliver } = setUp({ batchSize: 1, maxPending: 3 });
    queue.apply(changes('a@1', 'b@2'), '2');
    expect(queue.drained(never)).toBeUndefined();
    queue.apply(changes('c@3', 'd@4'), '4');
    let isDrained = false;
    const draining = queue.drained(never)?.then(() => {
      isDrained = true;
      expect(queue.length).toBeLessThan(3);
    });
    await Promise.resolve();
    expect(isDrained).toBe(false);
    await deliver();
    await draining;
    expect(isDrained).toBe(true);
    expect(sink.held.size).toBe(4);
    expect(queue.drained(never)).toBeUndefined();
  });

  test(`Bounded: ${name} ends a producer's wait when its signal aborts, and takes its listener back`, async () => {
    const { queue, deliver } = setUp({ maxPending: 1 });
    queue.apply(changes('a@1'), '1');
    const stop = new AbortController();
    const draining = queue.drained(stop.signal);
    stop.abort();
    await draining;
    expect(queue.drained(stop.signal)).toBeUndefined();
    expect(queue.drained(never)).toBeInstanceOf(Promise);
    await deliver();
  });

  test(`Bounded: ${name} waits for room in the sink`, async () => {
    const { sink, queue, deliver } = setUp();
    let release: () => void = () => {};
    sink.room = new Promise((resolve) => {
      release = resolve;
    });
    queue.apply(changes('a@1'), '1');
    await deliver();
    expect(sink.lines).toEqual([]);
    sink.room = undefined;
    release();
    await deliver();
    expect(sink.lines).toEqual(['a@1 @1']);
  });

  test(`Synced: ${name} begins unsynced`, () => {
    expect(setUp().queue.hasSynced).toBe(false);
  });

  test(`Synced: ${name} that begins with a change has nothing to wait for, one that begins with a bookmark has`, () => {
    const { queue } = setUp();
    queue.apply([], '1');
    expect(queue.hasSynced).toBe(false);
    queue.apply(changes('a@1'), '1');
    expect(queue.hasSynced).toBe(true);
  });

  test.each([[['a@1', 'b@1']], [[]]])(
    `Synced: ${name} is in sync once its first state %j is delivered`,
    async (specs) => {
      const { sink, queue, deliver, commit } = setUp();
      const seen: boolean[] = [];
      sink.beforeCommit = async () => void seen.push(queue.hasSynced);
      const committing = commit('1', ...specs);
      queue.apply(changes('c@2'), '2');
      expect(queue.hasSynced).toBe(false);
      await deliver();
      await committing;
      expect(seen).toEqual([false]);
      expect(queue.hasSynced).toBe(true);
    },
  );

  test(`Synced: ${name} is not in sync by a state that failed, but by the next`, async () => {
    const { sink, queue, deliver, commit } = setUp();
    sink.beforeCommit = () => Promise.reject(new Error('boom'));
    const failing = expect(commit('1', 'a@1')).rejects.toThrow('boom');
    await deliver();
    await failing;
    expect(queue.hasSynced).toBe(false);
    sink.beforeCommit = async () => {};
    const committing = commit('2', 'a@1');
    await deliver();
    await committing;
    expect(queue.hasSynced).toBe(true);
  });

  test.each([
    { what: 'was added', queued: ['+a@1'], deletion: '?a@1 ' },
    { what: 'was added and changed', queued: ['+a@1', 'a@2'], deletion: '?a@2 ' },
    { what: 'was listed', listed: ['a@1'], queued: [], deletion: '?a@1 ' },
    { what: 'is deleted already', held: 'a@0', queued: ['-a@1'], deletion: '' },
    { what: 'is inferred to be deleted already', held: 'a@0', queued: ['?a@1'], deletion: '' },
    { what: 'is known', held: 'a@0', queued: [], deletion: '?a@0 ' },
    { what: 'is known and has changed', held: 'a@0', queued: ['a@1'], deletion: '?a@1 ' },
    { what: 'is known and came again', held: 'a@0', queued: ['-a@1', '+a@2'], deletion: '?a@2 ' },
    { what: 'is known and resynced', held: 'a@0', queued: [], isResynced: true, deletion: '?a@0 ' },
  ])(
    `Nothing lost: ${name} deletes at a full state, once and with its last state, what $what and is not in it`,
    async (each) => {
      const { held, listed, queued, isResynced, deletion } = each;
      const { sink, queue, deliver, commit } = setUp();
      if (held !== undefined) sink.held.set('a', thing(held));
      const committing = [...(listed ? [commit('1', ...listed)] : [])];
      if (queued.length > 0) queue.apply(changes(...queued), '5');
      if (isResynced) queue.resync();
      committing.push(commit('10', 'b@6'));
      await deliver();
      await Promise.all(committing);
      expect([...sink.held.keys()]).toEqual(['b']);
      expect(sink.lines.at(-1)).toBe(`= ${deletion}b@6 @10`);
      expect(
        sink.lines
          .slice(0, -1)
          .join(' ')
          .split(/[-?]a@/),
      ).toHaveLength(deletion === '' ? 2 : 1 + (queued[0] === '-a@1' ? 1 : 0));
    },
  );

  test.each([
    { what: 'nothing', before: false, after: false },
    { what: 'a bookmark', steps: [[]], before: false, after: false },
    { what: 'a change', steps: [['+a@1']], before: true, after: true },
    { what: 'an empty state', state: [], before: false, after: true },
    { what: 'a state', state: ['a@1', 'b@1'], before: false, after: true },
    { what: 'a state that has deletions', held: 'z@0', state: ['a@1'], before: false, after: true },
    { what: 'a change before a state', steps: [['+a@1']], state: ['a@1'], before: true, after: true },
    { what: 'a change behind a state', state: ['a@1'], later: ['-a@2'], before: false, after: true },
  ])(`Synced: ${name} that is given $what: before its delivery $before, after it $after`, async (each) => {
    const { held, steps = [], state, later, before, after } = each;
    const { sink, queue, deliver, commit } = setUp();
    if (held !== undefined) sink.held.set('z', thing(held));
    for (const step of steps) queue.apply(changes(...step), '1');
    const committing = state && commit('2', ...state);
    if (later) queue.apply(changes(...later), '3');
    expect(queue.hasSynced).toBe(before);
    await deliver();
    await committing;
    expect(queue.hasSynced).toBe(after);
    const again = commit('9'); // a later state takes nothing back
    expect(queue.hasSynced).toBe(after);
    await deliver();
    await again;
    expect(queue.hasSynced).toBe(true);
  });

  test(`Nothing lost: ${name} delivers a queued deletion before a full state that has the object again`, async () => {
    const { sink, queue, deliver, commit } = setUp();
    queue.apply(changes('+a@1'), '1');
    await deliver();
    queue.apply(changes('-a@2'), '2');
    const committing = commit('5', 'a@3');
    await deliver();
    await committing;
    expect(sink.lines).toEqual(['+a@1 @1', '-a@2 @2', '= a@3 @5']);
  });

  test(`${name}.resync hands on everything that is known once more, behind what waits`, async () => {
    const { sink, queue, deliver, commit } = setUp({ batchSize: 2 });
    const committing = commit('1', 'a@1', 'b@1', 'c@1', 'd@1');
    await deliver();
    await committing;
    queue.apply(changes('-a@2'), '2');
    queue.resync();
    queue.resync();
    expect(queue.length).toBe(2);
    await deliver();
    expect(sink.lines.slice(1)).toEqual(['-a@2 @2', 'b@1 c@1 @2', 'd@1 @2']);
  });

  test(`${name}.resync of nothing, or without known objects, is nothing`, async () => {
    const { sink, clock, queue, deliver } = setUp();
    queue.resync();
    await deliver();
    expect(sink.lines).toEqual([]);
    const unknowing = new Queue<Thing>({ sink, clock });
    unknowing.resync();
    expect(unknowing.length).toBe(0);
  });

  test(`${name}.resync stops when it is told to`, async () => {
    const { clock, sink, queue, stop } = setUp({ batchSize: 1 });
    for (const key of ['a', 'b', 'c']) sink.held.set(key, thing(`${key}@1`));
    clock.turn = async () => stop.abort();
    queue.resync();
    await queue.run(stop.signal);
    expect(sink.lines).toEqual(['a@1 @']);
  });

  test(`${name}.run ends with its signal: what waits is lost, and producers that wait are told`, async () => {
    const { sink, queue, stop, deliver, commit } = setUp({ maxPending: 1 });
    sink.room = new Promise((resolve) => stop.signal.addEventListener('abort', () => resolve()));
    queue.apply(changes('a@1'), '1');
    const draining = queue.drained(never);
    const committing = expect(commit('2', 'a@1')).rejects.toThrow('stop');
    await deliver();
    stop.abort(new Error('stop'));
    await Promise.all([draining, committing]);
    expect([queue.length, sink.lines]).toEqual([0, []]);
  });

  test(`${name}.run resolves after abort, ignores later changes and refuses later states`, async () => {
    const { sink, queue, commit } = setUp();
    const stop = new AbortController();
    const running = queue.run(stop.signal);
    stop.abort(new Error('stop'));
    await running;
    queue.apply(changes('a@1'), '1');
    queue.resync();
    await expect(commit('2', 'a@1')).rejects.toThrow('stop');
    expect([queue.length, sink.lines]).toEqual([0, []]);
    await expect(queue.run(never)).rejects.toThrow(
      new TypeError('Cannot run queue: state must be "idle", got "stopped"'),
    );
  });

  test(`${name}.run rejects with what the sink throws at a change, and so do producers from then on`, async () => {
    const { clock, sink, queue, commit } = setUp({ maxPending: 1 });
    sink.beforeApply = () => {
      throw new Error('boom');
    };
    queue.apply(changes('a@1'), '1');
    const outcomes = [
      expect(queue.run(never)).rejects.toThrow('boom'),
      expect(commit('2', 'a@1')).rejects.toThrow('boom'),
      queue.drained(never),
    ];
    await expect(queue.run(never)).rejects.toThrow('Cannot run queue: state must be "idle", got "running"');
    await Promise.all(outcomes);
    expect(() => queue.apply([], '3')).toThrow('boom');
    await expect(commit('4')).rejects.toThrow('boom');
    expect(clock.pending).toBe(0);
  });

  test.each([
    ['first', ['@1', 'a@2', 'b@3']],
    ['middle', ['a@2', '@1', 'b@3']],
    ['last', ['a@2', 'b@3', '@1']],
    ['only', ['@1']],
  ])(`Nothing lost: ${name} tells of the %s change that has no key, and hands on the others`, async (_, specs) => {
    const told: string[] = [];
    const { sink, queue, deliver } = setUp({ onKeyError: ({ object }) => told.push((object as Item<Thing>).object) });
    queue.apply(changes(...specs), '3');
    await deliver();
    expect(told).toEqual(['@1']);
    expect(sink.lines).toEqual([[...specs.filter((spec) => spec !== '@1'), '@3'].join(' ')]);
  });

  test(`Nothing lost: ${name} tells of an item of a full state that has no key, and commits the others`, async () => {
    const told: string[] = [];
    const { sink, deliver, commit } = setUp({ onKeyError: ({ message }) => told.push(message) });
    const committing = commit('5', 'a@1', '@2', 'b@3');
    await deliver();
    await committing;
    expect(told).toEqual(['Cannot put items: items[1].key must be a non-empty string, got ""']);
    expect(sink.lines).toEqual(['= a@1 b@3 @5']);
  });

  test(`${name} refuses a batch with an item that has no key when nobody wants to be told, and queues nothing of it`, () => {
    const { queue } = setUp();
    const refused = expect.objectContaining({ code: 'APIMACHINERY_KEY_INVALID' });
    expect(() => queue.apply(changes('a@1', '@2'), '2')).toThrow(refused);
    expect(() => queue.replace().put([thing('@2')])).toThrow(refused);
    expect([queue.length, queue.hasSynced]).toEqual([0, false]);
  });

  test(`${name} refuses what plain JavaScript may call it with`, async () => {
    const { clock, sink, queue } = setUp();
    const none = undefined as never;
    const bad: [() => unknown, string][] = [
      [() => new Queue(none), 'Cannot create queue: ports must be an object, got undefined'],
      [
        () => new Queue({ clock } as never),
        'Cannot create queue: ports.sink must be a sink (an object with replace, apply, drained), got undefined',
      ],
      [
        () => new Queue({ sink } as never),
        'Cannot create queue: ports.clock must be a clock (an object with turn), got',
      ],
      [
        () => new Queue({ sink, clock, known: {} as never }),
        'Cannot create queue: ports.known must be known objects (an object with keys, item), got an object',
      ],
      [() => new Queue({ sink, clock }, { batchsize: 1 } as never), 'got "batchsize"; did you mean "batchSize"?'],
      [() => new Queue({ sink, clock }, { onKeyError: 1 as never }), 'onKeyError must be a function, got 1'],
      [() => queue.apply(none, '1'), 'Cannot apply changes: changes must be an array, got undefined'],
      [() => queue.apply([], none), 'Cannot apply changes: resourceVersion must be a string, got undefined'],
      [() => queue.drained(none), 'Cannot wait for room: signal must be an AbortSignal, got undefined'],
      [() => queue.replace().put(none), 'Cannot put items: items must be an array, got undefined'],
      [() => queue.replace().remove(none), 'Cannot remove item: key must be a string, got undefined'],
      [() => queue.replace().keep?.(5 as never), 'Cannot keep item: key must be a string, got 5'],
      [
        () => queue.replace().commit(none),
        'Cannot commit replacement: resourceVersion must be a string, got undefined',
      ],
    ];
    for (const [call, message] of bad) {
      expect(call).toThrow(TypeError);
      expect(call).toThrow(message);
    }
    await expect(queue.run(none)).rejects.toThrow('Cannot run queue: signal must be an AbortSignal, got undefined');
    expect(queue.length).toBe(0);
  });

  test(`Transforming: ${name} queues what transform makes of each object, once, and neither tombstones nor resyncs`, async () => {
    const seen: string[] = [];
    const transform = (object: Thing): Thing => {
      seen.push(object);
      return `${object}!`;
    };
    const { sink, queue, deliver, commit } = setUp({ transform });
    const committing = commit('2', 'a@1', 'b@2');
    queue.apply(changes('+c@3', 'a@4', '-b@5', '?d@6'), '6');
    expect(seen).toEqual(['a@1', 'b@2', 'c@3', 'a@4', 'b@5']); // when they are queued, so that readers see nothing else
    await deliver();
    await committing;
    queue.resync();
    await deliver();
    expect(seen).toHaveLength(5);
    expect(sink.lines).toEqual(['= a@1! b@2! @2', '+c@3! a@4! -b@5! ?d@6 @6', 'a@4! c@3! @6']);
    expect(sink.item('a')).toMatchObject({ key: 'a', uid: 'uid of a', resourceVersion: '4' });
  });

  test(`Transforming: ${name} freezes what transform makes`, async () => {
    const clock = new FakeClock();
    const queued: unknown[] = [];
    const sink = {
      ...quiet,
      apply: (all: readonly Change<object>[]) => queued.push(...all.map(({ item }) => item.object)),
    };
    const queue = new Queue<object>({ sink, clock }, { transform: () => ({ spec: { replicas: 1 } }) });
    queue.apply([{ type: 'added', item: { ...thing('a@1'), object: {} } }], '1');
    const stop = new AbortController();
    const running = queue.run(stop.signal);
    await clock.settle();
    expect(queued).toEqual([{ spec: { replicas: 1 } }]);
    expect(Object.isFrozen((queued[0] as { spec: object }).spec)).toBe(true);
    stop.abort();
    await running;
  });

  test.each([
    ['throws', new Error('bad')],
    ['returns nothing', new TypeError('Cannot transform object "a": the result must be an object, got undefined')],
    ['returns null', new TypeError('Cannot transform object "a": the result must be an object, got null')],
    ['is async', new TypeError('Cannot transform object "a": the result must be an object, not a promise')],
    ['is async and fails', new TypeError('Cannot transform object "a": the result must be an object, not a promise')],
  ])(`Transforming: ${name} keeps the state before when transform %s, and says so`, async (what, error) => {
    const told: unknown[] = [];
    const transform = (object: Thing): Thing => {
      if (!object.startsWith('a')) return `${object}!`;
      if (what === 'throws') throw new Error('bad');
      if (what === 'is async') return Promise.resolve(object) as never;
      if (what === 'is async and fails') return Promise.reject(new Error('bad')) as never; // must not end the process
      return (what === 'returns null' ? null : undefined) as unknown as Thing;
    };
    const onTransformError = (...args: unknown[]): void => void told.push(args);
    const { sink, queue, deliver, commit } = setUp({ transform, onTransformError });
    sink.held.set('a', thing('a@0'));
    queue.apply(changes('a@1', 'b@2'), '2');
    await deliver();
    const committing = commit('4', 'a@3', 'b@4');
    await deliver();
    await committing;
    expect(told).toEqual([
      [error, 'a'],
      [error, 'a'],
    ]);
    queue.apply(changes('-a@5'), '5');
    await deliver();
    expect(sink.lines).toEqual(['b@2! @2', '= b@4! a@0 @4', '-a@5 @5']); // gone is gone
    expect(told).toHaveLength(3);
    queue.apply(changes('+a@6'), '6');
    await deliver();
    expect(sink.held.has('a')).toBe(false); // what is new stays absent
  });

  test.each<[unknown, string]>([
    [5, '5'],
    ['text', '"text"'],
    [[], 'an array'],
    [() => {}, 'a function'],
  ])(`Transforming: ${name} keeps what is no object out of the cache: %o`, (result, got) => {
    const sink = { ...quiet, apply: () => {} };
    const queue = new Queue<object>({ sink, clock: new FakeClock() }, { transform: () => result as object });
    const item = { ...thing('a@1'), object: { spec: {} } };
    const refusal = new TypeError(`Cannot transform object "a": the result must be an object, got ${got}`);
    expect(() => queue.apply([{ type: 'added', item }], '1')).toThrow(refusal);
    expect(() => queue.replace().put([item])).toThrow(refusal);
    expect(queue.length).toBe(0);
  });

  test(`${name} refuses to commit with a signal that is none, and can still be told to commit`, async () => {
    const { queue, deliver } = setUp();
    const replacement = queue.replace();
    expect(() => replacement.commit('1', {} as AbortSignal)).toThrow(
      new TypeError('Cannot commit replacement: signal must be an AbortSignal, got an object'),
    );
    const committed = replacement.commit('1', new AbortController().signal);
    await deliver();
    await committed;
  });

  test(`Transforming: ${name} refuses a batch when transform fails and nobody wants to be told, and queues nothing of it`, () => {
    const transform = (object: Thing): Thing => {
      if (object === 'b@2') throw new Error('bad');
      return object;
    };
    const { queue } = setUp({ transform });
    expect(() => queue.apply(changes('a@1', 'b@2'), '2')).toThrow('bad');
    expect(() => queue.replace().put([thing('b@2')])).toThrow('bad');
    expect(queue.length).toBe(0);
    expect(queue.hasSynced).toBe(false);
  });

  test.each([
    [{ batchSize: 0 }, 'batchSize must be a whole number, 1 or more, got 0'],
    [{ maxPending: Number.NaN }, 'maxPending must be a whole number, 1 or more, got NaN'],
  ])(`${name} refuses options that are out of range: %o`, (options, message) => {
    expect(() => setUp(options)).toThrow(new RangeError(`Cannot create queue: ${message}`));
  });
});
