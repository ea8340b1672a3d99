import type { KubernetesObject } from '@bowline/apimachinery';
import { itemOf } from '@bowline/listwatch/testing';
import { expect, test } from 'vitest';
import { UpdateEvent } from './event.ts';

test('Explaining: UpdateEvent.diff names the fields that changed, without bookkeeping', () => {
  const object = (resourceVersion: string, replicas: number, time: string): KubernetesObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: '1',
      resourceVersion,
      creationTimestamp: '',
      managedFields: [{ manager: 'kubectl', time }],
    },
    ...{ spec: { replicas } },
  });
  const event = new UpdateEvent('Deployment.apps', itemOf(object('1', 1, 'then')), itemOf(object('2', 3, 'now')));
  expect(event.diff()).toEqual([{ op: 'replace', path: '/spec/replicas', value: 3 }]);
  expect(event).toMatchObject({
    type: 'update',
    kind: 'Deployment.apps',
    key: 'default/web',
    oldResourceVersion: '1',
    newResourceVersion: '2',
  });
});
