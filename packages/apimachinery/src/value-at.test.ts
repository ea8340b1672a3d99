import { describe, expect, test } from 'vitest';
import { valueAt } from './value-at.ts';

describe('valueAt', () => {
  const pod = {
    metadata: { name: 'web', labels: { app: 'x', 'example.com/app': 'y', example: 'z', 'a.b': 1, a: { c: 2 } } },
    spec: {
      replicas: 0,
      paused: false,
      containers: [{ image: 'a', ports: [{ port: 1 }, { port: 2 }] }, { name: 'b' }],
      args: ['1', '2'],
    },
    status: null,
  };

  test.each([
    { path: ['metadata', 'name'], value: 'web' },
    { path: ['spec', 'replicas'], value: 0 },
    { path: ['spec', 'paused'], value: false },
    { path: ['metadata', 'labels', 'app'], value: 'x' },
    { path: ['spec', 'args'], value: ['1', '2'] },
    { path: ['spec', 'containers', 'image'], value: ['a'] },
    { path: ['spec', 'containers', 'ports', 'port'], value: [1, 2] },
    { path: ['spec', 'containers', 'nothing'], value: [] },
    { path: ['metadata', 'labels', 'example', 'com/app'], value: 'y' },
    { path: ['metadata', 'labels', 'example'], value: 'z' },
    { path: ['metadata', 'labels', 'a', 'c'], value: 2 },
    { path: ['metadata', 'labels', 'a', 'b'], value: undefined },
    { path: ['metadata', 'labels', 'toString'], value: undefined },
    { path: ['metadata', 'labels', '__proto__'], value: undefined },
    { path: ['__proto__', 'constructor'], value: undefined },
    { path: ['metadata', 'constructor', 'name'], value: undefined },
    { path: ['metadata', 'name', 'length'], value: undefined },
    { path: ['status'], value: undefined },
    { path: ['status', 'phase'], value: undefined },
    { path: [], value: pod },
  ])('valueAt reads $path', ({ path, value }) => {
    expect(valueAt(pod, path)).toEqual(value);
  });

  test.each([null, undefined, 1, 'text'])('valueAt finds nothing in %j', (data) => {
    expect(valueAt(data, ['a'])).toBeUndefined();
  });
});
