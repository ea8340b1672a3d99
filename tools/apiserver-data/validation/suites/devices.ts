import type { Changes, Suite } from '../suite.ts';

const apiVersion = 'resource.k8s.io/v1';
const cel = (expression: string): object => ({ cel: { expression } });
const exactly = { deviceClassName: 'gpu' };
const request = { name: 'one', exactly };
const device = { name: 'device' };
const opaque = { driver: 'gpu.example.com', parameters: { kind: 'Config' } };

/** Expressions are good ones: only the real server compiles them. `at` leads to the spec of a claim. */
function claims(at: string): Record<string, Changes> {
  const devices = (more: object): Changes => ({ [`${at}.devices`]: { requests: [request], ...more } });
  const requests = (...list: object[]): Changes => devices({ requests: list });
  const one = (more: object): Changes => requests({ name: 'one', exactly: { ...exactly, ...more } });
  return {
    minimal: {},
    full: devices({
      requests: [
        { name: 'one', exactly: { ...exactly, selectors: [cel('device.driver == "gpu.example.com"')], count: 2 } },
        {
          name: 'two',
          firstAvailable: [
            { name: 'a', deviceClassName: 'gpu', allocationMode: 'All' },
            { name: 'b', deviceClassName: 'cpu' },
          ],
        },
      ],
      constraints: [{ requests: ['one', 'two/a'], matchAttribute: 'gpu.example.com/model' }],
      config: [{ requests: ['two'], opaque }],
    }),
    'no spec': { [at]: null },
    'no devices': { [at]: {} },
    'requests without anything': requests({}, { name: 'A_' }, { name: 'b', exactly: {} }),
    'both kinds of request': requests({ ...request, firstAvailable: [{ name: 'a', deviceClassName: 'gpu' }] }),
    'same name twice': requests(request, request),
    'too many requests': requests(...Array.from({ length: 33 }, (_, index) => ({ ...request, name: `r${index}` }))),
    'bad class': one({ deviceClassName: 'A_' }),
    'no expression': one({ selectors: [{}] }),
    'too many selectors': one({ selectors: Array.from({ length: 33 }, () => cel('true')) }),
    'all and a count': one({ allocationMode: 'All', count: 1 }),
    'negative count': one({ count: -1 }),
    'bad mode': one({ allocationMode: 'Some' }),
    'tolerations are not known yet': one({ tolerations: [{ operator: 'Sometimes' }] }),
    'capacities are not known yet': one({ capacity: { requests: { memory: '1Gi' } } }),
    'bad alternatives': requests({
      name: 'one',
      firstAvailable: [
        {},
        { name: 'a', deviceClassName: 'gpu', count: -1 },
        { name: 'a', deviceClassName: 'A_', allocationMode: 'x' },
      ],
    }),
    'too many alternatives': requests({
      name: 'one',
      firstAvailable: Array.from({ length: 9 }, (_, index) => ({ name: `a${index}`, deviceClassName: 'gpu' })),
    }),
    'bad constraints': devices({
      constraints: [
        {},
        { requests: ['one', 'one', 'two', 'one/a', 'one/a/b', 'A_'], matchAttribute: 'model' },
        { matchAttribute: '/' },
        { matchAttribute: 'A_/1-2' },
        { distinctAttribute: 'gpu.example.com/model' },
        { matchAttribute: `gpu.example.com/${'m'.repeat(33)}` },
      ],
    }),
    'too many constraints': devices({
      constraints: Array.from({ length: 33 }, () => ({ matchAttribute: 'gpu.example.com/model' })),
    }),
    'bad configurations': devices({
      config: [
        {},
        { requests: ['two'], opaque: {} },
        { opaque: { driver: 'A_', parameters: 5 } },
        { opaque: { ...opaque, parameters: null } },
      ],
    }),
    'bad name': { 'metadata.name': 'A_' },
  };
}

export const devices: readonly Suite[] = [
  {
    kind: 'ResourceClaim',
    path: `/apis/${apiVersion}/namespaces/default/resourceclaims`,
    base: {
      apiVersion,
      kind: 'ResourceClaim',
      metadata: { name: 'claim' },
      spec: { devices: { requests: [request] } },
    },
    create: {
      ...claims('spec'),
      'large configuration': {
        'spec.devices.config': [{ opaque: { ...opaque, parameters: { a: 'b'.repeat(10_240) } } }],
      },
    },
    update: {
      'other class': { to: { 'spec.devices.requests.0.exactly.deviceClassName': 'cpu' } },
      'bad label': { to: { 'metadata.labels': { a: '-' } } },
      label: { to: { 'metadata.labels': { a: 'b' } } },
    },
  },
  {
    kind: 'ResourceClaimTemplate',
    path: `/apis/${apiVersion}/namespaces/default/resourceclaimtemplates`,
    base: {
      apiVersion,
      kind: 'ResourceClaimTemplate',
      metadata: { name: 'template' },
      spec: { metadata: { labels: { a: 'b' } }, spec: { devices: { requests: [request] } } },
    },
    create: {
      ...claims('spec.spec'),
      'bad metadata': { 'spec.metadata': { labels: { 'a b': '-' }, annotations: { 'c d': '' }, finalizers: ['x'] } },
    },
    update: {
      'other class': { to: { 'spec.spec.devices.requests.0.exactly.deviceClassName': 'cpu' } },
      'bad label': { to: { 'metadata.labels': { a: '-' } } },
    },
  },
  {
    kind: 'ResourceSlice',
    path: `/apis/${apiVersion}/resourceslices`,
    base: {
      apiVersion,
      kind: 'ResourceSlice',
      metadata: { name: 'slice' },
      spec: {
        driver: 'gpu.example.com',
        pool: { name: 'node', resourceSliceCount: 1 },
        nodeName: 'node',
        devices: [device],
      },
    },
    create: {
      minimal: {},
      full: {
        'spec.devices': [
          {
            name: 'one',
            attributes: {
              model: { string: 'x' },
              'gpu.example.com/size': { int: 5 },
              fast: { bool: true },
              driver: { version: '1.2.3-a.1+b' },
            },
            capacity: { memory: { value: '1Gi' } },
          },
          { name: 'two' },
        ],
      },
      'selected nodes': {
        'spec.nodeName': null,
        'spec.nodeSelector': { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] },
      },
      'all nodes': { 'spec.nodeName': null, 'spec.allNodes': true },
      'no devices': { 'spec.devices': null },
      'no spec': { spec: null },
      'nothing set': { spec: {} },
      'bad words': { 'spec.driver': 'A_', 'spec.pool': { name: 'B_/c', generation: -1 }, 'spec.nodeName': 'D_' },
      'long pool': { 'spec.pool.name': 'p'.repeat(254) },
      'empty node and not all nodes': { 'spec.nodeName': '', 'spec.allNodes': false },
      'nodes in several ways': { 'spec.allNodes': true, 'spec.nodeSelector': { nodeSelectorTerms: [] } },
      'nodes of each device are not known yet': { 'spec.nodeName': null, 'spec.perDeviceNodeSelection': true },
      'counters are not known yet': { 'spec.sharedCounters': [{ name: 'a', counters: { b: { value: '1' } } }] },
      'fields of devices that are not known yet': {
        'spec.devices': [
          {
            name: 'one',
            nodeName: 'a',
            taints: [{ key: 'a', effect: 'NoSchedule' }],
            consumesCounters: [{}],
            bindsToNode: true,
            bindingConditions: ['a'],
            bindingFailureConditions: ['b'],
            allowMultipleAllocations: true,
            capacity: { memory: { value: '1Gi', requestPolicy: { default: '1' } } },
          },
        ],
      },
      'bad devices': { 'spec.devices': [{}, { name: 'A_' }, device, device] },
      'too many devices': { 'spec.devices': Array.from({ length: 129 }, (_, index) => ({ name: `d${index}` })) },
      'too many attributes': {
        'spec.devices.0.attributes': Object.fromEntries(
          Array.from({ length: 33 }, (_, index) => [`a${index}`, { int: 1 }]),
        ),
      },
      'bad attributes': {
        'spec.devices.0.attributes': {
          a: {},
          b: { string: 's'.repeat(65) },
          c: { version: 'v1' },
          d: { string: 'x', bool: true },
          '1': { int: 1 },
          'A_/x': { int: 1 },
          '/': { int: 1 },
        },
      },
      'bad capacities': { 'spec.devices.0.capacity': { '1': { value: '1' }, 'x/': { value: '1' } } },
      'bad name': { 'metadata.name': 'A_' },
    },
    update: {
      'other devices': { to: { 'spec.devices': [{ name: 'other' }] } },
      'other pool, driver and node': { to: { 'spec.pool.name': 'b', 'spec.driver': 'b.c', 'spec.nodeName': 'b' } },
      'bad device and label': { to: { 'spec.devices': [{ name: '' }], 'metadata.labels': { a: '-' } } },
    },
  },
  {
    kind: 'DeviceClass',
    path: `/apis/${apiVersion}/deviceclasses`,
    base: { apiVersion, kind: 'DeviceClass', metadata: { name: 'class' } },
    create: {
      minimal: {},
      full: { spec: { selectors: [cel('device.driver == "gpu.example.com"')], config: [{ opaque }] } },
      'bad selectors': { 'spec.selectors': [{}, cel(`true ${' '.repeat(10_240)}`)] },
      'too many selectors': { 'spec.selectors': Array.from({ length: 33 }, () => cel('true')) },
      'bad configurations': { 'spec.config': [{}, { opaque: {} }, { opaque: { driver: 'A_', parameters: [] } }] },
      'too many configurations': { 'spec.config': Array.from({ length: 33 }, () => ({ opaque })) },
      'extended resources are not known yet': { 'spec.extendedResourceName': 'A_' },
      'bad name': { 'metadata.name': 'A_' },
    },
    update: {
      'other configuration': { to: { 'spec.config': [{ opaque }] } },
      'bad configuration and label': { to: { 'spec.config': [{}], 'metadata.labels': { a: '-' } } },
    },
  },
];
