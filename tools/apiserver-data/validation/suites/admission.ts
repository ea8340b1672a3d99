import type { Changes, Suite } from '../suite.ts';

const apiVersion = 'admissionregistration.k8s.io/v1';
const rule = { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] };
const badSelector = { matchLabels: { 'a b': '-' }, matchExpressions: [{ key: 'a', operator: 'In' }] };
const typeChecking = (...expressionWarnings: object[]): Changes => ({
  status: { typeChecking: { expressionWarnings } },
});

/** Expressions are good ones, or missing: only the real server compiles them. */
const badMatches = (path: string): Record<string, Changes> => ({
  'bad match policy': { [`${path}.matchPolicy`]: 'Some' },
  'bad selectors': { [`${path}.namespaceSelector`]: badSelector, [`${path}.objectSelector`]: badSelector },
  'bad rules': {
    [`${path}.resourceRules`]: [
      {},
      { ...rule, operations: ['*', 'CREATE', 'MAKE'], apiGroups: ['*', 'a'], scope: 'Some' },
      { ...rule, resourceNames: ['a', 'a', 'b/c', '..'], resources: ['*', 'pods'] },
    ],
    [`${path}.excludeResourceRules`]: [{ ...rule, apiVersions: [''], resources: [''] }],
  },
  'named rules': { [`${path}.resourceRules`]: [{ ...rule, resourceNames: ['a', 'b'], scope: 'Namespaced' }] },
});

export const admission: readonly Suite[] = [
  {
    kind: 'ValidatingAdmissionPolicy',
    path: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
    base: {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'policy' },
      spec: {
        matchConstraints: { resourceRules: [rule] },
        validations: [{ expression: 'object.spec.replicas <= 5' }],
      },
    },
    create: {
      minimal: {},
      full: {
        'spec.failurePolicy': 'Ignore',
        'spec.paramKind': { apiVersion: 'rules.example.com/v1', kind: 'ReplicaLimit' },
        'spec.matchConditions': [
          { name: 'not-system', expression: '!request.userInfo.username.startsWith("system:")' },
        ],
        'spec.variables': [{ name: 'replicas', expression: 'object.spec.replicas' }],
        'spec.validations': [
          {
            expression: 'variables.replicas < 9',
            message: 'too many',
            reason: 'Forbidden',
            messageExpression: "'too many: ' + string(variables.replicas)",
          },
        ],
        'spec.auditAnnotations': [{ key: 'replicas', valueExpression: 'string(variables.replicas)' }],
      },
      'no spec': { spec: null },
      'nothing set': { spec: {} },
      'no rules': { 'spec.matchConstraints': {} },
      'bad failure policy': { 'spec.failurePolicy': 'Maybe' },
      'empty parameter kind': { 'spec.paramKind': {} },
      'bad parameter kind': { 'spec.paramKind': { apiVersion: 'A_/-', kind: 'a b' } },
      'parameter kind without version': { 'spec.paramKind': { apiVersion: 'a/', kind: 'K' } },
      'parameter kind of too many parts': { 'spec.paramKind': { apiVersion: 'a/b/c', kind: 'K' } },
      'core parameter kind': { 'spec.paramKind': { apiVersion: 'v1', kind: 'ConfigMap' } },
      ...badMatches('spec.matchConstraints'),
      'bad match conditions': {
        'spec.matchConditions': [
          { name: 'a', expression: 'true' },
          { name: 'a', expression: ' ' },
          { name: '', expression: '' },
          { name: 'b c', expression: 'true' },
        ],
      },
      'bad variables': {
        'spec.variables': [
          { name: '', expression: '' },
          { name: '1a', expression: ' ' },
          { name: 'in', expression: '1' },
          { name: 'x', expression: '1' },
        ],
      },
      'bad validations': {
        'spec.validations': [
          { expression: '' },
          { expression: ' ', message: ' ', messageExpression: ' ', reason: 'Because' },
          { expression: 'true', message: 'a\nb', reason: '' },
        ],
      },
      'only annotations': { 'spec.validations': null, 'spec.auditAnnotations': [{ key: 'a', valueExpression: "'b'" }] },
      'bad annotations': {
        'spec.auditAnnotations': [
          { key: 'a', valueExpression: '' },
          { key: 'a', valueExpression: "'b'" },
          { key: 'b c', valueExpression: ' ' },
          { key: '', valueExpression: "'b'" },
        ],
      },
      'too many annotations': {
        'spec.auditAnnotations': Array.from({ length: 21 }, (_, index) => ({
          key: `k${index}`,
          valueExpression: "'b'",
        })),
      },
      'bad name': { 'metadata.name': 'A_' },
    },
    update: {
      'other rule': { to: { 'spec.matchConstraints.resourceRules.0.operations': ['UPDATE'] } },
      'bad policy and label': { to: { 'spec.failurePolicy': 'x', 'metadata.labels': { a: '-' } } },
      'status by the main path': { to: typeChecking({ fieldRef: 'spec.a', warning: 'b' }) },
      status: { to: typeChecking({ fieldRef: 'spec.validations[0].expression', warning: 'b' }), subresource: 'status' },
      'bad status': {
        to: {
          'status.typeChecking.expressionWarnings': [{ fieldRef: '', warning: '' }],
          'status.conditions': [
            { type: 'A', status: 'Maybe', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'x y', message: '' },
          ],
        },
        subresource: 'status',
      },
    },
  },
  {
    kind: 'ValidatingAdmissionPolicyBinding',
    path: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
    base: {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'binding' },
      spec: { policyName: 'policy', validationActions: ['Deny'] },
    },
    create: {
      minimal: {},
      full: {
        'spec.paramRef': { name: 'limits', namespace: 'default', parameterNotFoundAction: 'Allow' },
        'spec.matchResources': { namespaceSelector: { matchLabels: { environment: 'test' } } },
        'spec.validationActions': ['Warn', 'Audit'],
      },
      'nothing set': { spec: {} },
      'bad policy': { 'spec.policyName': 'A_' },
      'bad actions': { 'spec.validationActions': ['Deny', 'Warn', 'Deny', 'Shout'] },
      'empty parameters': { 'spec.paramRef': {} },
      'parameters twice': { 'spec.paramRef': { name: 'a/b', selector: badSelector, parameterNotFoundAction: 'Cry' } },
      'selected parameters': {
        'spec.paramRef': { selector: { matchLabels: { a: 'b' } }, parameterNotFoundAction: 'Deny' },
      },
      ...badMatches('spec.matchResources'),
      'bad name': { 'metadata.name': 'A_' },
    },
    update: {
      'other actions': { to: { 'spec.validationActions': ['Audit'] } },
      'no policy and bad label': { to: { 'spec.policyName': null, 'metadata.labels': { a: '-' } } },
    },
  },
];
