import { type KubernetesObject, type UnstructuredObject, valueAt } from '@bowline/apimachinery';
import { expect, expectTypeOf, test } from 'vitest';
import type { Machine } from './doubles.fixture.ts';
import { type FieldPath, pathRule, textsOf } from './field-path.ts';

const object = {
  metadata: {
    name: 'a',
    labels: { app: 'web', 'app.kubernetes.io/name': 'shop' },
    ownerReferences: [{ uid: '1' }, { uid: '2' }],
  },
  spec: {
    replicas: 3,
    paused: false,
    node: null,
    gone: undefined,
    disks: [{ class: 'ssd' }, {}, { class: 'hdd' }],
    tags: ['x', 'y'],
  },
};

test.each<[string, string[]]>([
  ['metadata.name', ['a']],
  ['spec.replicas', ['3']],
  ['spec.paused', ['false']],
  ['spec.node', []],
  ['spec.gone', []],
  ['spec.none.such', []],
  ['spec.replicas.more', []],
  ['spec', []],
  ['spec.disks', []],
  ['spec.disks.class', ['ssd', 'hdd']],
  ['spec.tags', ['x', 'y']],
  ['metadata.ownerReferences.uid', ['1', '2']],
  ['metadata.labels.app', ['web']],
  ['metadata.labels.app.kubernetes.io/name', ['shop']],
  ['metadata.labels.app.kubernetes.io/none', []],
  ['constructor.name', []],
])('FieldPath %s leads to %j', (path, values) => {
  expect([textsOf(valueAt(object, path.split('.'))) ?? []].flat()).toEqual(values);
});

test.each(['', '.spec', 'spec..node', 'spec.'])('FieldPath refuses %j', (path) => {
  expect(pathRule.problem(path)).toBe('range');
});

test('FieldPath knows the fields of a type, through arrays and optional fields, and any label', () => {
  expectTypeOf<'spec.node' | 'spec.disks.class' | 'spec.disks.sizeGiB' | 'spec.tags'>().toExtend<FieldPath<Machine>>();
  expectTypeOf<'metadata.labels.app.kubernetes.io/name'>().toExtend<FieldPath<Machine>>();
  expectTypeOf<'metadata.ownerReferences.uid' | 'kind'>().toExtend<FieldPath<KubernetesObject>>();
  expectTypeOf<'spec.nod'>().not.toExtend<FieldPath<Machine>>();
  expectTypeOf<'spec.disks'>().not.toExtend<FieldPath<Machine>>();
  expectTypeOf<'spec.anything.at.all'>().toExtend<FieldPath<UnstructuredObject>>();
});
