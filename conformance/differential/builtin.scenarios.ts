import { create, edited, get, remove, type Scenario, update } from '../src/exchange.ts';
import {
  apps,
  autoscaler,
  budget,
  claim,
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
  replicaSet,
  role,
  roleBinding,
  service,
  serviceAccount,
  statefulSet,
} from './objects.ts';

const changed = (
  index: number,
  path: readonly string[],
  value: unknown,
): ((seen: Parameters<ReturnType<typeof edited>>[0]) => unknown) =>
  edited(index, (object) => {
    const last = path.at(-1) ?? '';
    const parent = path
      .slice(0, -1)
      .reduce<Record<string, unknown>>((at, field) => at[field] as Record<string, unknown>, object);
    parent[last] = value;
  });

/** Create, defaults, updates and tables of one built-in kind after the other. */
export const builtinScenarios: readonly Scenario[] = [
  {
    name: 'pods',
    steps: [
      create(core('pods'), pod('plain')),
      create(
        core('pods'),
        pod('rich', {
          hostNetwork: true,
          initContainers: [{ ...container('init'), restartPolicy: 'Always' }],
          containers: [
            {
              ...container('main', 'repo/app'),
              ports: [{ containerPort: 80, name: 'http' }],
              livenessProbe: { httpGet: { port: 'http' } },
              readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 3 },
              env: [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
              resources: { limits: { cpu: '1', memory: '1Gi' } },
              volumeMounts: [{ name: 'config', mountPath: '/config' }],
              lifecycle: { preStop: { exec: { command: ['true'] } } },
            },
          ],
          volumes: [
            { name: 'config', configMap: { name: 'c' } },
            { name: 'empty' },
            { name: 'host', hostPath: { path: '/tmp' } },
            {
              name: 'all',
              projected: {
                sources: [
                  { serviceAccountToken: { path: 'token' } },
                  { downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } },
                ],
              },
            },
          ],
          serviceAccountName: 'robot',
          nodeSelector: { a: 'b' },
          tolerations: [{ key: 'x', operator: 'Exists' }],
        }),
      ),
      update(core('pods', 'plain'), changed(0, ['spec', 'restartPolicy'], 'Never')),
      update(core('pods', 'plain'), changed(0, ['spec', 'activeDeadlineSeconds'], 100)),
      get(core('pods'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
      get(`${core('pods')}?fieldSelector=spec.restartPolicy%3DAlways,status.phase%3DPending`),
    ],
  },
  {
    name: 'deployments',
    steps: [
      create(apps('deployments'), deployment('web')),
      update(apps('deployments', 'web'), changed(0, ['spec', 'replicas'], 7)),
      update(apps('deployments', 'web'), changed(1, ['metadata', 'annotations'], { a: 'b' })),
      update(apps('deployments', 'web'), changed(2, ['spec', 'selector'], { matchLabels: { app: 'other' } })),
      get(apps('deployments'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
      create(
        apps('deployments'),
        deployment('recreate', { strategy: { type: 'Recreate' }, replicas: 0, paused: true }),
      ),
    ],
  },
  {
    name: 'replica sets',
    steps: [
      create(apps('replicasets'), replicaSet('web')),
      get(apps('replicasets', 'web/scale')),
      get(apps('replicasets'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
    ],
  },
  {
    name: 'stateful sets',
    steps: [
      create(apps('statefulsets'), statefulSet('db')),
      update(apps('statefulsets', 'db'), changed(0, ['spec', 'serviceName'], 'other')),
      get(apps('statefulsets'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
    ],
  },
  {
    name: 'daemon sets',
    steps: [
      create(apps('daemonsets'), daemonSet('agent')),
      get(apps('daemonsets'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
    ],
  },
  {
    name: 'services',
    steps: [
      create(core('services'), service('plain')),
      create(core('services'), {
        metadata: { name: 'headless' },
        spec: { clusterIP: 'None', selector: { a: 'b' }, ports: [{ port: 80 }] },
      }),
      create(core('services'), {
        metadata: { name: 'outside' },
        spec: { type: 'ExternalName', externalName: 'example.com' },
      }),
      create(core('services'), {
        metadata: { name: 'node' },
        spec: { type: 'NodePort', selector: { a: 'b' }, ports: [{ port: 80 }] },
      }),
      create(core('services'), {
        metadata: { name: 'balanced' },
        spec: { type: 'LoadBalancer', selector: { a: 'b' }, sessionAffinity: 'ClientIP', ports: [{ port: 80 }] },
      }),
      update(core('services', 'plain'), changed(0, ['spec', 'clusterIP'], '10.0.0.250')),
      get(core('services', 'plain')),
    ],
  },
  {
    name: 'addresses of services',
    steps: [
      create(core('services'), {
        metadata: { name: 'fixed' },
        spec: { clusterIP: '10.0.0.9', selector: { a: 'b' }, ports: [{ port: 80 }] },
      }),
      get('/apis/networking.k8s.io/v1/ipaddresses/10.0.0.9'),
      get('/apis/networking.k8s.io/v1/ipaddresses/10.0.0.9', 'application/json;as=Table;v=v1;g=meta.k8s.io'),
      create('/apis/networking.k8s.io/v1/ipaddresses', {
        metadata: { name: '10.0.0.10' },
        spec: { parentRef: { resource: 'services', namespace: 'default', name: 'other' } },
      }),
      create(core('services'), {
        metadata: { name: 'taken' },
        spec: { clusterIP: '10.0.0.10', selector: { a: 'b' }, ports: [{ port: 80 }] },
      }),
      remove(core('services', 'fixed')),
      get('/apis/networking.k8s.io/v1/ipaddresses/10.0.0.9'),
      get('/apis/networking.k8s.io/v1/ipaddresses/10.0.0.1'),
    ],
  },
  {
    name: 'lists and maps that are set to nothing',
    steps: [
      create('/api/v1/persistentvolumes', {
        metadata: { name: 'nothing' },
        spec: { capacity: {}, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } },
      }),
      create('/api/v1/persistentvolumes', {
        metadata: { name: 'absent' },
        spec: { accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } },
      }),
      create(apps('deployments'), {
        metadata: { name: 'unlabelled' },
        spec: {
          selector: { matchLabels: { a: 'b' } },
          template: { metadata: { labels: {} }, spec: { volumes: [], containers: [container()] } },
        },
      }),
      get('/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas', 'application/json;as=Table;v=v1;g=meta.k8s.io'),
    ],
  },
  {
    name: 'jobs and cron jobs',
    steps: [
      create(group('batch/v1', 'cronjobs'), cronJob('tick')),
      update(group('batch/v1', 'cronjobs', 'tick'), changed(0, ['spec', 'suspend'], true)),
      get(group('batch/v1', 'cronjobs'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
      create(group('batch/v1', 'jobs'), {
        ...job('selected'),
        spec: {
          manualSelector: true,
          selector: { matchLabels: { a: 'b' } },
          template: { metadata: { labels: { a: 'b' } }, spec: { restartPolicy: 'Never', containers: [container()] } },
        },
      }),
      update(group('batch/v1', 'jobs', 'selected'), changed(3, ['spec', 'completions'], 5)),
      get(group('batch/v1', 'jobs'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
    ],
  },
  {
    name: 'roles and bindings',
    steps: [
      create(group('rbac.authorization.k8s.io/v1', 'roles'), role('reader')),
      create(group('rbac.authorization.k8s.io/v1', 'rolebindings'), roleBinding('reader')),
      update(group('rbac.authorization.k8s.io/v1', 'rolebindings', 'reader'), changed(1, ['roleRef', 'name'], 'other')),
      get(group('rbac.authorization.k8s.io/v1', 'rolebindings'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
      create(group('rbac.authorization.k8s.io/v1', 'roles'), { metadata: { name: 'system:with:colons' }, rules: [] }),
    ],
  },
  {
    name: 'budgets and autoscalers',
    steps: [
      create(group('policy/v1', 'poddisruptionbudgets'), budget('web')),
      get(group('policy/v1', 'poddisruptionbudgets'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
      create(group('autoscaling/v2', 'horizontalpodautoscalers'), autoscaler('web')),
      get(group('autoscaling/v1', 'horizontalpodautoscalers', 'web')),
      get(group('autoscaling/v2', 'horizontalpodautoscalers'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
      create(group('autoscaling/v1', 'horizontalpodautoscalers'), {
        metadata: { name: 'old' },
        spec: {
          maxReplicas: 3,
          targetCPUUtilizationPercentage: 50,
          scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' },
        },
      }),
      get(group('autoscaling/v2', 'horizontalpodautoscalers', 'old')),
    ],
  },
  {
    name: 'ingresses and network policies',
    steps: [
      create(group('networking.k8s.io/v1', 'ingresses'), ingress('web')),
      get(group('networking.k8s.io/v1', 'ingresses'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
      create(group('networking.k8s.io/v1', 'networkpolicies'), networkPolicy('allow')),
      get(group('networking.k8s.io/v1', 'networkpolicies'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
    ],
  },
  {
    name: 'leases, claims and accounts',
    steps: [
      create(group('coordination.k8s.io/v1', 'leases'), lease('leader')),
      update(group('coordination.k8s.io/v1', 'leases', 'leader'), changed(0, ['spec', 'holderIdentity'], 'you')),
      get(group('coordination.k8s.io/v1', 'leases'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
      create(core('persistentvolumeclaims'), claim('data')),
      get(core('persistentvolumeclaims'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
      create(core('serviceaccounts'), serviceAccount('robot')),
      get(core('serviceaccounts'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
      create(core('endpoints'), {
        metadata: { name: 'e' },
        subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }],
      }),
      create(group('discovery.k8s.io/v1', 'endpointslices'), {
        metadata: { name: 's' },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['192.0.2.1'] }],
        ports: [{ port: 80 }],
      }),
    ],
  },
  {
    name: 'discovery and other paths',
    steps: [
      get('/api'),
      get('/apis/apps'),
      get('/apis/apps/v1'),
      get('/api/v1'),
      get('/apis/batch/v1'),
      get('/apis/nonsense'),
      get('/apis/apps/v9'),
      get('/nonsense'),
      get('/readyz'),
      get('/livez/ping'),
      get('/healthz'),
      get('/api/v1/nonsense'),
      get('/api/v1/namespaces/{ns}/nonsense/x'),
      get('/api/v1/namespaces/{ns}/nodes'),
    ],
  },
];
