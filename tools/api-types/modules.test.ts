import { expect, test } from 'vitest';
import type { KindFacts } from './kinds.ts';
import type { Model } from './models.ts';
import { folderOf, layOut, localName } from './modules.ts';

const model = (name: string, ...types: string[]): [string, Model] => [
  name,
  { name, doc: '', fields: types.map((type, index) => ({ name: `f${index}`, type, required: true, doc: '' })) },
];
const kind = (group: string, version: string, name: string): KindFacts => ({
  ...{ group, version, kind: name.slice(2), resource: 'things', scope: 'Namespaced', subresources: [] },
  ...{ model: name, listModel: undefined },
});

test('layOut gives a model to its only user, and what several use to the core group', () => {
  const models = new Map([
    model('V1Pod', 'V1PodSpec'),
    model('V1PodSpec'),
    model('V1Job', 'V1PodSpec', 'V1JobSpec'),
    model('V1JobSpec'),
  ]);
  const { placeOf } = layOut(models, [kind('', 'v1', 'V1Pod'), kind('batch', 'v1', 'V1Job')]);
  expect(placeOf.get('V1PodSpec')).toEqual({ module: 'core/v1', name: 'PodSpec' });
  expect(placeOf.get('V1JobSpec')).toEqual({ module: 'batch/v1', name: 'JobSpec' });
});

test('layOut stops at a model that the rules do not place', () => {
  const models = new Map([model('V1A', 'V1Both'), model('V1B', 'V1Both'), model('V1Both')]);
  expect(() => layOut(models, [kind('a', 'v1', 'V1A'), kind('b', 'v1', 'V1B')])).toThrow(
    'Cannot place model V1Both: it is used by a/v1, b/v1',
  );
  expect(() => layOut(new Map([model('V1Lost')]), [])).toThrow('used by no kind');
});

test('folderOf and localName follow k8s.io/api', () => {
  expect(['', 'apps', 'rbac.authorization.k8s.io', 'internal.apiserver.k8s.io'].map(folderOf)).toEqual([
    ...['core', 'apps', 'rbac', 'apiserverinternal'],
  ]);
  expect(['V1PodSpec', 'CoreV1Event', 'V1beta1DeviceClass', 'VersionInfo'].map(localName)).toEqual([
    ...['PodSpec', 'Event', 'DeviceClass', 'VersionInfo'],
  ]);
});
