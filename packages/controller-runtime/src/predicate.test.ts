import { defineKind, type KubernetesObject } from '@bowline/apimachinery';
import { itemOf } from '@bowline/listwatch/testing';
import { describe, expect, test } from 'vitest';
import { CreateEvent, DeleteEvent, type ObjectEvent, UpdateEvent } from './event.ts';
import * as predicate from './predicate.ts';

const Thing = defineKind({
  group: 'example.com',
  version: 'v1',
  kind: 'Thing',
  resource: 'things',
  scope: 'Namespaced',
});

function thing(metadata: Partial<KubernetesObject['metadata']> = {}): KubernetesObject {
  const base = { name: 'a', namespace: 'default', uid: '1', resourceVersion: '1', creationTimestamp: '' };
  return { apiVersion: Thing.apiVersion, kind: Thing.kind, metadata: { ...base, ...metadata } };
}

const create = (object: KubernetesObject) => new CreateEvent('Thing', itemOf(object), false);
const remove = (object: KubernetesObject) => new DeleteEvent('Thing', itemOf(object), false);
const update = (old: KubernetesObject, now: KubernetesObject) => new UpdateEvent('Thing', itemOf(old), itemOf(now));
const passes = (filter: predicate.Predicate, event: ObjectEvent) => predicate.passes(filter, event);

describe.each([
  ['resourceVersionChanged', predicate.resourceVersionChanged, { resourceVersion: '1' }, { resourceVersion: '2' }],
  ['generationChanged', predicate.generationChanged, { generation: 1 }, { generation: 2 }],
  ['labelsChanged', predicate.labelsChanged, { labels: { a: '1' } }, { labels: { a: '2' } }],
  ['annotationsChanged', predicate.annotationsChanged, { annotations: { a: '1' } }, { annotations: { a: '2' } }],
])('%s', (name, filter, before, after) => {
  test(`${name} passes updates that change it, and drops those that do not`, () => {
    expect(passes(filter, update(thing(before), thing(after)))).toBe(true);
    expect(passes(filter, update(thing(before), thing(before)))).toBe(false);
  });

  test(`${name} passes creations and deletions`, () => {
    expect(passes(filter, create(thing()))).toBe(true);
    expect(passes(filter, remove(thing()))).toBe(true);
  });
});

test.each([
  ['labels', predicate.labelsChanged],
  ['annotations', predicate.annotationsChanged],
] as const)(
  '%sChanged takes missing and empty ones for the same, and sees one that is added or removed',
  (field, changed) => {
    const one = thing({ [field]: { a: '' } });
    const two = thing({ [field]: { a: '', b: '' } });
    expect(passes(changed, update(thing(), thing()))).toBe(false);
    expect(passes(changed, update(thing(), thing({ [field]: {} })))).toBe(false);
    expect(passes(changed, update(thing(), one))).toBe(true);
    expect(passes(changed, update(one, thing()))).toBe(true);
    expect(passes(changed, update(one, two))).toBe(true);
    expect(passes(changed, update(two, one))).toBe(true);
  },
);

test('a predicate decides about the events that it has functions for', () => {
  const seen: string[] = [];
  const decide = (event: ObjectEvent): boolean => {
    seen.push(event.type);
    return event.type === 'update';
  };
  const filter: predicate.Predicate = { create: decide, update: decide, delete: decide };
  expect([create(thing()), update(thing(), thing()), remove(thing())].map((event) => passes(filter, event))).toEqual([
    false,
    true,
    false,
  ]);
  expect(seen).toEqual(['create', 'update', 'delete']);
});

test('filter judges every type of event by its object, updates by the new one', () => {
  const mine = predicate.filter(({ metadata }) => metadata.name === 'mine');
  const [is, other] = [thing({ name: 'mine' }), thing({ name: 'other' })];
  expect([create(is), update(other, is), remove(is)].map((event) => passes(mine, event))).toEqual([true, true, true]);
  expect([create(other), update(is, other), remove(other)].map((event) => passes(mine, event))).toEqual([
    false,
    false,
    false,
  ]);
});

test('resourceVersionChanged decodes nothing', () => {
  const undecodable = {
    key: 'a',
    uid: '1',
    resourceVersion: '1',
    get object(): never {
      throw new Error('decoded');
    },
  };
  expect(passes(predicate.resourceVersionChanged, new UpdateEvent('Thing', undecodable, undecodable))).toBe(false);
});

test('and, or, not combine predicates for every type of event', () => {
  const yes = predicate.filter(() => true);
  const no = predicate.filter(() => false);
  for (const event of [create(thing()), update(thing(), thing()), remove(thing())]) {
    expect(passes(predicate.and(yes, yes), event)).toBe(true);
    expect(passes(predicate.and(yes, no), event)).toBe(false);
    expect(passes(predicate.or(no, yes), event)).toBe(true);
    expect(passes(predicate.or(no, no), event)).toBe(false);
    expect(passes(predicate.not(yes), event)).toBe(false);
    expect(passes(predicate.not(no), event)).toBe(true);
  }
});

test('a predicate without a function for a type passes its events, also when it is combined', () => {
  const event = create(thing());
  expect(passes({}, event)).toBe(true);
  expect(passes(predicate.not({}), event)).toBe(false);
});

test('labelSelector judges updates by the new object', () => {
  const selected = predicate.labelSelector('app=web,tier in (front,back)');
  const web = thing({ labels: { app: 'web', tier: 'front' } });
  expect(passes(selected, create(web))).toBe(true);
  expect(passes(selected, update(thing(), web))).toBe(true);
  expect(passes(selected, update(web, thing()))).toBe(false);
  expect(passes(selected, remove(thing({ labels: { app: 'web' } })))).toBe(false);
});

test('a predicate may be an object of a class, with members of its own', () => {
  class AtLeast implements predicate.Predicate {
    readonly generation: number;
    constructor(generation: number) {
      this.generation = generation;
    }
    update({ object }: UpdateEvent): boolean {
      return (object.metadata.generation ?? 0) >= this.generation;
    }
  }
  const filter = predicate.and(new AtLeast(2));
  expect(passes(filter, update(thing(), thing({ generation: 2 })))).toBe(true);
  expect(passes(filter, update(thing(), thing({ generation: 1 })))).toBe(false);
});
