import type { Suite } from '../suite.ts';

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const resource = (target: object, name = 'cpu'): object => ({ type: 'Resource', resource: { name, target } });
const metric = { name: 'hits' };
const average = { type: 'AverageValue', averageValue: '10' };

const references = {
  'no target': { 'spec.scaleTargetRef': null },
  'bad target': { 'spec.scaleTargetRef': { apiVersion: 'a/b/c', kind: 'a/b', name: '..' } },
  'target of the core group': { 'spec.scaleTargetRef.apiVersion': 'v1' },
  'target without version': { 'spec.scaleTargetRef.apiVersion': null },
  'no maximum': { 'spec.maxReplicas': null },
  'minimum above maximum': { 'spec.minReplicas': 9 },
  'no replicas': { 'spec.minReplicas': 0, 'spec.maxReplicas': 0 },
  'negative replicas': { 'spec.minReplicas': -1, 'spec.maxReplicas': -2 },
};

export const scaling: readonly Suite[] = [
  {
    kind: 'HorizontalPodAutoscaler v2',
    path: '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
    base: {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'autoscaler' },
      spec: { scaleTargetRef, maxReplicas: 3 },
    },
    create: {
      minimal: {},
      ...references,
      'all metrics': {
        'spec.metrics': [
          resource({ type: 'Utilization', averageUtilization: 50 }),
          resource(average, 'memory'),
          { type: 'Pods', pods: { metric, target: average } },
          {
            type: 'Object',
            object: { describedObject: scaleTargetRef, metric, target: { type: 'Value', value: '3' } },
          },
          { type: 'External', external: { metric, target: average } },
          { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'web', target: average } },
        ],
      },
      'no types': { 'spec.metrics': [{}, { type: 'Other' }, { type: 'Resource' }, { type: 'Pods' }] },
      'two sources': {
        'spec.metrics': [
          { ...resource({ type: 'Utilization', averageUtilization: 5 }), pods: { metric, target: average } },
        ],
      },
      'bad resource metrics': {
        'spec.metrics': [
          resource({ type: 'Value', value: '1' }),
          resource({ type: 'Utilization' }),
          resource({ type: 'Utilization', averageUtilization: 0, averageValue: '1' }),
          resource({ type: 'AverageValue', averageValue: '-1' }),
          resource({}, ''),
          resource({ type: 'Sum', value: '0' }, 'a b'),
        ],
      },
      'bad other metrics': {
        'spec.metrics': [
          { type: 'Pods', pods: { metric: {}, target: { type: 'Value' } } },
          {
            type: 'Pods',
            pods: { metric: { name: 'a/b', selector: { matchLabels: { a: '-' } } }, target: { type: 'AverageValue' } },
          },
          { type: 'Object', object: { metric, target: { type: 'Value' } } },
          {
            type: 'Object',
            object: {
              describedObject: { kind: 'A', name: 'b' },
              metric,
              target: { type: 'Utilization', averageUtilization: 1 },
            },
          },
          { type: 'External', external: { metric, target: { type: 'Value', value: '1', averageValue: '1' } } },
          { type: 'External', external: { metric: {}, target: { type: 'AverageValue' } } },
          {
            type: 'ContainerResource',
            containerResource: { name: '', container: 'A_', target: { type: 'Utilization' } },
          },
        ],
      },
      behavior: { 'spec.behavior': {} },
      'behavior of one direction': { 'spec.behavior': { scaleDown: { stabilizationWindowSeconds: 60 } } },
      'own policies': { 'spec.behavior': { scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } } },
      'bad behavior': {
        'spec.behavior': {
          scaleUp: { stabilizationWindowSeconds: -1, selectPolicy: 'Most' },
          scaleDown: {
            stabilizationWindowSeconds: 4000,
            selectPolicy: '',
            policies: [
              { type: '', value: 0, periodSeconds: 0 },
              { type: 'Nodes', value: -1, periodSeconds: 1801 },
            ],
          },
        },
      },
      'bad name and label': { 'metadata.name': 'A', 'metadata.labels': { a: '-' } },
    },
    update: {
      maximum: { to: { 'spec.maxReplicas': 5 } },
      'bad values': { to: { 'spec.minReplicas': 7, 'spec.scaleTargetRef.kind': '', 'metadata.labels': { a: '-' } } },
      'target of the core group': { to: { 'spec.scaleTargetRef.apiVersion': 'v1' } },
      status: { to: { 'status.currentReplicas': 1, 'status.desiredReplicas': 2 }, subresource: 'status' },
      'bad status': { to: { 'status.currentReplicas': -1, 'status.desiredReplicas': -2 }, subresource: 'status' },
    },
  },
  {
    kind: 'HorizontalPodAutoscaler v1',
    path: '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers',
    base: {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'old-autoscaler' },
      spec: { scaleTargetRef, maxReplicas: 3, targetCPUUtilizationPercentage: 70 },
    },
    create: {
      minimal: {},
      'no utilization': { 'spec.targetCPUUtilizationPercentage': null },
      'bad utilization': { 'spec.targetCPUUtilizationPercentage': -1 },
      ...references,
    },
    update: { maximum: { to: { 'spec.maxReplicas': 5 } }, 'no maximum': { to: { 'spec.maxReplicas': 0 } } },
  },
  {
    kind: 'PodDisruptionBudget',
    path: '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
    base: {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'budget' },
      spec: { minAvailable: 1, selector: { matchLabels: { a: 'b' } } },
    },
    create: {
      minimal: {},
      'nothing at all': { spec: null },
      'no selector': { 'spec.selector': null },
      percentage: { 'spec.minAvailable': '50%' },
      'both bounds': { 'spec.maxUnavailable': 1 },
      'bad percentage': { 'spec.minAvailable': '50' },
      'too high a percentage': { 'spec.minAvailable': '101%' },
      'negative number': { 'spec.minAvailable': -1 },
      'bad maximum': { 'spec.minAvailable': null, 'spec.maxUnavailable': '-5%' },
      'bad selector': { 'spec.selector': { matchExpressions: [{ key: 'a', operator: 'In' }] } },
      'bad eviction policy': { 'spec.unhealthyPodEvictionPolicy': 'Never' },
      'good eviction policy': { 'spec.unhealthyPodEvictionPolicy': 'AlwaysAllow' },
      'several faults': {
        'spec.maxUnavailable': 'x',
        'spec.selector.matchLabels': { 'a b': '' },
        'metadata.labels': { c: '-' },
      },
      'bad name': { 'metadata.name': 'a/b' },
    },
    update: {
      minimum: { to: { 'spec.minAvailable': 2 } },
      selector: { to: { 'spec.selector.matchLabels': { c: 'd' } } },
      'bad label and minimum': { to: { 'metadata.labels': { a: '-' }, 'spec.minAvailable': 'x' } },
      status: {
        to: {
          status: {
            disruptionsAllowed: 1,
            currentHealthy: 2,
            desiredHealthy: 1,
            expectedPods: 2,
            observedGeneration: 1,
          },
        },
        subresource: 'status',
      },
      'bad status': {
        to: {
          status: {
            disruptionsAllowed: -1,
            currentHealthy: -2,
            desiredHealthy: -1,
            expectedPods: -2,
            conditions: [
              { type: 'a b', status: 'Maybe', reason: '', lastTransitionTime: null, observedGeneration: -1 },
              { type: 'C', status: 'True', reason: '!', lastTransitionTime: '2026-01-01T00:00:00Z' },
              { type: 'C', status: 'True', reason: 'D', lastTransitionTime: '2026-01-01T00:00:00Z' },
            ],
          },
        },
        subresource: 'status',
      },
    },
  },
];
