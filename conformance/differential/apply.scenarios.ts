import { apply, create, edited, get, mergePatch, remove, type Scenario, update } from '../src/exchange.ts';
import { apps, configMap, container, core, deployment, group, job, role, roleBinding, service } from './objects.ts';

const cm = (name = ''): string => core('configmaps', name);
const web = apps('deployments', 'web');
const config = (data: Record<string, string>): object => ({ ...configMap('a', data) });

/** Server-side apply. */
export const applyScenarios: readonly Scenario[] = [
  {
    name: 'apply creates, changes, shares and gives up fields',
    steps: [
      apply(cm('a'), config({ a: '1', b: '2' })),
      apply(cm('a'), config({ a: '1', b: '2' })),
      apply(cm('a'), config({ a: '1', c: '3' })),
      apply(cm('a'), config({ a: '1' }), 'fieldManager=second'),
      apply(cm('a'), config({ a: '2' }), 'fieldManager=second'),
      apply(cm('a'), config({ a: '2', c: '4' }), 'fieldManager=third'),
      apply(cm('a'), config({ a: '2' }), 'fieldManager=second&force=true'),
      get(cm('a')),
      apply(cm('a'), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }),
      get(cm('a')),
      mergePatch(`${cm('a')}?fieldManager=patcher`, { data: { a: '7', z: '1' } }),
      apply(cm('a'), config({ a: '8' }), 'fieldManager=second'),
      update(
        `${cm('a')}?fieldManager=updater`,
        edited(10, (object) => {
          object.data = { a: 'u' };
        }),
      ),
      get(cm('a')),
    ],
  },
  {
    name: 'apply refuses',
    steps: [
      apply(cm('a'), config({}), ''),
      apply(cm('a'), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } }),
      apply(cm('a'), { kind: 'ConfigMap', metadata: { name: 'a' } }),
      apply(cm('a'), { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }),
      apply(cm('a'), { apiVersion: 'apps/v1', kind: 'ConfigMap', metadata: { name: 'a' } }),
      apply(cm('a'), {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a', managedFields: [{ manager: 'x' }] },
      }),
      apply(cm('a'), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, unknown: 1 }),
      apply(cm('a'), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { a: 1 } }),
      apply(cm('a'), 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: "1"\n'),
      apply(cm('a'), '}{'),
      apply(cm('a'), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', resourceVersion: '1' } }),
      apply(cm('b'), {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'b', uid: '11111111-1111-4111-8111-111111111111' },
      }),
      apply(cm('c'), config({}), `fieldManager=${'x'.repeat(129)}`),
    ],
  },
  {
    name: 'apply of a deployment',
    steps: [
      apply(web, deployment('web')),
      apply(
        web,
        deployment('web', {
          template: {
            metadata: { labels: { app: 'web' } },
            spec: {
              containers: [
                {
                  ...container(),
                  ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP' }],
                  env: [{ name: 'A', value: '1' }],
                },
                container('side', 'side:1'),
              ],
            },
          },
        }),
      ),
      mergePatch(apps('deployments', 'web/scale'), { spec: { replicas: 5 } }),
      apply(web, deployment('web')),
      apply(web, deployment('web'), 'fieldManager=tester&force=true'),
      apply(
        apps('deployments', 'web/status'),
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'web' },
          status: { replicas: 2, conditions: [{ type: 'Available', status: 'True' }] },
        },
        'fieldManager=controller',
      ),
      apply(
        apps('deployments', 'web/scale'),
        { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas: 3 } },
        'fieldManager=scaler&force=true',
      ),
      get(web),
      apply(`${web}?dryRun=All`, deployment('web', { replicas: 9 }), 'fieldManager=tester&force=true'),
      apply(
        web,
        deployment('web', {
          template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container(), container()] } },
        }),
      ),
      apply(
        web,
        deployment('web', { selector: { matchLabels: { app: 'changed' } } }),
        'fieldManager=tester&force=true',
      ),
    ],
  },
  {
    name: 'apply of lists that are sets and maps',
    steps: [
      apply(core('services', 's'), service('s')),
      apply(
        core('services', 's'),
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 's', finalizers: ['example.com/a'] },
          spec: { ports: [{ name: 'https', port: 443 }] },
        },
        'fieldManager=second',
      ),
      apply(
        core('services', 's'),
        { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', finalizers: ['example.com/b'] } },
        'fieldManager=third',
      ),
      get(core('services', 's')),
      apply(group('rbac.authorization.k8s.io/v1', 'roles', 'r'), role('r')),
      apply(group('rbac.authorization.k8s.io/v1', 'rolebindings', 'r'), roleBinding('r')),
      apply(group('batch/v1', 'jobs', 'j'), job('j')),
    ],
  },
  {
    name: 'managed fields that clients touch',
    steps: [
      create(`${cm()}?fieldManager=maker`, configMap('a', { a: '1', b: '2' })),
      mergePatch(`${cm('a')}?fieldManager=maker`, { metadata: { labels: { x: 'y' } } }),
      mergePatch(`${cm('a')}?fieldManager=other`, { data: { a: '2' } }),
      mergePatch(cm('a'), { metadata: { managedFields: [] } }),
      get(cm('a')),
      mergePatch(cm('a'), { metadata: { managedFields: [{}] } }),
      get(cm('a')),
      apply(cm('a'), config({ a: '3' })),
      apply(cm('a'), config({ a: '3' }), 'fieldManager=tester&force=true'),
      get(cm('a')),
      mergePatch(cm('a'), {
        metadata: {
          managedFields: [{ manager: 'x', operation: 'Dance', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} }],
        },
      }),
      remove(cm('a')),
    ],
  },
];
