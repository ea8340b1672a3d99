import { expect, test } from 'vitest';
import { make } from './informer.fixture.ts';

test('SharedInformer refuses what is no handler', async () => {
  const { informer } = make();
  expect(() => informer.addHandler({ onAdd: 1 } as never)).toThrow(
    'Cannot add handler: onAdd must be a function or absent, got number',
  );
  expect(() => informer.addItemHandler({} as never)).toThrow(
    'Cannot add handler: handler must be an item handler (an object with onTransitions), got an object',
  );
  expect(() => informer.addHandler(undefined as never)).toThrow('handler must be an object, got undefined');
  expect(() => informer.addHandler({ onAdded() {} } as never)).toThrow('got "onAdded"; did you mean "onAdd"?');
  const none = 'handler must be a handler (an object with at least one of onAdd, onUpdate, onDelete), got an object';
  class Bare {
    size = 1;
  }
  class Slip {
    onadd(): void {}
  }
  class Rich extends Slip {
    onTime = true;
    onDelete(): void {}
  }
  const bad: [object, string][] = [
    [{}, none],
    [{ onAdd: undefined }, none],
    [{ onadd() {} }, 'handler must have known names, got "onadd"; did you mean "onAdd"?'],
    [{ onAdd() {}, onRemove() {} }, 'handler must have known names, got "onRemove"; there are onAdd, onUpdate, onD'],
    [{ onAdd() {}, log() {} }, 'handler must have known names, got "log"; there are onAdd, onUpdate, onDelete'],
    [Object.assign(Object.create(null), { onupdate() {} }), 'got "onupdate"; did you mean "onUpdate"?'],
    [new Bare(), `${none} (Bare)`],
    [new Slip(), `${none} (Slip) with "onadd"; did you mean "onAdd"?`],
  ];
  for (const [handler, message] of bad) expect(() => informer.addHandler(handler)).toThrow(message);
  informer.addHandler(new Rich()).remove();
  informer.addHandler(Object.assign(Object.create(null), { onAdd() {}, more: undefined })).remove();
  expect(() => informer.addItemHandler({ ontransitions() {} } as never)).toThrow('did you mean "onTransitions"?');
  expect(() => informer.addItemHandler({ onTransitions() {}, onAdd() {} } as never)).toThrow('got "onAdd"; there are');
  expect(informer.status().handlers).toEqual([]);
  expect(() => informer.addHandler({ onAdd() {} }, { endTimeoutMs: -1 })).toThrow('endTimeoutMs must be 0 or more');
  expect(() => informer.addHandler({ onAdd() {} }, { resync: 1 } as never)).toThrow('did you mean "resyncMs"?');
  expect(() => informer.addHandler({ onAdd() {} }, { overflow: 'drop' as never })).toThrow(
    'overflow must be "merge" or "remove"',
  );
  expect(() => informer.addHandler({ onAdd() {} }, { resyncMs: -1 })).toThrow(
    'Cannot add handler: resyncMs must be 0 or more, got -1',
  );
  expect(() => informer.addHandler({ onAdd() {} }, { maxPending: 0 })).toThrow(
    'Cannot add handler: maxPending must be 1 or more, got 0',
  );
});
