import type { Suite } from '../suite.ts';

const api = '/apis/admissionregistration.k8s.io/v1';
const rule = { apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['things'] };
const hook = {
  name: 'hook.example.com',
  clientConfig: { service: { name: 'a', namespace: 'b' } },
  rules: [rule],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};
const hooks = (...list: object[]): object => ({ webhooks: list.map((one) => ({ ...hook, ...one })) });
const ofFirst = (changes: Record<string, unknown>): object =>
  Object.fromEntries(Object.entries(changes).map(([path, value]) => [`webhooks.0.${path}`, value]));
const configs = (...list: unknown[]): object =>
  hooks(...list.map((clientConfig, index) => ({ name: `h${index}.example.com`, clientConfig })));
const rules = (...list: object[]): object => ofFirst({ rules: list.map((one) => ({ ...rule, ...one })) });

function suite(kind: string, name: string, more: Readonly<Record<string, object>>): Suite {
  return {
    kind,
    path: `${api}/${kind.toLowerCase()}s`,
    base: { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, webhooks: [hook] },
    dryRun: true,
    create: {
      minimal: {},
      'no webhooks': { webhooks: null },
      'nothing set': { webhooks: [{}] },
      ...(more as Suite['create']),
    },
    update: {
      'other rules': { to: { 'webhooks.0.rules.0.operations': ['UPDATE'] } },
      'bad values and label': { to: { 'webhooks.0.sideEffects': 'Some', 'metadata.labels': { a: '-' } } },
    },
  };
}

export const webhooks: readonly Suite[] = [
  suite('ValidatingWebhookConfiguration', 'validating', {
    'same name twice': { 'webhooks.1': hook },
    'bad names': hooks({ name: 'hook' }, { name: 'A.b.c' }, { name: 'a.b' }),
    'bad enumerations': ofFirst({
      failurePolicy: 'Maybe',
      matchPolicy: '',
      sideEffects: 'Unknown',
      timeoutSeconds: 31,
    }),
    'bad versions': hooks(
      { name: 'a.example.com', admissionReviewVersions: [] },
      { name: 'b.example.com', admissionReviewVersions: ['v2'] },
      { name: 'c.example.com', admissionReviewVersions: ['v1', 'v1', 'A_'] },
    ),
    'bad rules': rules(
      { operations: [], apiGroups: [], apiVersions: [], resources: [] },
      { operations: ['*', 'CREATE'], apiGroups: ['*', 'a'], apiVersions: ['*', 'v1'] },
      { operations: ['MAKE'], apiVersions: [''], scope: 'Some' },
      { resources: ['*', 'pods'] },
      { resources: ['pods/*', 'pods/status', '*/*', '*/scale', '/', ''] },
    ),
    clients: configs(
      {},
      { url: 'https://a.b/c', service: { name: 'a', namespace: 'b' } },
      { url: 'http://user@a.b/c?d=e#f' },
      { url: 'https:///x' },
      { service: {} },
      { service: { name: 'a', namespace: 'b', port: 70_000, path: 'x//Y_' } },
      { service: { name: 'a', namespace: 'b', path: '//' } },
      { service: { name: 'a', namespace: 'b', path: '/v1/x/' } },
    ),
    'bad selectors': ofFirst({
      namespaceSelector: { matchLabels: { 'a b': '' } },
      objectSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] },
    }),
    conditions: ofFirst({
      matchConditions: [
        { name: 'a', expression: 'true' },
        { name: 'a', expression: ' ' },
        { name: '', expression: '' },
        { name: 'b c', expression: 'object.x == 1' },
      ],
    }),
  }),
  suite('MutatingWebhookConfiguration', 'mutating', {
    reinvocation: ofFirst({ reinvocationPolicy: 'IfNeeded', objectSelector: { matchLabels: { a: 'b' } } }),
    'several faults': ofFirst({ reinvocationPolicy: 'Always', timeoutSeconds: 0, clientConfig: null, rules: [{}] }),
  }),
];
