import type { Suite } from '../suite.ts';

const defaultNamespace = '/api/v1/namespaces/default';

export const cluster: readonly Suite[] = [
  {
    kind: 'Lease',
    path: '/apis/coordination.k8s.io/v1/namespaces/default/leases',
    base: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'lease' } },
    create: {
      minimal: {},
      held: { spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.000000Z' } },
      'no duration': { spec: { leaseDurationSeconds: 0 } },
      'negative numbers': { spec: { leaseDurationSeconds: -1, leaseTransitions: -1 } },
      'bad name': { 'metadata.name': 'A_' },
    },
    update: {
      holder: { to: { spec: { holderIdentity: 'b', leaseTransitions: 1 } } },
      'bad numbers and label': { to: { spec: { leaseTransitions: -1 }, 'metadata.labels': { a: '-' } } },
    },
  },
  {
    kind: 'PriorityClass',
    path: '/apis/scheduling.k8s.io/v1/priorityclasses',
    base: { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'class' }, value: 10 },
    dryRun: true,
    create: {
      minimal: {},
      'no value': { value: null },
      'never preempting': { preemptionPolicy: 'Never', globalDefault: true, description: 'x' },
      'bad policy': { preemptionPolicy: 'Sometimes' },
      'empty policy': { preemptionPolicy: '' },
      'too high': { value: 1_000_000_001 },
      'too high and bad policy': { value: 2_000_000_000, preemptionPolicy: 'x', 'metadata.labels': { a: '-' } },
      'name of the system': { 'metadata.name': 'system-own' },
      'known name with another value': { 'metadata.name': 'system-node-critical' },
      'bad name': { 'metadata.name': 'A' },
    },
    update: {
      value: { to: { value: 11 } },
      policy: { to: { preemptionPolicy: 'Never', value: 12 } },
      description: { to: { description: 'y' } },
      'bad label': { to: { 'metadata.labels': { a: '-' } } },
    },
  },
  {
    kind: 'RuntimeClass',
    path: '/apis/node.k8s.io/v1/runtimeclasses',
    base: { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'runtime' }, handler: 'gvisor' },
    create: {
      minimal: {},
      full: {
        overhead: { podFixed: { cpu: '10m', memory: '64Mi' } },
        scheduling: { nodeSelector: { a: 'b' }, tolerations: [{ key: 'c', operator: 'Exists' }] },
      },
      'no handler': { handler: null },
      'bad handler': { handler: 'A_' },
      'bad overhead': { overhead: { podFixed: { cpu: '-1', 'a b': '1' } } },
      'bad scheduling': {
        scheduling: {
          nodeSelector: { 'a b': '-' },
          tolerations: [
            { operator: 'Equal' },
            { key: 'c', operator: 'Sometimes' },
            { key: 'd', value: 'e', operator: 'Exists' },
          ],
        },
      },
      'same toleration twice': {
        scheduling: {
          tolerations: [
            { key: 'c', operator: 'Exists' },
            { key: 'c', operator: 'Exists' },
          ],
        },
      },
      'bad name': { 'metadata.name': 'A' },
    },
    update: { handler: { to: { handler: 'other' } }, 'bad label': { to: { 'metadata.labels': { a: '-' } } } },
  },
  {
    kind: 'LimitRange',
    path: `${defaultNamespace}/limitranges`,
    base: {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'range' },
      spec: { limits: [{ type: 'Container', max: { cpu: '2' } }] },
    },
    dryRun: true,
    create: {
      minimal: {},
      'no limits': { spec: null },
      'all of a container': {
        'spec.limits.0': {
          type: 'Container',
          max: { cpu: '2', memory: '1Gi' },
          min: { cpu: '1' },
          default: { memory: '512Mi' },
        },
      },
      'pods have no defaults': {
        'spec.limits.0': { type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '1' } },
      },
      types: {
        'spec.limits': [
          { type: 'Container' },
          { type: 'Container' },
          { type: 'Other' },
          {},
          { type: 'a.b/c' },
          { type: 'a b' },
        ],
      },
      'claims without storage': { 'spec.limits.0': { type: 'PersistentVolumeClaim', max: { cpu: '1' } } },
      'claims with storage': { 'spec.limits.0': { type: 'PersistentVolumeClaim', max: { storage: '1Gi' } } },
      'wrong order': {
        'spec.limits.0': {
          type: 'Container',
          min: { cpu: '3' },
          max: { cpu: '1' },
          default: { cpu: '2' },
          defaultRequest: { cpu: '4' },
          maxLimitRequestRatio: { cpu: '500m' },
        },
      },
      'ratio too high': {
        'spec.limits.0': {
          type: 'Container',
          min: { cpu: '1' },
          max: { cpu: '2' },
          maxLimitRequestRatio: { cpu: '3' },
        },
      },
      'unknown resource': { 'spec.limits.0': { type: 'Container', max: { 'a b': '1', other: '1' } } },
      'huge pages': {
        'spec.limits.0': {
          type: 'Container',
          default: { 'hugepages-2Mi': '4Mi' },
          defaultRequest: { 'hugepages-2Mi': '2Mi' },
        },
      },
      'bad name': { 'metadata.name': 'A' },
    },
    update: {
      'bad type': { to: { 'spec.limits.0.type': 'x' } },
      'bad label': { to: { 'metadata.labels': { a: '-' } } },
    },
  },
  {
    kind: 'ResourceQuota',
    path: `${defaultNamespace}/resourcequotas`,
    base: { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'quota' }, spec: { hard: { pods: '10' } } },
    dryRun: true,
    create: {
      minimal: {},
      'no hard limits': { spec: null },
      'many limits': {
        'spec.hard': { 'requests.cpu': '1', 'limits.memory': '1Gi', 'count/deployments.apps': '2', services: '3' },
      },
      'bad limits': { 'spec.hard': { pods: '-1', 'a b': '1', 'count/': '1', cpu: '1500u', services: '1500m' } },
      'unknown limit': { 'spec.hard': { other: '1' } },
      'bad scope': { 'spec.scopes': ['Other'] },
      'scopes that contradict': { 'spec.scopes': ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating'] },
      'scope that does not fit': { 'spec.scopes': ['BestEffort'], 'spec.hard': { cpu: '1', services: '1' } },
      'good scope': { 'spec.scopes': ['NotTerminating'] },
      'scope selector': {
        'spec.scopeSelector': { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] },
      },
      'bad scope selector': {
        'spec.scopeSelector': {
          matchExpressions: [
            { scopeName: 'Other', operator: 'Exists' },
            { scopeName: 'BestEffort', operator: 'In', values: ['a'] },
            { scopeName: 'PriorityClass', operator: 'In' },
            { scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] },
            { scopeName: 'PriorityClass', operator: 'Like' },
            { scopeName: 'NotBestEffort', operator: 'Exists' },
          ],
        },
      },
      'bad name and label': { 'metadata.name': 'A', 'metadata.labels': { a: '-' } },
    },
    update: {
      hard: { to: { 'spec.hard': { pods: '20' } } },
      'scopes and label': { to: { 'spec.scopes': ['BestEffort'], 'metadata.labels': { a: '-' } } },
      status: { to: { status: { hard: { pods: '10' }, used: { pods: '1' } } }, subresource: 'status' },
      'bad status': {
        to: { status: { hard: { pods: '-1' }, used: { 'a b': '1', pods: '1500m' } } },
        subresource: 'status',
      },
    },
  },
  {
    kind: 'Node',
    path: '/api/v1/nodes',
    base: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node' } },
    create: {
      minimal: {},
      full: {
        spec: { podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24'], providerID: 'x', unschedulable: true },
        'metadata.annotations': { 'node.alpha.kubernetes.io/ttl': '0' },
      },
      taints: { 'spec.taints': [{ key: 'a', value: 'b', effect: 'NoSchedule' }] },
      'bad taints': {
        'spec.taints': [
          { key: 'a b', effect: 'NoSchedule' },
          { key: 'c', value: '-', effect: 'Never' },
          { key: 'd' },
          { key: 'e', effect: 'NoExecute' },
          { key: 'e', effect: 'NoExecute' },
        ],
      },
      'bad ranges': { spec: { podCIDR: 'x', podCIDRs: ['x', '10.0.0.0/24', '10.1.0.0/24'] } },
      'two ranges of one family': { spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24', '10.1.0.0/24'] } },
      capacity: {
        status: {
          capacity: { cpu: '4', memory: '8Gi', 'example.com/gpu': '1' },
          addresses: [{ type: 'InternalIP', address: '10.2.0.1' }],
        },
      },
      'bad capacity': { status: { capacity: { cpu: '-1', 'a b': '1', other: '1', 'example.com/gpu': '1500m' } } },
      'bad addresses': {
        status: {
          addresses: [
            { type: 'A', address: 'b' },
            { type: 'A', address: 'b' },
          ],
        },
      },
      'bad name': { 'metadata.name': 'A_' },
      'bad annotations': { 'metadata.annotations': { 'a b': '' } },
    },
    update: {
      labels: { to: { 'metadata.labels': { a: 'b' } } },
      'bad label': { to: { 'metadata.labels': { a: '-' } } },
      taint: { to: { 'spec.taints': [{ key: 'a', effect: 'NoSchedule' }] } },
      'provider and range of its own': {
        from: { spec: { podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24'], providerID: 'x' } },
        to: { 'spec.podCIDR': '10.2.0.0/24', 'spec.podCIDRs': ['10.2.0.0/24'], 'spec.providerID': 'y' },
      },
      'external id': { to: { 'spec.externalID': 'x' } },
      status: { to: { 'status.capacity': { cpu: '4' }, 'status.phase': 'Running' }, subresource: 'status' },
      'bad status': {
        to: {
          'status.capacity': { cpu: '-4' },
          'status.addresses': [
            { type: 'A', address: 'b' },
            { type: 'A', address: 'b' },
          ],
          'status.config': { error: 'x', assigned: {} },
        },
        subresource: 'status',
      },
    },
  },
  {
    kind: 'Event',
    path: `${defaultNamespace}/events`,
    base: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'event' },
      involvedObject: { kind: 'Pod', name: 'a', namespace: 'default' },
    },
    create: {
      minimal: {},
      'in another namespace': { 'involvedObject.namespace': 'other' },
      'about nothing': { involvedObject: {} },
      'about a node in another namespace': { involvedObject: { kind: 'Node', name: 'n', namespace: 'other' } },
      'about a node': { involvedObject: { kind: 'Node', name: 'n' } },
      'name of a moment': { 'metadata.name': 'pod.17f3a' },
      'bad name and label': { 'metadata.name': 'A', 'metadata.labels': { a: '-' } },
      'moment without more': { eventTime: '2026-01-01T00:00:00.000000Z' },
      'moment with all': {
        eventTime: '2026-01-01T00:00:00.000000Z',
        reportingComponent: 'example.com/c',
        reportingInstance: 'i',
        action: 'A',
        reason: 'R',
        type: 'Normal',
      },
    },
    update: {
      count: { to: { count: 2 } },
      'another object': { to: { 'involvedObject.namespace': 'other', 'metadata.labels': { a: '-' } } },
    },
  },
  {
    kind: 'Event of its own group',
    path: '/apis/events.k8s.io/v1/namespaces/default/events',
    base: {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'new-event' },
      regarding: { kind: 'Pod', name: 'a', namespace: 'default' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'example.com/c',
      reportingInstance: 'i',
      action: 'A',
      reason: 'R',
      type: 'Normal',
    },
    create: {
      minimal: {},
      'nothing set': {
        eventTime: null,
        reportingController: null,
        reportingInstance: null,
        action: null,
        reason: null,
        type: null,
      },
      'bad values': { reportingController: 'a b', type: 'Other', note: 'x'.repeat(1025), reason: 'r'.repeat(129) },
      'long names': { reportingInstance: 'i'.repeat(129), action: 'a'.repeat(129) },
      'series once': { series: { count: 1 } },
      'series twice': { series: { count: 2, lastObservedTime: '2026-01-01T00:00:00.000000Z' } },
      'old fields': { deprecatedSource: { component: 'a' }, deprecatedCount: 1 },
      'bad name and label': { 'metadata.name': 'A', 'metadata.labels': { a: '-' } },
    },
    update: {
      note: { to: { note: 'x' } },
      action: { to: { action: 'B', 'regarding.name': 'b' } },
      series: { to: { series: { count: 2, lastObservedTime: '2026-01-01T00:00:00.000000Z' } } },
      'bad label': { to: { 'metadata.labels': { a: '-' } } },
    },
  },
];
