import { describe, expect, test } from 'vitest';
import { filterHandler } from './filter-handler.ts';
import { make, type Widget } from './informer.fixture.ts';
import { RecordingHandler } from './testing.ts';

const isBig = ({ spec }: Widget): boolean => (spec?.size ?? 0) > 5;

describe('filterHandler', () => {
  test('filterHandler tells of an object when it begins to pass, while it does and when it ceases to, and of no other', async () => {
    const { informer, put, delete: remove, run, clock, end } = make();
    const handler = new RecordingHandler<Widget>();
    put('big', { size: 9 });
    put('small', { size: 1 });
    informer.addHandler(filterHandler(isBig, handler));
    await run();
    expect(handler.take()).toEqual(['add big@3 initial']);
    put('small', { size: 2 });
    put('small', { size: 6 });
    put('small', { size: 7 });
    put('big', { size: 1 });
    put('big', { size: 2 });
    await clock.settle();
    expect(handler.take()).toEqual(['add small@6', 'update small@6 to 7', 'delete big@3']);
    remove('big');
    remove('small');
    await clock.settle();
    expect(handler.take()).toEqual(['delete small@11']);
    await end();
  });

  test('filterHandler says that what begins to pass was not there before, and what ceases to was seen', () => {
    const told: unknown[] = [];
    const handler = filterHandler<Widget>(isBig, {
      onAdd: (_, info) => void told.push(info),
      onDelete: (_, info) => void told.push(info),
    });
    const [big, small] = [{ spec: { size: 9 } } as Widget, { spec: { size: 1 } } as Widget];
    handler.onUpdate?.(small, big);
    handler.onUpdate?.(big, small);
    expect(told).toEqual([{ initial: false }, { finalStateUnknown: false }]);
  });

  test('filterHandler needs not all of the calls, and lets a filter fail like a handler', async () => {
    const { informer, put, delete: remove, run, clock, failures, end } = make();
    informer.addHandler(filterHandler(isBig, { onAdd() {} }));
    informer.addHandler(filterHandler(isBig, { onUpdate() {} }));
    informer.addHandler(
      filterHandler(
        () => {
          throw new Error('a bug');
        },
        { onAdd() {} },
      ),
    );
    put('a', { size: 9 });
    await run();
    put('a', { size: 1 });
    put('a', { size: 8 });
    put('a', { size: 9 });
    remove('a');
    await clock.settle();
    expect(failures.length).toBe(5);
    await end();
  });

  test('filterHandler awaits a call that takes its time', async () => {
    const { informer, put, run, clock, end } = make();
    const handler = new RecordingHandler<Widget>();
    handler.hold();
    informer.addHandler(filterHandler(isBig, handler));
    put('a', { size: 9 });
    put('b', { size: 9 });
    await run();
    expect(handler.calls).toEqual(['add a@3 initial']);
    handler.release();
    await clock.settle();
    expect(handler.calls.length).toBe(2);
    await end();
  });

  test('filterHandler refuses what is no filter or no handler', () => {
    expect(() => filterHandler(undefined as never, { onAdd() {} })).toThrow(
      'Cannot filter handler: passes must be a function',
    );
    expect(() => filterHandler(isBig, undefined as never)).toThrow('Cannot filter handler: handler must be an object');
    expect(() => filterHandler(isBig, { onAdd: 1 } as never)).toThrow(
      'Cannot filter handler: onAdd must be a function',
    );
  });
});
