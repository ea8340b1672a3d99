import { beforeEach, expect, test } from 'vitest';
import { type JsonObject, stringAt } from '../object.ts';
import { TestServer } from '../server.fixture.ts';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});

const v1 = '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers';
const v2 = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
const pods = { type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '10' } } };
const cpu = (averageUtilization: number): JsonObject => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});

test('autoscalers of v1 are those of v2 with one metric', async () => {
  const created = await server.post(v1, { metadata: { name: 'a' }, spec: { scaleTargetRef, maxReplicas: 3 } });
  expect(created.at('spec', 'targetCPUUtilizationPercentage')).toBe(80);
  expect((await server.get(`${v2}/a`)).at('spec', 'metrics')).toEqual([cpu(80)]);
});

test('autoscalers of v2 go through v1 and back without loss', async () => {
  const behavior = { scaleUp: { policies: [{ type: 'Pods', value: 3, periodSeconds: 10 }] } };
  const spec = { scaleTargetRef, maxReplicas: 3, metrics: [pods, cpu(50)], behavior };
  const created = await server.post(v2, { metadata: { name: 'a', annotations: { x: 'y' } }, spec });
  const old = await server.get(`${v1}/a`);
  expect([
    old.at('spec', 'targetCPUUtilizationPercentage'),
    stringAt(old.json, 'metadata', 'annotations', 'autoscaling.alpha.kubernetes.io/metrics'),
  ]).toEqual([50, '[{"type":"Pods","pods":{"metricName":"m","targetAverageValue":"10"}}]']);
  await server.put(`${v1}/a`, {
    ...old.json,
    spec: { ...(old.json.spec as JsonObject), targetCPUUtilizationPercentage: 70 },
  });
  const now = await server.get(`${v2}/a`);
  expect(now.at('spec')).toEqual({ ...(created.json.spec as JsonObject), metrics: [pods, cpu(70)] });
  expect(now.at('metadata', 'annotations')).toEqual({ x: 'y' });
});

test('events are the same in both groups, and are selected by the names of each', async () => {
  await server.post('/api/v1/namespaces/default/events', {
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
    reason: 'R',
    message: 'M',
    count: 3,
    source: { component: 'c' },
  });
  const path = '/apis/events.k8s.io/v1/namespaces/default/events';
  expect((await server.get(`${path}/e`)).json).toMatchObject({
    apiVersion: 'events.k8s.io/v1',
    regarding: { kind: 'Pod', name: 'p' },
    note: 'M',
    deprecatedCount: 3,
    deprecatedSource: { component: 'c' },
  });
  expect((await server.get(`${path}?fieldSelector=regarding.name%3Dp`)).names).toEqual(['e']);
  expect((await server.get(`${path}?fieldSelector=involvedObject.name%3Dp`)).status).toBe(400);
});
