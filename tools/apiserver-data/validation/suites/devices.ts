import type { Changes, Suite } from '../suite.ts';

const apiVersion = 'resource.k8s.io/v1';
const cel = (expression: string): object => ({ cel: { expression } });
const exactly = { deviceClassName: 'gpu' };
const request = { name: 'one', exactly };
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
