import type { Changes, Suite } from '../suite.ts';

const condition = (changes: object = {}): object => ({
  type: 'A',
  status: 'True',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  reason: 'B',
  message: 'c',
  ...changes,
});
const conditions = (...list: object[]): Changes => ({ 'status.conditions': list.map(condition) });
/** A controller of the server may have changed the object meanwhile. */
const whatever: Changes = { 'metadata.resourceVersion': '' };
const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] };
const user = { kind: 'User', user: { name: 'a' } };
const rule = { subjects: [user], resourceRules: [everything] };

export const servers: readonly Suite[] = [
  {
    kind: 'APIService',
    path: '/apis/apiregistration.k8s.io/v1/apiservices',
    base: {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.example.com' },
      spec: {
        group: 'example.com',
        version: 'v1',
        service: { namespace: 'default', name: 'api' },
        groupPriorityMinimum: 1000,
        versionPriority: 15,
      },
    },
    // The name follows from group and version.
    dryRun: true,
    create: {
      'another name': {},
      minimal: { 'metadata.name': 'v1.example.com' },
      'nothing set': { 'metadata.name': 'a', spec: {} },
      'no spec': { 'metadata.name': 'a', spec: null },
      'no group': { 'metadata.name': 'v2.', 'spec.group': '', 'spec.version': 'v2' },
      'bad group and version': { 'metadata.name': '1.A_', 'spec.group': 'A_', 'spec.version': '1' },
      'bad priorities': {
        'metadata.name': 'v1.example.com',
        'spec.groupPriorityMinimum': 20_001,
        'spec.versionPriority': 1_001,
      },
      'negative priorities': {
        'metadata.name': 'v1.example.com',
        'spec.groupPriorityMinimum': -1,
        'spec.versionPriority': -1,
      },
      'empty service': { 'metadata.name': 'v1.example.com', 'spec.service': {} },
      'bad port': { 'metadata.name': 'v1.example.com', 'spec.service.port': 70_000 },
      'bundle and no verification': {
        'metadata.name': 'v1.example.com',
        'spec.caBundle': 'YQ==',
        'spec.insecureSkipTLSVerify': true,
      },
      'local with a bundle': {
        'metadata.name': 'v1.example.com',
        'spec.service': null,
        'spec.caBundle': 'YQ==',
        'spec.insecureSkipTLSVerify': true,
      },
      'bad path': { 'metadata.name': 'v1.a/b', 'spec.group': 'a/b' },
    },
  },
  {
    kind: 'FlowSchema',
    path: '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas',
    base: {
      apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
      kind: 'FlowSchema',
      metadata: { name: 'flow' },
      spec: { priorityLevelConfiguration: { name: 'catch-all' }, rules: [rule] },
    },
    // A controller of the server adds to the status.
    dryRun: true,
    create: {
      minimal: {},
      full: {
        'spec.matchingPrecedence': 500,
        'spec.distinguisherMethod': { type: 'ByUser' },
        'spec.rules': [
          {
            subjects: [
              user,
              { kind: 'Group', group: { name: 'g' } },
              { kind: 'ServiceAccount', serviceAccount: { namespace: 'default', name: '*' } },
            ],
            resourceRules: [{ ...everything, namespaces: ['a', 'b'], verbs: ['get', 'list'] }],
            nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/', '/healthz', '/a/*'] }],
          },
        ],
      },
      'no spec': { spec: null },
      'nothing set': { spec: {} },
      'precedence of the exempt': { 'spec.matchingPrecedence': 1 },
      'bad precedence': { 'spec.matchingPrecedence': -1 },
      'too high precedence': { 'spec.matchingPrecedence': 10_001 },
      'bad method': { 'spec.distinguisherMethod': { type: 'ByLuck' } },
      'empty method': { 'spec.distinguisherMethod': {} },
      'bad level': { 'spec.priorityLevelConfiguration.name': 'A_' },
      'empty rule': { 'spec.rules': [{}] },
      'bad subjects': {
        'spec.rules.0.subjects': [
          {},
          { kind: 'User' },
          { kind: 'Group' },
          { kind: 'ServiceAccount' },
          { kind: 'User', user: {}, group: { name: 'a' }, serviceAccount: { name: 'a', namespace: 'b' } },
          { kind: 'Group', group: {}, user: { name: 'a' }, serviceAccount: { name: 'a', namespace: 'b' } },
          { kind: 'ServiceAccount', serviceAccount: {}, user: { name: 'a' }, group: { name: 'a' } },
          { kind: 'ServiceAccount', serviceAccount: { name: 'A_', namespace: 'B_' } },
          { kind: 'Robot', user: { name: 'a' } },
        ],
      },
      'bad rules': {
        'spec.rules.0.resourceRules': [
          {},
          { verbs: ['*', 'get'], apiGroups: ['*', 'a'], resources: ['*', 'a'], namespaces: ['*', 'a'] },
          { ...everything, verbs: ['get', 'make'], namespaces: ['A_', 'b.c'] },
          { ...everything, namespaces: [], clusterScope: true },
          { ...everything, namespaces: [] },
        ],
      },
      'bad paths': {
        'spec.rules.0.nonResourceRules': [
          {},
          { verbs: ['*', 'get'], nonResourceURLs: ['*', '/a'] },
          { verbs: ['make'], nonResourceURLs: ['', 'a', '/a b', '/a//b', '/a*', '/*/*', '/*'] },
        ],
      },
      'bad name': { 'metadata.name': 'A_' },
      'name of the mandatory': { 'metadata.name': 'catch-all' },
    },
    update: {
      'bad precedence and label': { to: { ...whatever, 'spec.matchingPrecedence': -1, 'metadata.labels': { a: '-' } } },
      'bad status': {
        to: { ...whatever, ...conditions({ type: 'Dangling' }, { type: 'Dangling' }, { type: '' }) },
        subresource: 'status',
      },
    },
  },
  {
    kind: 'PriorityLevelConfiguration',
    path: '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
    base: {
      apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
      kind: 'PriorityLevelConfiguration',
      metadata: { name: 'level' },
      spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
    },
    dryRun: true,
    create: {
      minimal: {},
      queue: {
        'spec.limited': {
          lendablePercent: 50,
          borrowingLimitPercent: 10,
          limitResponse: { type: 'Queue', queuing: {} },
        },
      },
      'no spec': { spec: null },
      'nothing set': { spec: {} },
      'empty limits': { 'spec.limited': {} },
      'no limits': { 'spec.limited': null },
      'bad type': { 'spec.type': 'Some' },
      exempt: { 'spec.type': 'Exempt' },
      'exempt within limited': { 'spec.exempt': {} },
      'bad exempt': { spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: -1, lendablePercent: 101 } } },
      'bad shares': {
        'spec.limited.nominalConcurrencyShares': -1,
        'spec.limited.lendablePercent': 101,
        'spec.limited.borrowingLimitPercent': -1,
      },
      'no shares': { 'spec.limited.nominalConcurrencyShares': 0 },
      'queue without queues': { 'spec.limited.limitResponse': { type: 'Queue' } },
      'queues without queue': { 'spec.limited.limitResponse': { type: 'Reject', queuing: {} } },
      'bad response': { 'spec.limited.limitResponse': { type: 'Shrug' } },
      'bad queues': {
        'spec.limited.limitResponse': { type: 'Queue', queuing: { queues: -1, handSize: -1, queueLengthLimit: -1 } },
      },
      'too many queues': {
        'spec.limited.limitResponse': {
          type: 'Queue',
          queuing: { queues: 10_000_001, handSize: 1, queueLengthLimit: 1 },
        },
      },
      'large hand': { 'spec.limited.limitResponse': { type: 'Queue', queuing: { queues: 4, handSize: 5 } } },
      'too much entropy': { 'spec.limited.limitResponse': { type: 'Queue', queuing: { queues: 128, handSize: 10 } } },
      'forbidden annotation': {
        'metadata.annotations': { 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares': '' },
      },
      'bad name': { 'metadata.name': 'A_' },
      'name of the mandatory': { 'metadata.name': 'catch-all' },
      'name of the exempt': { 'metadata.name': 'exempt' },
    },
    update: {
      'other shares': { to: { 'spec.limited.nominalConcurrencyShares': 7 } },
      'bad shares and label': { to: { 'spec.limited.nominalConcurrencyShares': -1, 'metadata.labels': { a: '-' } } },
      'bad status': { to: conditions({ type: 'A' }, { type: 'A' }, { type: '' }), subresource: 'status' },
    },
  },
];
