import { create, edited, get, remove, type Scenario, update } from '../src/exchange.ts';
import { apps, configMap, core, deployment, event, group, lease, pod, secret, service } from './objects.ts';

const cm = (name = ''): string => core('configmaps', name);

/** Create, get, list, update, delete, deletecollection, subresources, dry run. */
export const verbScenarios: readonly Scenario[] = [
  {
    name: 'life of a config map',
    steps: [
      create(cm(), configMap('a')),
      get(cm('a')),
      update(
        cm('a'),
        edited(1, (object) => {
          object.data = { a: '2', b: '3' };
        }),
      ),
      get(cm('a')),
      update(
        cm('a'),
        edited(3, () => {}),
      ),
      update(cm('a'), configMap('a', { c: '4' })),
      get(cm()),
      remove(cm('a')),
      get(cm('a')),
      remove(cm('a')),
      get(cm()),
    ],
  },
  {
    name: 'generated names',
    steps: [
      create(cm(), { metadata: { generateName: 'gen-' } }),
      create(cm(), { metadata: { generateName: 'a'.repeat(62) } }),
      create(cm(), { metadata: { generateName: 'Gen-' } }),
      create(cm(), { metadata: {} }),
      create(cm(), { metadata: { name: 'named', generateName: 'gen-' } }),
    ],
  },
  {
    name: 'what a client sets in vain',
    steps: [
      create(cm(), {
        metadata: {
          name: 'a',
          uid: '11111111-1111-4111-8111-111111111111',
          creationTimestamp: '2020-01-01T00:00:00Z',
          generation: 7,
          deletionTimestamp: '2020-01-01T00:00:00Z',
          deletionGracePeriodSeconds: 5,
          selfLink: '/x',
        },
      }),
      create(cm(), { metadata: { name: 'b', resourceVersion: '5' } }),
      create(cm(), { metadata: { name: 'c', namespace: 'other' } }),
      create(cm(), { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'd' } }),
      create(cm(), { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'e' } }),
      create(cm(), { metadata: { name: 'f', namespace: '{ns}' } }),
    ],
  },
  {
    name: 'lists and selectors',
    steps: [
      ...['a', 'b', 'c', 'd', 'e'].map((name, index) =>
        create(cm(), { metadata: { name, labels: { odd: String(index % 2 === 1), [`only-${name}`]: '' } } }),
      ),
      get(`${cm()}?labelSelector=odd%3Dtrue`),
      get(`${cm()}?labelSelector=odd%21%3Dtrue`),
      get(`${cm()}?labelSelector=odd%20in%20(true,false),only-c`),
      get(`${cm()}?labelSelector=%21only-a`),
      get(`${cm()}?labelSelector=odd%20notin%20(true)`),
      get(`${cm()}?fieldSelector=metadata.name%3Db`),
      get(`${cm()}?fieldSelector=metadata.name%21%3Db,metadata.namespace%3D{ns}`),
      get(`${cm()}?limit=2`),
      get(`${cm()}?limit=2&labelSelector=odd%3Dfalse`),
      get(`${cm()}?limit=10`),
      get(`${cm()}?resourceVersion=0`),
      get(`${cm()}?resourceVersion=0&limit=2`),
      get(`${cm()}?labelSelector=${encodeURIComponent('odd in (')}`),
      get(`${cm()}?labelSelector=${encodeURIComponent('-bad=1')}`),
      get(`${cm()}?fieldSelector=${encodeURIComponent('data.a=1')}`),
      get(`${cm()}?fieldSelector=metadata.name`),
    ],
  },
  {
    name: 'list options that do not go together',
    steps: [
      get(`${cm()}?resourceVersionMatch=Exact`),
      get(`${cm()}?resourceVersion=0&resourceVersionMatch=Exact`),
      get(`${cm()}?resourceVersion=1&resourceVersionMatch=Sometimes`),
      get(`${cm()}?resourceVersion=abc`),
      get(`${cm()}?limit=abc`),
      get(`${cm()}?limit=-1`),
      get(`${cm()}?continue=abc`),
      get(`${cm()}?continue=abc&resourceVersionMatch=NotOlderThan`),
      get(`${cm()}?sendInitialEvents=true`),
      get(`${cm()}?watch=true&sendInitialEvents=true`),
      get(`${cm()}?watch=true&resourceVersionMatch=NotOlderThan`),
      get(`${cm()}?watch=true&resourceVersion=abc`),
    ],
  },
  {
    name: 'optimistic locks',
    steps: [
      create(cm(), configMap('a')),
      update(cm('a'), { metadata: { name: 'a', resourceVersion: '1' }, data: { a: '9' } }),
      update(
        cm('a'),
        edited(0, (object) => {
          object.metadata = { ...(object.metadata as object), uid: '11111111-1111-4111-8111-111111111111' };
        }),
      ),
      update(cm('missing'), configMap('missing')),
      update(cm('a'), configMap('b')),
      update(cm('a'), { metadata: { namespace: '{ns}' } }),
      create(group('coordination.k8s.io/v1', 'leases'), lease('l')),
      update(group('coordination.k8s.io/v1', 'leases', 'l'), lease('l')),
      update(group('coordination.k8s.io/v1', 'leases', 'created-by-update'), lease('created-by-update')),
      update(core('services', 's'), service('s')),
    ],
  },
  {
    name: 'deletes and their options',
    steps: [
      ...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => create(cm(), configMap(name))),
      remove(cm('a'), { preconditions: { uid: '11111111-1111-4111-8111-111111111111' } }),
      remove(cm('a'), { preconditions: { resourceVersion: '1' } }),
      remove(cm('a'), { propagationPolicy: 'Sideways' }),
      remove(cm('a'), { propagationPolicy: 'Orphan', orphanDependents: true }),
      remove(`${cm('a')}?dryRun=All`),
      remove(cm('a'), { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' }),
      remove(cm('b'), { propagationPolicy: 'Foreground' }),
      get(cm('b')),
      remove(cm('c'), { propagationPolicy: 'Orphan' }),
      get(cm('c')),
      remove(`${cm('d')}?propagationPolicy=Foreground`),
      remove(cm('e'), { gracePeriodSeconds: 0 }),
      remove(`${cm()}?labelSelector=none%3Dthere`),
      remove(`${cm()}?fieldSelector=metadata.name%3Df`),
      get(cm('f')),
    ],
  },
  {
    name: 'finalizers',
    steps: [
      create(cm(), { metadata: { name: 'a', finalizers: ['example.com/hold', 'example.com/more'] } }),
      remove(cm('a')),
      get(cm('a')),
      remove(cm('a')),
      update(
        cm('a'),
        edited(2, (object) => {
          (object.metadata as { finalizers: string[] }).finalizers.push('example.com/third');
        }),
      ),
      update(
        cm('a'),
        edited(2, (object) => {
          (object.metadata as { finalizers: string[] }).finalizers = ['example.com/hold'];
        }),
      ),
      create(cm(), configMap('a')),
      update(
        cm('a'),
        edited(5, (object) => {
          (object.metadata as { finalizers: string[] }).finalizers = [];
        }),
      ),
      get(cm('a')),
      create(cm(), { metadata: { name: 'b', finalizers: ['nonsense'] } }),
      create(cm(), { metadata: { name: 'c', finalizers: ['Bad/Finalizer'] } }),
    ],
  },
  {
    name: 'pods are deleted with grace',
    steps: [
      create(core('pods'), pod('unbound')),
      remove(core('pods', 'unbound')),
      create(core('pods'), pod('bound', { nodeName: 'node-1' })),
      remove(core('pods', 'bound'), { gracePeriodSeconds: 60 }),
      remove(core('pods', 'bound'), { gracePeriodSeconds: 5 }),
      get(core('pods', 'bound')),
      remove(core('pods', 'bound'), { gracePeriodSeconds: 0 }),
      get(core('pods', 'bound')),
      create(core('pods'), pod('bind')),
      create(core('pods', 'bind/binding'), { target: { kind: 'Node', name: 'node-1' } }),
      create(core('pods', 'bind/binding'), { metadata: { name: 'bind' }, target: { kind: 'Node', name: 'node-1' } }),
      get(core('pods', 'bind')),
      create(core('pods', 'bind/binding'), { metadata: { name: 'bind' }, target: { kind: 'Node', name: 'node-2' } }),
      create(core('pods', 'bind/binding'), { metadata: { name: 'bind' }, target: { kind: 'Pod' } }),
    ],
  },
  {
    name: 'status and scale',
    steps: [
      create(apps('deployments'), { ...deployment('web'), status: { replicas: 9 } }),
      get(apps('deployments', 'web/status')),
      update(
        apps('deployments', 'web/status'),
        edited(0, (object) => {
          object.status = { replicas: 1, observedGeneration: 1 };
          object.spec = {};
        }),
      ),
      get(apps('deployments', 'web/scale')),
      update(
        apps('deployments', 'web/scale'),
        edited(3, (object) => {
          object.spec = { replicas: 5 };
        }),
      ),
      get(apps('deployments', 'web')),
      update(apps('deployments', 'web/scale'), {
        metadata: { name: 'web', namespace: '{ns}' },
        spec: { replicas: -1 },
      }),
      update(apps('deployments', 'web/scale'), {
        metadata: { name: 'web', namespace: '{ns}', resourceVersion: '1' },
        spec: { replicas: 1 },
      }),
      get(apps('deployments', 'missing/scale')),
      get(cm('a/status')),
      get(apps('deployments', 'web/nonsense')),
      update(
        apps('deployments', 'web'),
        edited(5, (object) => {
          object.status = { replicas: 7 };
        }),
      ),
    ],
  },
  {
    name: 'dry runs',
    steps: [
      create(`${cm()}?dryRun=All`, configMap('a')),
      get(cm('a')),
      create(`${cm()}?dryRun=Some`, configMap('a')),
      create(cm(), configMap('a')),
      update(`${cm('a')}?dryRun=All`, configMap('a', { z: '1' })),
      get(cm('a')),
      remove(`${cm()}?dryRun=All`),
      get(cm('a')),
      create(`${apps('deployments')}?dryRun=All`, deployment('web')),
    ],
  },
  {
    name: 'field validation',
    steps: [
      create(`${cm()}?fieldValidation=Strict`, { metadata: { name: 'a', unknown: 1 }, data: {}, extra: true }),
      create(`${cm()}?fieldValidation=Warn`, { metadata: { name: 'a' }, extra: true, more: { deep: 1 } }),
      create(`${cm()}?fieldValidation=Ignore`, { metadata: { name: 'b' }, extra: true }),
      create(cm(), { metadata: { name: 'c' }, extra: true }),
      create(`${cm()}?fieldValidation=Loose`, { metadata: { name: 'd' } }),
      create(`${cm()}?fieldValidation=Strict`, '{"metadata":{"name":"e"},"data":{"a":"1","a":"2"}}'),
      create(
        `${apps('deployments')}?fieldValidation=Strict`,
        deployment('web', { replica: 1, template: { spec: { containers: [{ name: 'a', image: 'b', imag: 'c' }] } } }),
      ),
      create(`${cm()}?fieldManager=${'x'.repeat(129)}`, configMap('f')),
      create(`${cm()}?fieldManager=${encodeURIComponent('a\tb')}`, configMap('f')),
    ],
  },
  {
    name: 'partial metadata and tables',
    steps: [
      create(cm(), configMap('a')),
      get(cm('a'), 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'),
      get(cm(), 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'),
      get(cm(), 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'),
      get(cm('a'), 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'),
      get(cm('a'), 'application/json;as=Table;v=v1beta1;g=meta.k8s.io'),
      get(`${cm('a')}?includeObject=None`, 'application/json;as=Table;v=v1;g=meta.k8s.io'),
      get(`${cm('a')}?includeObject=Object`, 'application/json;as=Table;v=v1;g=meta.k8s.io'),
      get(cm('a'), 'application/json;as=Nonsense;v=v1;g=meta.k8s.io'),
      get(cm('a'), 'text/plain'),
      get(cm('missing'), 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'),
    ],
  },
  {
    name: 'namespaces',
    steps: [
      get('/api/v1/namespaces/{ns}'),
      create('/api/v1/namespaces', { metadata: { name: '{ns}' } }),
      create('/api/v1/namespaces', { metadata: { name: 'Bad_Name' } }),
      create('/api/v1/namespaces/missing-namespace/configmaps', configMap('a')),
      get('/api/v1/namespaces/missing-namespace/configmaps'),
      remove('/api/v1/namespaces/default'),
      remove('/api/v1/namespaces/kube-system'),
      remove('/api/v1/namespaces/{ns}'),
      get('/api/v1/namespaces/{ns}'),
      create(cm(), configMap('too-late')),
      get('/api/v1/namespaces/{ns}/status'),
    ],
  },
  {
    name: 'events in both groups',
    steps: [
      create(core('events'), event('e')),
      get(group('events.k8s.io/v1', 'events', 'e')),
      get(`${core('events')}?fieldSelector=involvedObject.name%3Dweb,reason%3DSeen`),
      get(`${core('events')}?fieldSelector=involvedObject.name%3Dother`),
      create(group('events.k8s.io/v1', 'events'), {
        metadata: { name: 'new' },
        eventTime: '2026-01-01T00:00:00.000000Z',
        reportingController: 'test.example.com/c',
        reportingInstance: 'c-1',
        action: 'Look',
        reason: 'Seen',
        regarding: { kind: 'Pod', namespace: '{ns}', name: 'web' },
        note: 'hi',
        type: 'Normal',
      }),
      get(core('events', 'new')),
      create(group('events.k8s.io/v1', 'events'), {
        metadata: { name: 'bad' },
        reason: 'Seen',
        regarding: { namespace: '{ns}' },
      }),
    ],
  },
  {
    name: 'secrets and service accounts',
    steps: [
      create(core('secrets'), secret('s')),
      update(
        core('secrets', 's'),
        edited(0, (object) => {
          object.type = 'other';
        }),
      ),
      create(core('secrets'), { metadata: { name: 'immutable' }, immutable: true, data: { a: 'YQ==' } }),
      update(
        core('secrets', 'immutable'),
        edited(2, (object) => {
          object.data = { a: 'Yg==' };
        }),
      ),
      update(
        core('secrets', 'immutable'),
        edited(2, (object) => {
          object.immutable = false;
        }),
      ),
      create(core('secrets'), { metadata: { name: 'tls' }, type: 'kubernetes.io/tls', data: { 'tls.crt': 'YQ==' } }),
      create(core('secrets'), { metadata: { name: 'bad' }, data: { 'not allowed!': 'YQ==' } }),
      create(core('secrets'), { metadata: { name: 'bad' }, data: { a: 'not base64' } }),
      create(core('serviceaccounts'), { metadata: { name: 'robot' } }),
      remove(core('serviceaccounts', 'robot')),
      get(`${core('secrets')}?fieldSelector=type%3DOpaque`),
    ],
  },
];
