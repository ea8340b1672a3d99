import { defineKind, type KubernetesObject, type Transition } from '@bowline/apimachinery';
import { FakeClock, RecordingLogger } from '@bowline/apimachinery/testing';
import { itemOf } from '@bowline/listwatch/testing';
import { describe, expect, test } from 'vitest';
import { EventDelivery } from './event-delivery.ts';
import {
  type EventHandler,
  enqueueRequestForObject,
  enqueueRequestForOwner,
  enqueueRequestsFromMapFunc,
} from './handler.ts';
import type { EnqueueOptions } from './ports.ts';

const Owner = defineKind({ group: 'apps', version: 'v1', kind: 'Owner', resource: 'owners', scope: 'Namespaced' });

function part(resourceVersion: string): KubernetesObject {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'Owner', name: 'a', uid: 'a' }];
  const base = { name: 'part', namespace: 'default', uid: '1', creationTimestamp: '' };
  return { apiVersion: 'v1', kind: 'Part', metadata: { ...base, resourceVersion, ownerReferences } };
}

/** What `handler` is told of `transition`, and how it queues its keys. */
async function queued(handler: EventHandler, transition: Partial<Transition<KubernetesObject>>) {
  const added: EnqueueOptions[] = [];
  const queue = { add: (_key: unknown, options: EnqueueOptions = {}) => void added.push(options) };
  const ports = { handler, predicates: [], queue, clock: new FakeClock(), logger: new RecordingLogger() };
  const delivery = new EventDelivery(ports, { kind: 'Part' });
  const none = { old: undefined, new: undefined, initial: false, finalStateUnknown: false };
  await delivery.deliver([{ key: 'default/part', ...none, ...transition } as Transition<KubernetesObject>]);
  return added;
}

const old = itemOf(part('1'));
const now = itemOf(part('2'));
const late: EventHandler = {
  create: async ({ key }, queue) => queue.add(key),
  update: async ({ key }, queue) => queue.add(key),
  delete: async ({ key }, queue) => queue.add(key),
};

describe.each<[string, EventHandler]>([
  ['enqueueRequestForObject', enqueueRequestForObject],
  ['enqueueRequestForOwner', enqueueRequestForOwner(Owner)],
  ['enqueueRequestsFromMapFunc', enqueueRequestsFromMapFunc(() => [{ name: 'mapped' }])],
  ['an asynchronous handler', late],
])('%s', (_name, handler) => {
  test.each<[string, number, Partial<Transition<KubernetesObject>>]>([
    ['what existed at the start', -100, { new: now, initial: true }],
    ['what was created later', 0, { new: now }],
    ['an update that changed nothing', -100, { old: now, new: now }],
    ['an update that changed something', 0, { old, new: now }],
    ['a deletion', 0, { old: now }],
  ])('queues %s with priority %i', async (_what, priority, transition) => {
    expect((await queued(handler, transition)).map((options) => options.priority)).toEqual([priority]);
  });
});

test('EventDelivery leaves the priority and the cause that a handler gives, and passes on what else it says', async () => {
  const cause = { type: 'generic' } as const;
  const create: EventHandler['create'] = ({ key }, queue) => queue.add(key, { priority: 7, cause, afterMs: 5 });
  expect(await queued({ create }, { new: now, initial: true })).toEqual([{ priority: 7, cause, afterMs: 5 }]);
});

test('EventDelivery says of a deletion whether it was inferred, with the last state that was seen', async () => {
  const seen: [boolean, string][] = [];
  const handler: EventHandler = {
    delete: ({ finalStateUnknown, object }) => void seen.push([finalStateUnknown, object.metadata.resourceVersion]),
  };
  await queued(handler, { old, finalStateUnknown: true });
  await queued(handler, { old: now });
  expect(seen).toEqual([
    [true, '1'],
    [false, '2'],
  ]);
});
