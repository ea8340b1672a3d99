import { create, type Scenario, update } from '../src/exchange.ts';
import {
  apps,
  autoscaler,
  budget,
  configMap,
  container,
  core,
  cronJob,
  daemonSet,
  deployment,
  group,
  ingress,
  job,
  lease,
  networkPolicy,
  pod,
  role,
  roleBinding,
  statefulSet,
} from './objects.ts';

const pods = core('pods');
const deployments = apps('deployments');
const withContainer = (change: object): object => pod('bad', { containers: [{ ...container(), ...change }] });

/** Objects that are refused, by kind; most have more than one fault. */
export const errorScenarios: readonly Scenario[] = [
  {
    name: 'bad pods',
    steps: [
      create(pods, { metadata: { name: 'bad' }, spec: {} }),
      create(pods, { metadata: { name: 'Bad_Name' }, spec: { containers: [container()] } }),
      create(pods, withContainer({ name: '' })),
      create(pods, withContainer({ image: '' })),
      create(pods, withContainer({ name: 'UPPER', imagePullPolicy: 'Sometimes' })),
      create(pods, withContainer({ ports: [{ containerPort: 0 }, { containerPort: 70000, protocol: 'X' }] })),
      create(
        pods,
        withContainer({
          ports: [
            { containerPort: 80, name: 'a' },
            { containerPort: 81, name: 'a' },
          ],
        }),
      ),
      create(pods, withContainer({ env: [{ value: 'no name' }] })),
      create(
        pods,
        withContainer({
          volumeMounts: [
            { name: 'missing', mountPath: '/x' },
            { name: 'missing', mountPath: '' },
          ],
        }),
      ),
      create(pods, withContainer({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } })),
      create(pods, withContainer({ resources: { requests: { cpu: 'lots' } } })),
      create(pods, withContainer({ livenessProbe: {} })),
      create(pods, pod('bad', { containers: [container(), container()] })),
      create(pods, pod('bad', { restartPolicy: 'Sometimes', dnsPolicy: 'Nowhere' })),
      create(pods, pod('bad', { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }] })),
      create(
        pods,
        pod('bad', {
          volumes: [
            { name: 'v', emptyDir: {} },
            { name: 'v', emptyDir: {} },
          ],
        }),
      ),
      create(pods, pod('bad', { terminationGracePeriodSeconds: -5, activeDeadlineSeconds: 0 })),
      create(pods, {
        metadata: { name: 'bad', labels: { 'bad key!': 'x', ok: 'bad value!' }, annotations: { 'a b': 'c' } },
        spec: { containers: [container()] },
      }),
      create(pods, '{"metadata":{"name":"x"'),
      create(pods, 'null'),
      create(pods, '[]'),
      create(pods, ''),
    ],
  },
  {
    name: 'bad deployments',
    steps: [
      create(deployments, { metadata: { name: 'bad' }, spec: {} }),
      create(deployments, deployment('bad', { replicas: -1 })),
      create(deployments, deployment('bad', { replicas: 'many' })),
      create(deployments, deployment('bad', { replicas: 1.5 })),
      create(deployments, deployment('bad', { selector: { matchLabels: { app: 'other' } } })),
      create(deployments, deployment('bad', { selector: {} })),
      create(deployments, deployment('bad', { selector: { matchExpressions: [{ key: 'a', operator: 'Maybe' }] } })),
      create(deployments, deployment('bad', { strategy: { type: 'Dance' } })),
      create(deployments, deployment('bad', { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } })),
      create(deployments, deployment('bad', { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } })),
      create(
        deployments,
        deployment('bad', { minReadySeconds: -1, revisionHistoryLimit: -1, progressDeadlineSeconds: 0 }),
      ),
      create(
        deployments,
        deployment('bad', {
          template: { metadata: { labels: { app: 'bad' } }, spec: { restartPolicy: 'Never', containers: [] } },
        }),
      ),
    ],
  },
  {
    name: 'bad services',
    steps: [
      create(core('services'), { metadata: { name: 'bad' }, spec: {} }),
      create(core('services'), { metadata: { name: '1bad' }, spec: { ports: [{ port: 80 }] } }),
      create(core('services'), { metadata: { name: 'bad' }, spec: { ports: [{ port: 0 }, { port: 80 }] } }),
      create(core('services'), { metadata: { name: 'bad' }, spec: { type: 'Magic', ports: [{ port: 80 }] } }),
      create(core('services'), {
        metadata: { name: 'bad' },
        spec: {
          ports: [
            { name: 'a', port: 80 },
            { name: 'a', port: 81 },
          ],
        },
      }),
      create(core('services'), {
        metadata: { name: 'bad' },
        spec: { sessionAffinity: 'Maybe', ports: [{ port: 80 }] },
      }),
      create(core('services'), { metadata: { name: 'bad' }, spec: { type: 'ExternalName' } }),
      create(core('services'), { metadata: { name: 'bad' }, spec: { clusterIP: 'not-an-ip', ports: [{ port: 80 }] } }),
    ],
  },
  {
    name: 'bad config maps',
    steps: [
      create(core('configmaps'), configMap('bad', { 'not allowed!': 'x' })),
      create(core('configmaps'), { metadata: { name: 'bad' }, data: { a: '1' }, binaryData: { a: 'YQ==' } }),
      create(core('configmaps'), { metadata: { name: 'bad' }, data: { a: 5 } }),
      create(core('configmaps'), { metadata: { name: 'bad' }, data: ['a'] }),
      create(core('configmaps'), { metadata: 'bad' }),
      create(core('configmaps'), { metadata: { name: 5 } }),
      create(core('configmaps'), {
        metadata: {
          name: 'bad',
          ownerReferences: [
            { apiVersion: 'v1', kind: 'Pod', name: 'x' },
            { apiVersion: '', kind: '', name: '', uid: '' },
          ],
        },
      }),
      create(core('configmaps'), {
        metadata: {
          name: 'bad',
          ownerReferences: ['a', 'b'].map((name) => ({
            apiVersion: 'v1',
            kind: 'Pod',
            name,
            uid: name,
            controller: true,
          })),
        },
      }),
      create(core('configmaps'), { metadata: { name: 'fixed' }, immutable: true, data: { a: '1' } }),
      update(core('configmaps', 'fixed'), { metadata: { name: 'fixed' }, immutable: true, data: { a: '2' } }),
      { method: 'POST', path: core('configmaps'), body: 'x', contentType: 'text/plain' },
      { method: 'POST', path: core('configmaps', 'a'), body: configMap('a') },
      { method: 'PATCH', path: core('configmaps', 'fixed'), body: {}, contentType: 'application/json' },
      { method: 'PUT', path: core('configmaps'), body: configMap('a') },
    ],
  },
  {
    name: 'bad workloads of other kinds',
    steps: [
      create(apps('statefulsets'), { metadata: { name: 'bad' }, spec: {} }),
      create(apps('statefulsets'), {
        ...statefulSet('bad'),
        spec: { ...(statefulSet('bad') as { spec: object }).spec, podManagementPolicy: 'Wild', replicas: -2 },
      }),
      create(apps('daemonsets'), { metadata: { name: 'bad' }, spec: {} }),
      create(apps('daemonsets'), {
        ...daemonSet('bad'),
        spec: { ...(daemonSet('bad') as { spec: object }).spec, updateStrategy: { type: 'Wild' } },
      }),
      create(group('batch/v1', 'jobs'), {
        metadata: { name: 'bad' },
        spec: { template: { spec: { containers: [container()] } } },
      }),
      create(group('batch/v1', 'jobs'), {
        ...job('bad'),
        spec: { ...(job('bad') as { spec: object }).spec, parallelism: -1, completions: -1, backoffLimit: -1 },
      }),
      create(group('batch/v1', 'cronjobs'), cronJob('bad', 'every day')),
      create(group('batch/v1', 'cronjobs'), {
        ...cronJob('bad'),
        spec: { ...(cronJob('bad') as { spec: object }).spec, concurrencyPolicy: 'Wild', timeZone: 'Nowhere/Land' },
      }),
    ],
  },
  {
    name: 'bad roles, budgets and others',
    steps: [
      create(group('rbac.authorization.k8s.io/v1', 'roles'), {
        ...role('bad'),
        rules: [
          { apiGroups: [''], resources: ['pods'] },
          { verbs: ['get'], nonResourceURLs: ['/x'] },
        ],
      }),
      create(group('rbac.authorization.k8s.io/v1', 'rolebindings'), {
        ...roleBinding('bad'),
        roleRef: { kind: 'Nobody', name: '' },
        subjects: [{ kind: 'Alien', name: '' }],
      }),
      create(group('policy/v1', 'poddisruptionbudgets'), {
        ...budget('bad'),
        spec: { minAvailable: 1, maxUnavailable: 1 },
      }),
      create(group('policy/v1', 'poddisruptionbudgets'), { ...budget('bad'), spec: { minAvailable: '200%x' } }),
      create(group('autoscaling/v2', 'horizontalpodautoscalers'), {
        ...autoscaler('bad'),
        spec: { minReplicas: 9, maxReplicas: 3, scaleTargetRef: {} },
      }),
      create(group('networking.k8s.io/v1', 'ingresses'), {
        ...ingress('bad'),
        spec: { rules: [{ host: 'Bad Host', http: { paths: [{ path: 'x', backend: {} }] } }] },
      }),
      create(group('networking.k8s.io/v1', 'ingresses'), { metadata: { name: 'bad' }, spec: {} }),
      create(group('networking.k8s.io/v1', 'networkpolicies'), {
        ...networkPolicy('bad'),
        spec: { podSelector: {}, policyTypes: ['Sideways'], ingress: [{ ports: [{ port: 99999 }] }] },
      }),
      create(group('coordination.k8s.io/v1', 'leases'), {
        ...lease('bad'),
        spec: { leaseDurationSeconds: 0, leaseTransitions: -1 },
      }),
      create(core('persistentvolumeclaims'), { metadata: { name: 'bad' }, spec: {} }),
      create('/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name: 'system-bad' }, value: 1 }),
      create('/apis/storage.k8s.io/v1/storageclasses', { metadata: { name: 'bad' }, reclaimPolicy: 'Wild' }),
      create(core('serviceaccounts'), { metadata: { name: 'Bad Account' } }),
      create(core('limitranges'), {
        metadata: { name: 'bad' },
        spec: { limits: [{ type: 'Container', max: { cpu: '1' }, min: { cpu: '2' } }] },
      }),
      create(core('endpoints'), {
        metadata: { name: 'bad' },
        subsets: [{ addresses: [{ ip: 'x' }], ports: [{ port: 0 }] }],
      }),
    ],
  },
];
