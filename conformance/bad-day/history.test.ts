import type { KubernetesObject } from '@bowline/apimachinery';
import { expect, test } from 'vitest';
import { History } from '../src/history.ts';

/** The state of the object `name` at a version; `uid` tells objects of one name apart. */
const state = (name: string, version: number, uid = 'first'): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'n', name, uid, resourceVersion: String(version) } as KubernetesObject['metadata'],
});

test('History finds nothing in a legal history', () => {
  const history = new History();
  history.onAdd(state('a', 1));
  history.onAdd(state('b', 2));
  history.onUpdate(state('a', 1), state('a', 3));
  history.onUpdate(state('a', 3), state('a', 99)); // states in between may be skipped
  history.onUpdate(state('a', 99), state('a', 100)); // by number, not by letter
  history.onDelete(state('a', 101));
  history.onAdd(state('a', 102, 'second'));
  expect(history.violations).toEqual([]);
  const present = new Map([
    ['n/a', '102'],
    ['n/b', '2'],
  ]);
  expect(history.differences(present)).toEqual([]);
});

test.each<[string, string, (history: History) => void]>([
  ['an add that comes twice', 'n/a was added twice', (history) => history.onAdd(state('a', 5))],
  [
    'an update that comes twice',
    'n/a was updated to 5 twice',
    (history) => history.onUpdate(state('a', 5), state('a', 5)),
  ],
  ['a version that falls', 'n/a went from 5 to 4', (history) => history.onUpdate(state('a', 5), state('a', 4))],
  [
    'an update from a state that was never told',
    'n/a was updated from what it was not',
    (history) => history.onUpdate(state('a', 6), state('a', 7)),
  ],
  [
    'an update to another object',
    'n/a was updated to another object',
    (history) => history.onUpdate(state('a', 5), state('a', 6, 'second')),
  ],
  [
    'an update of what was never added',
    'n/b was updated before it was added',
    (history) => history.onUpdate(state('b', 1), state('b', 2)),
  ],
  [
    'a delete of what was never added',
    'n/b was deleted before it was added',
    (history) => history.onDelete(state('b', 1)),
  ],
  [
    'a delete of another object',
    'n/a was deleted as another object',
    (history) => history.onDelete(state('a', 6, 'second')),
  ],
  [
    'a delete that comes twice',
    'n/a was deleted twice',
    (history) => {
      history.onDelete(state('a', 6));
      history.onDelete(state('a', 6));
    },
  ],
  [
    'an update after the delete',
    'n/a was updated after it was deleted',
    (history) => {
      history.onDelete(state('a', 6));
      history.onUpdate(state('a', 5), state('a', 7));
    },
  ],
  [
    'an object that comes back after its delete',
    'n/a was added after it was deleted',
    (history) => {
      history.onDelete(state('a', 6));
      history.onAdd(state('a', 5));
    },
  ],
  [
    'a new object that is older than the one that is gone',
    'n/a went from 5 to 4',
    (history) => {
      history.onDelete(state('a', 6));
      history.onAdd(state('a', 4, 'second'));
    },
  ],
])('History finds %s', (_what, violation, wrong) => {
  const history = new History();
  history.onAdd(state('a', 5));
  expect(history.violations).toEqual([]);
  wrong(history);
  expect(history.violations).toEqual([violation]);
});

test('History finds a missed delete, a missed add and a missed update in what there is', () => {
  const history = new History();
  history.onAdd(state('gone', 5));
  history.onAdd(state('old', 6));
  const present = new Map([
    ['n/new', '7'],
    ['n/old', '8'],
  ]);
  expect(history.violations).toEqual([]);
  expect(history.differences(present)).toEqual([
    'n/gone was never deleted',
    'n/new at 7 was never added',
    'n/old is known at 6, not at 8',
  ]);
});
