import type { Suite } from '../suite.ts';

const template = {
  metadata: { labels: { app: 'x' } },
  spec: { containers: [{ name: 'app', image: 'nginx:1.27' }] },
};
const selector = { matchLabels: { app: 'x' } };
const path = (resource: string): string => `/apis/apps/v1/namespaces/default/${resource}`;

/** What the kinds have in common. */
const shared = {
  minimal: {},
  'no spec': { spec: null },
  'no selector': { 'spec.selector': null },
  'empty selector': { 'spec.selector': {} },
  'selector of other pods': { 'spec.selector': { matchLabels: { app: 'y' } } },
  'bad selector': {
    'spec.selector': {
      matchLabels: { 'a b': '-' },
      matchExpressions: [
        { key: 'x', operator: 'In' },
        { key: 'y', operator: 'Like', values: ['z'] },
      ],
    },
  },
  'both kinds of selector, of other pods': {
    'spec.selector': { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'app', operator: 'Exists' }] },
  },
  'bad template': {
    'spec.template.metadata.labels': { app: 'x', 'b c': 'd' },
    'spec.template.metadata.annotations': { '-': '' },
    'spec.template.spec.containers.0.name': 'A',
    'spec.template.spec.restartPolicy': 'Never',
    'spec.template.spec.activeDeadlineSeconds': 5,
  },
  'labels that are empty': { 'spec.template.metadata.labels': {} },
  'bad name': { 'metadata.name': 'A_b' },
};

const sharedUpdates = {
  image: { to: { 'spec.template.spec.containers.0.image': 'nginx:2' } },
  'bad label': { to: { 'metadata.labels': { a: '-' } } },
  'selector changed': {
    to: { 'spec.selector.matchLabels': { app: 'y' }, 'spec.template.metadata.labels': { app: 'y' } },
  },
  'selector of other pods': { to: { 'spec.selector.matchLabels': { app: 'z' } } },
  'no containers': { to: { 'spec.template.spec.containers': [] } },
};

export const workloads: readonly Suite[] = [
  {
    kind: 'Deployment',
    path: path('deployments'),
    base: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'deployment' }, spec: { selector, template } },
    create: {
      ...shared,
      'name and labels missing': { 'metadata.name': null, 'spec.template.metadata': null },
      'negative numbers': {
        'spec.replicas': -1,
        'spec.minReadySeconds': -2,
        'spec.revisionHistoryLimit': -3,
        'spec.progressDeadlineSeconds': -4,
      },
      'deadline too early': { 'spec.minReadySeconds': 10, 'spec.progressDeadlineSeconds': 10 },
      recreate: { 'spec.strategy': { type: 'Recreate' } },
      'recreate with rolling update': { 'spec.strategy': { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } },
      'unknown strategy': { 'spec.strategy': { type: 'BlueGreen' } },
      'strategy of zeros': { 'spec.strategy': { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } },
      'strategy of nonsense': { 'spec.strategy': { rollingUpdate: { maxSurge: 'x', maxUnavailable: '101%' } } },
      'negative strategy': { 'spec.strategy': { rollingUpdate: { maxSurge: -1, maxUnavailable: -1 } } },
      'given numbers': { 'spec.replicas': 0, 'spec.strategy': { rollingUpdate: { maxSurge: 2 } }, 'spec.paused': true },
      'ephemeral containers': { 'spec.template.spec.ephemeralContainers': [{ name: 'x', image: 'y' }] },
      'host network': {
        'spec.template.spec.hostNetwork': true,
        'spec.template.spec.containers.0.ports': [{ containerPort: 80 }, { containerPort: 81, hostPort: 82 }],
      },
    },
    update: {
      ...sharedUpdates,
      replicas: { to: { 'spec.replicas': 5 } },
      annotations: { to: { 'metadata.annotations': { a: 'b' } } },
      'two faults': { to: { 'spec.replicas': -5, 'spec.selector.matchLabels': { app: 'y' } } },
      status: {
        to: { 'status.replicas': 3, 'status.readyReplicas': 2, 'status.availableReplicas': 1, 'spec.replicas': 9 },
        subresource: 'status',
      },
      'bad status': {
        to: {
          'status.replicas': 1,
          'status.readyReplicas': 2,
          'status.availableReplicas': 3,
          'status.updatedReplicas': -1,
          'status.observedGeneration': -1,
        },
        subresource: 'status',
      },
    },
  },
  {
    kind: 'ReplicaSet',
    path: path('replicasets'),
    base: { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'replicaset' }, spec: { selector, template } },
    create: { ...shared, 'negative numbers': { 'spec.replicas': -1, 'spec.minReadySeconds': -2 } },
    update: {
      ...sharedUpdates,
      'bad status': { to: { 'status.replicas': 1, 'status.fullyLabeledReplicas': 2 }, subresource: 'status' },
    },
  },
  {
    kind: 'StatefulSet',
    path: path('statefulsets'),
    base: {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'statefulset' },
      spec: { serviceName: 'svc', selector, template },
    },
    create: {
      ...shared,
      'dotted name': { 'metadata.name': 'a.b' },
      'bad policies': {
        'spec.podManagementPolicy': 'Random',
        'spec.updateStrategy': { type: 'Foo' },
        'spec.persistentVolumeClaimRetentionPolicy': { whenDeleted: 'Keep' },
        'spec.serviceName': 'A.b',
        'spec.replicas': -1,
        'spec.ordinals': { start: -1 },
      },
      'on delete with rolling update': { 'spec.updateStrategy': { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
      'bad rolling update': { 'spec.updateStrategy.rollingUpdate': { partition: -1, maxUnavailable: 0 } },
      'claim templates': {
        'spec.volumeClaimTemplates': [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
        'spec.template.spec.containers.0.volumeMounts': [{ name: 'data', mountPath: '/data' }],
      },
      'bad claim templates': {
        'spec.volumeClaimTemplates': [{ metadata: { name: 'data' }, spec: { accessModes: ['Foo'], volumeMode: 'X' } }],
        'spec.template.spec.containers.0.volumeMounts': [{ name: 'other', mountPath: '/data' }],
      },
    },
    update: {
      ...sharedUpdates,
      replicas: { to: { 'spec.replicas': 3 } },
      'service name': { to: { 'spec.serviceName': 'other' } },
      'claim template added': {
        to: { 'spec.volumeClaimTemplates': [{ metadata: { name: 'a' }, spec: { accessModes: ['ReadWriteOnce'] } }] },
      },
      'bad status': {
        to: {
          'status.replicas': 1,
          'status.readyReplicas': 2,
          'status.currentReplicas': 2,
          'status.availableReplicas': 3,
        },
        subresource: 'status',
      },
    },
  },
  {
    kind: 'DaemonSet',
    path: path('daemonsets'),
    base: { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'daemonset' }, spec: { selector, template } },
    create: {
      ...shared,
      'unknown strategy': { 'spec.updateStrategy': { type: 'Foo' }, 'spec.minReadySeconds': -1 },
      'on delete': { 'spec.updateStrategy': { type: 'OnDelete' } },
      'surge and unavailable': { 'spec.updateStrategy': { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } },
      'neither surge nor unavailable': { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: 0 } } },
      'too much': { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: '200%', maxSurge: 'x' } } },
    },
    update: {
      ...sharedUpdates,
      'bad status': { to: { 'status.numberReady': -1, 'status.desiredNumberScheduled': -1 }, subresource: 'status' },
    },
  },
  {
    kind: 'ControllerRevision',
    path: path('controllerrevisions'),
    base: {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: { name: 'revision' },
      data: { a: 'b' },
      revision: 1,
    },
    create: { minimal: {}, 'negative, no data': { revision: -1, data: null }, 'data that is a list': { data: [1] } },
    update: { revision: { to: { revision: 2 } }, data: { to: { data: { a: 'c' } } } },
  },
  {
    kind: 'ReplicationController',
    path: '/api/v1/namespaces/default/replicationcontrollers',
    base: { apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'rc' }, spec: { template } },
    create: {
      minimal: {},
      'no template': { 'spec.template': null },
      'other selector': { 'spec.selector': { app: 'y' }, 'spec.replicas': -1 },
      'restarts never': { 'spec.template.spec.restartPolicy': 'Never' },
    },
    update: { replicas: { to: { 'spec.replicas': 3 } }, 'other selector': { to: { 'spec.selector': { app: 'y' } } } },
  },
];
