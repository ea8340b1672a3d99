import { create, get, jsonPatch, mergePatch, type Scenario, strategicPatch } from '../src/exchange.ts';
import { apps, configMap, core, deployment, pod, service } from './objects.ts';

const cm = (name = ''): string => core('configmaps', name);
const web = apps('deployments', 'web');

/** The three patches that are not apply. */
export const patchScenarios: readonly Scenario[] = [
  {
    name: 'json patches',
    steps: [
      create(cm(), configMap('a', { a: '1', b: '2' })),
      jsonPatch(cm('a'), [{ op: 'add', path: '/data/c', value: '3' }]),
      jsonPatch(cm('a'), [
        { op: 'replace', path: '/data/a', value: '9' },
        { op: 'remove', path: '/data/b' },
      ]),
      jsonPatch(cm('a'), [
        { op: 'test', path: '/data/a', value: '9' },
        { op: 'copy', from: '/data/a', path: '/data/d' },
      ]),
      jsonPatch(cm('a'), [{ op: 'move', from: '/data/d', path: '/data/e' }]),
      jsonPatch(cm('a'), [{ op: 'test', path: '/data/a', value: 'wrong' }]),
      jsonPatch(cm('a'), [{ op: 'remove', path: '/data/missing' }]),
      jsonPatch(cm('a'), [{ op: 'replace', path: '/data/missing', value: '1' }]),
      jsonPatch(cm('a'), [{ op: 'add', path: '/missing/parent', value: '1' }]),
      jsonPatch(cm('a'), [{ op: 'dance', path: '/data/a' }]),
      jsonPatch(cm('a'), [{ op: 'add', path: '/metadata/labels', value: { 'a~1b': 'c' } }]),
      jsonPatch(cm('a'), [{ op: 'add', path: '/metadata/labels/example.com~1x', value: 'y' }]),
      jsonPatch(cm('a'), { op: 'add' }),
      jsonPatch(cm('a'), []),
      jsonPatch(cm('a'), [{ op: 'replace', path: '/metadata/name', value: 'b' }]),
      jsonPatch(cm('a'), [{ op: 'replace', path: '/data/a', value: 5 }]),
      jsonPatch(cm('missing'), [{ op: 'add', path: '/data/c', value: '3' }]),
      jsonPatch(`${cm('a')}?dryRun=All`, [{ op: 'replace', path: '/data/a', value: 'dry' }]),
      jsonPatch(cm('a'), 'not json'),
      get(cm('a')),
    ],
  },
  {
    name: 'merge patches',
    steps: [
      create(cm(), configMap('a', { a: '1', b: '2' })),
      mergePatch(cm('a'), { data: { a: null, c: '3' } }),
      mergePatch(cm('a'), { metadata: { labels: { x: 'y' }, annotations: { k: 'v' } } }),
      mergePatch(cm('a'), { metadata: { labels: null } }),
      mergePatch(cm('a'), {}),
      mergePatch(cm('a'), { data: 'wrong' }),
      mergePatch(cm('a'), { data: { a: 5 } }),
      mergePatch(cm('a'), { metadata: { name: 'b' } }),
      mergePatch(cm('a'), { metadata: { namespace: 'other' } }),
      mergePatch(cm('a'), { metadata: { uid: '11111111-1111-4111-8111-111111111111' } }),
      mergePatch(cm('a'), { metadata: { resourceVersion: '1' } }),
      mergePatch(cm('a'), { kind: 'Secret' }),
      mergePatch(cm('a'), { apiVersion: 'v2' }),
      mergePatch(cm('a'), []),
      mergePatch(cm('a'), 'nonsense'),
      mergePatch(cm('missing'), { data: { a: '1' } }),
      mergePatch(`${cm('a')}?fieldValidation=Strict`, { extra: 1 }),
      mergePatch(`${cm('a')}?fieldManager=me&force=true`, { data: { a: '1' } }),
      create(apps('deployments'), deployment('web')),
      mergePatch(web, { spec: { template: { spec: { containers: [{ name: 'only', image: 'new:1' }] } } } }),
      mergePatch(apps('deployments', 'web/scale'), { spec: { replicas: 4 } }),
      mergePatch(apps('deployments', 'web/status'), {
        status: { replicas: 4, conditions: [{ type: 'Available', status: 'True' }] },
      }),
      get(web),
    ],
  },
  {
    name: 'strategic merge patches',
    steps: [
      create(apps('deployments'), deployment('web')),
      strategicPatch(web, { spec: { template: { spec: { containers: [{ name: 'main', image: 'nginx:1.28' }] } } } }),
      strategicPatch(web, { spec: { template: { spec: { containers: [{ name: 'side', image: 'side:1' }] } } } }),
      strategicPatch(web, { spec: { template: { spec: { containers: [{ name: 'side', $patch: 'delete' }] } } } }),
      strategicPatch(web, {
        spec: {
          template: {
            spec: {
              containers: [
                {
                  name: 'main',
                  env: [
                    { name: 'A', value: '1' },
                    { name: 'B', value: '2' },
                  ],
                },
              ],
            },
          },
        },
      }),
      strategicPatch(web, {
        spec: {
          template: {
            spec: {
              containers: [
                {
                  name: 'main',
                  env: [{ name: 'B', value: '3' }],
                  '$setElementOrder/env': [{ name: 'B' }, { name: 'A' }],
                },
              ],
              '$setElementOrder/containers': [{ name: 'main' }],
            },
          },
        },
      }),
      strategicPatch(web, {
        spec: {
          template: {
            spec: {
              containers: [{ name: 'main', ports: [{ containerPort: 80, name: 'http' }, { containerPort: 81 }] }],
            },
          },
        },
      }),
      strategicPatch(web, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }),
      strategicPatch(web, { metadata: { labels: { a: 'b' }, finalizers: ['example.com/a', 'example.com/b'] } }),
      strategicPatch(web, { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/a'] } }),
      strategicPatch(web, { metadata: { labels: { $patch: 'replace', c: 'd' } } }),
      strategicPatch(web, { spec: { template: { spec: { containers: [{ image: 'no-key' }] } } } }),
      strategicPatch(web, { spec: { template: { spec: { $patch: 'dance' } } } }),
      strategicPatch(web, { spec: { replicas: 'many' } }),
      strategicPatch(web, { spec: { replicas: null } }),
      strategicPatch(web, {}),
      strategicPatch(web, 'nonsense'),
      strategicPatch(web, { metadata: { resourceVersion: '1' } }),
      create(core('services'), service('svc')),
      strategicPatch(core('services', 'svc'), { spec: { ports: [{ port: 80, name: 'web' }] } }),
      strategicPatch(core('services', 'svc'), { spec: { selector: { app: 'other', more: 'x' } } }),
      create(core('pods'), pod('p', { volumes: [{ name: 'v', emptyDir: {} }] })),
      strategicPatch(core('pods', 'p'), { spec: { tolerations: [{ key: 'a', operator: 'Exists' }] } }),
      strategicPatch(core('pods', 'p'), { spec: { containers: [{ name: 'main', image: 'other:1' }] } }),
      strategicPatch(core('pods', 'p'), { spec: { restartPolicy: 'Never' } }),
      strategicPatch(core('pods', 'p/status'), {
        status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
      }),
      strategicPatch(core('pods', 'p/status'), { status: { conditions: [{ type: 'Initialized', status: 'True' }] } }),
      strategicPatch(apps('deployments', 'missing'), {}),
      get(web),
    ],
  },
];
