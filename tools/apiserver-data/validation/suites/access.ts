import type { Suite } from '../suite.ts';

const api = '/apis/rbac.authorization.k8s.io/v1';
const apiVersion = 'rbac.authorization.k8s.io/v1';
const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];

const badRules = {
  minimal: {},
  'no rules': { rules: null },
  'bad name': { 'metadata.name': 'a/b%' },
  'colons in the name': { 'metadata.name': 'system:a:b' },
  'no verbs': { 'rules.0.verbs': [] },
  'nothing at all': { rules: [{}] },
  'url and resources': { 'rules.0.nonResourceURLs': ['/x'] },
  'only a url': { rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }] },
  'several faults': { rules: [{ verbs: ['get'] }, { apiGroups: [''], verbs: ['get'] }] },
};

const badSubjects = {
  minimal: {},
  'no role': { roleRef: null },
  'other role group': { 'roleRef.apiGroup': 'x' },
  'unknown role kind': { 'roleRef.kind': 'Foo' },
  'role without name': { 'roleRef.name': '' },
  'role with bad name': { 'roleRef.name': 'a/b' },
  'all kinds of subjects': {
    subjects: [
      { kind: 'User', name: 'a' },
      { kind: 'Group', name: 'b' },
      { kind: 'ServiceAccount', name: 'c', namespace: 'd' },
    ],
  },
  'bad subjects': {
    subjects: [
      { kind: 'Robot', name: 'a' },
      { kind: 'User', name: '', apiGroup: 'x' },
      { kind: 'ServiceAccount', name: 'A_', apiGroup: 'y' },
      { kind: 'Group', name: 'g', apiGroup: 'z' },
    ],
  },
};

export const access: readonly Suite[] = [
  {
    kind: 'Role',
    path: `${api}/namespaces/default/roles`,
    base: { apiVersion, kind: 'Role', metadata: { name: 'role' }, rules },
    create: badRules,
    update: { 'no verbs': { to: { 'rules.0.verbs': null } }, 'bad label': { to: { 'metadata.labels': { a: '-' } } } },
  },
  {
    kind: 'ClusterRole',
    path: `${api}/clusterroles`,
    base: { apiVersion, kind: 'ClusterRole', metadata: { name: 'cluster-role' }, rules },
    create: {
      ...badRules,
      aggregation: { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } },
      'aggregation of nothing': { aggregationRule: {} },
      'bad aggregation': { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'a b': '-' } }] } },
    },
    update: { 'no verbs': { to: { 'rules.0.verbs': null } } },
  },
  {
    kind: 'RoleBinding',
    path: `${api}/namespaces/default/rolebindings`,
    base: {
      apiVersion,
      kind: 'RoleBinding',
      metadata: { name: 'binding' },
      roleRef: { kind: 'Role', name: 'r', apiGroup: 'rbac.authorization.k8s.io' },
    },
    create: badSubjects,
    update: {
      'other role': { to: { 'roleRef.name': 'other' } },
      'bad role': { to: { 'roleRef.kind': 'Foo' } },
      'bad label': { to: { 'metadata.labels': { a: '-' } } },
    },
  },
  {
    kind: 'ClusterRoleBinding',
    path: `${api}/clusterrolebindings`,
    base: {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'cluster-binding' },
      roleRef: { kind: 'ClusterRole', name: 'r', apiGroup: 'rbac.authorization.k8s.io' },
    },
    create: {
      ...badSubjects,
      'namespaced role': { 'roleRef.kind': 'Role' },
      'account without namespace': { subjects: [{ kind: 'ServiceAccount', name: 'c' }] },
    },
    update: { 'other role': { to: { 'roleRef.name': 'other' } } },
  },
];
