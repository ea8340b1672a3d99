import { expect, test } from 'vitest';
import { listAt, type ServerObject } from '../object.ts';
import { TestServer } from '../server.fixture.ts';
import { humanDuration } from './duration.ts';
import { builtinPrinter, customPrinter, parseJsonPath, renderTable } from './index.ts';

const nowMs = Date.parse('2026-03-01T12:10:00Z');
const created = { uid: 'u', creationTimestamp: '2026-03-01T12:00:00Z' };
const cells = (group: string, version: string, resource: string, object: object): readonly unknown[] =>
  builtinPrinter(group, version, resource).cells(object as ServerObject, nowMs);
const pod = (spec: object, status: object, metadata: object = {}): readonly unknown[] =>
  cells('', 'v1', 'pods', { metadata: { name: 'web', ...created, ...metadata }, spec, status }).slice(1, 4);

test.each([
  [-3_000, '<invalid>'],
  [-1_500, '0s'],
  [0, '0s'],
  [119_999, '119s'],
  [120_000, '2m'],
  [200_000, '3m20s'],
  [600_000, '10m'],
  [10_799_000, '179m'],
  [10_800_000, '3h'],
  [5.2 * 3_600_000, '5h12m'],
  [8 * 3_600_000, '8h'],
  [47 * 3_600_000, '47h'],
  [76 * 3_600_000, '3d4h'],
  [72 * 3_600_000, '3d'],
  [8 * 86_400_000, '8d'],
  [400 * 86_400_000, '400d'],
  [830 * 86_400_000, '2y100d'],
  [730 * 86_400_000, '2y'],
  [3_000 * 86_400_000, '8y'],
])('humanDuration of %d ms is %s', (durationMs, text) => {
  expect(humanDuration(durationMs)).toBe(text);
});

test('builtinPrinter has as many cells as columns for every resource with a printer of its own', () => {
  const resources: [string, string, string][] = [
    ['', 'v1', 'pods'],
    ['', 'v1', 'services'],
    ['', 'v1', 'configmaps'],
    ['', 'v1', 'secrets'],
    ['', 'v1', 'nodes'],
    ['', 'v1', 'events'],
    ['', 'v1', 'namespaces'],
    ['', 'v1', 'endpoints'],
    ['', 'v1', 'persistentvolumes'],
    ['', 'v1', 'persistentvolumeclaims'],
    ['', 'v1', 'resourcequotas'],
    ['', 'v1', 'podtemplates'],
    ['', 'v1', 'replicationcontrollers'],
    ['', 'v1', 'serviceaccounts'],
    ['', 'v1', 'componentstatuses'],
    ['', 'v1', 'limitranges'],
    ['apps', 'v1', 'deployments'],
    ['apps', 'v1', 'replicasets'],
    ['apps', 'v1', 'statefulsets'],
    ['apps', 'v1', 'daemonsets'],
    ['apps', 'v1', 'controllerrevisions'],
    ['batch', 'v1', 'jobs'],
    ['batch', 'v1', 'cronjobs'],
    ['autoscaling', 'v1', 'horizontalpodautoscalers'],
    ['autoscaling', 'v2', 'horizontalpodautoscalers'],
    ['networking.k8s.io', 'v1', 'ingresses'],
    ['networking.k8s.io', 'v1', 'ingressclasses'],
    ['networking.k8s.io', 'v1', 'networkpolicies'],
    ['networking.k8s.io', 'v1', 'servicecidrs'],
    ['policy', 'v1', 'poddisruptionbudgets'],
    ['rbac.authorization.k8s.io', 'v1', 'rolebindings'],
    ['rbac.authorization.k8s.io', 'v1', 'clusterrolebindings'],
    ['rbac.authorization.k8s.io', 'v1', 'roles'],
    ['storage.k8s.io', 'v1', 'storageclasses'],
    ['storage.k8s.io', 'v1', 'volumeattachments'],
    ['storage.k8s.io', 'v1', 'csidrivers'],
    ['storage.k8s.io', 'v1', 'csinodes'],
    ['storage.k8s.io', 'v1', 'volumeattributesclasses'],
    ['admissionregistration.k8s.io', 'v1', 'validatingwebhookconfigurations'],
    ['admissionregistration.k8s.io', 'v1', 'validatingadmissionpolicies'],
    ['admissionregistration.k8s.io', 'v1', 'validatingadmissionpolicybindings'],
    ['apiregistration.k8s.io', 'v1', 'apiservices'],
    ['certificates.k8s.io', 'v1', 'certificatesigningrequests'],
    ['coordination.k8s.io', 'v1', 'leases'],
    ['node.k8s.io', 'v1', 'runtimeclasses'],
    ['scheduling.k8s.io', 'v1', 'priorityclasses'],
    ['discovery.k8s.io', 'v1', 'endpointslices'],
    ['resource.k8s.io', 'v1', 'resourceclaims'],
    ['resource.k8s.io', 'v1', 'resourceslices'],
    ['resource.k8s.io', 'v1', 'deviceclasses'],
    ['flowcontrol.apiserver.k8s.io', 'v1', 'flowschemas'],
    ['flowcontrol.apiserver.k8s.io', 'v1', 'prioritylevelconfigurations'],
    ['events.k8s.io', 'v1', 'events'],
    ['apiextensions.k8s.io', 'v1', 'customresourcedefinitions'],
  ];
  const differing = resources.filter(([group, version, resource]) => {
    const printer = builtinPrinter(group, version, resource);
    return (
      printer.cells({ apiVersion: 'v1', kind: 'X', metadata: { name: 'x' } }, nowMs).length !== printer.columns.length
    );
  });
  expect(differing).toEqual([]);
});

test('pods show what they wait for, restarts and their end', () => {
  const spec = {
    containers: [{ name: 'a' }, { name: 'b' }],
    initContainers: [{ name: 'i' }, { name: 's', restartPolicy: 'Always' }],
  };
  expect(pod({ containers: [{ name: 'a' }] }, { phase: 'Pending' })).toEqual(['0/1', 'Pending', '0']);
  expect(
    pod(spec, { phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { running: {} }, restartCount: 0 }] }),
  ).toEqual(['0/3', 'Init:0/2', '0']);
  expect(
    pod(spec, {
      phase: 'Pending',
      initContainerStatuses: [{ name: 'i', state: { waiting: { reason: 'CrashLoopBackOff' } }, restartCount: 3 }],
    }),
  ).toEqual(['0/3', 'Init:CrashLoopBackOff', '3']);
  const running = { state: { running: {} }, ready: true, restartCount: 0 };
  const restarted = { ...running, restartCount: 2, lastState: { terminated: { finishedAt: '2026-03-01T12:05:00Z' } } };
  const sidecar = { name: 's', started: true, ready: true, state: { running: {} }, restartCount: 0 };
  const done = { name: 'i', state: { terminated: { exitCode: 0 } }, restartCount: 1 };
  expect(
    pod(spec, {
      phase: 'Running',
      initContainerStatuses: [done, sidecar],
      containerStatuses: [
        { name: 'a', ...restarted },
        { name: 'b', ...running },
      ],
    }),
  ).toEqual(['3/3', 'Running', '2 (5m ago)']);
  expect(
    pod(spec, {
      phase: 'Failed',
      containerStatuses: [{ name: 'a', state: { terminated: { exitCode: 137, signal: 9 } }, restartCount: 0 }],
    }),
  ).toEqual(['0/3', 'Signal:9', '0']);
  expect(
    pod({ containers: [{ name: 'a' }] }, { phase: 'Running' }, { deletionTimestamp: '2026-03-01T12:09:00Z' })[1],
  ).toBe('Terminating');
  expect(
    pod(
      { containers: [{ name: 'a' }] },
      { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
    )[1],
  ).toBe('SchedulingGated');
});

test('services show where they are reached', () => {
  const service = (spec: object, status: object = {}): readonly unknown[] =>
    cells('', 'v1', 'services', { metadata: { name: 's', ...created }, spec, status }).slice(1, 5);
  const ports = [
    { port: 80, protocol: 'TCP' },
    { port: 53, nodePort: 30053, protocol: 'UDP' },
  ];
  expect(service({ type: 'ClusterIP', clusterIPs: ['10.0.0.1'], ports })).toEqual([
    'ClusterIP',
    '10.0.0.1',
    '<none>',
    '80/TCP,53:30053/UDP',
  ]);
  expect(service({ type: 'LoadBalancer', clusterIPs: ['10.0.0.1'] })).toEqual([
    'LoadBalancer',
    '10.0.0.1',
    '<pending>',
    '<none>',
  ]);
  expect(
    service(
      { type: 'LoadBalancer', externalIPs: ['4.4.4.4'] },
      { loadBalancer: { ingress: [{ hostname: 'lb' }, { ip: '1.1.1.1' }] } },
    )[2],
  ).toBe('1.1.1.1,lb,4.4.4.4');
  expect(service({ type: 'ExternalName', externalName: 'example.com' })[2]).toBe('example.com');
});

test.each([
  ['.spec.replicas', [3]],
  ['$.spec.replicas', [3]],
  ["{.spec['a.b']}".slice(1, -1), ['dotted']],
  ['.spec.a\\.b', ['dotted']],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  ["['status'].conditions[-1].type", ['Synced']],
  ['.status.conditions[*].type', ['Ready', 'Synced']],
  ['.status.conditions[0:1].type', ['Ready']],
  ['..type', ['Ready', 'Synced']],
  ['.status.conditions[?(@.count>=2)].type', ['Synced']],
  ['.status.conditions[?(@.count)].type', ['Synced']],
  ['.missing.field', []],
])('parseJsonPath %s', (path, expected) => {
  const object = {
    spec: { replicas: 3, 'a.b': 'dotted' },
    status: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Synced', count: 2 },
      ],
    },
  };
  expect(parseJsonPath(path).find(object)).toEqual(expected);
});

test.each(['', 'spec', '.spec[', '.spec[?(x)]', '.a..', '.a["b]'])(
  'parseJsonPath refuses %j and says where',
  (path) => {
    expect(() => parseJsonPath(path)).toThrow(/Cannot parse JSONPath ".*": at position \d+ must be /);
  },
);

test('customPrinter gives cells the type of their column, null for anything else', () => {
  const printer = customPrinter([
    { name: 'Text', type: 'string', jsonPath: '.spec.text' },
    { name: 'Object', type: 'string', jsonPath: '.spec.object' },
    { name: 'Count', type: 'integer', jsonPath: '.spec.count' },
    { name: 'Wrong', type: 'integer', jsonPath: '.spec.text' },
    { name: 'When', type: 'date', jsonPath: '.spec.when' },
    { name: 'Never', type: 'date', jsonPath: '.spec.text' },
    { name: 'Gone', type: 'string', jsonPath: '.spec.gone' },
  ]);
  const object = {
    apiVersion: 'a/v1',
    kind: 'A',
    metadata: { name: 'x' },
    spec: { text: 'hi', object: { a: 1 }, count: 2.5, when: '2026-03-01T12:05:00Z' },
  };
  expect(printer.cells(object, nowMs)).toEqual(['x', 'hi', '{"a":1}', 2, null, '5m', '<invalid>', null]);
  expect(printer.columns.map(({ name }) => name)).toEqual([
    'Name',
    'Text',
    'Object',
    'Count',
    'Wrong',
    'When',
    'Never',
    'Gone',
  ]);
});

test('renderTable includes as much of the object as was asked for', () => {
  const object: ServerObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', ...created },
    data: { a: 'b' },
  };
  const request = {
    printer: builtinPrinter('', 'v1', 'configmaps'),
    objects: [object],
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '7' },
    nowMs,
    withColumns: true,
  } as const;
  expect(renderTable({ ...request, includeObject: 'Metadata' })).toMatchObject({
    kind: 'Table',
    columnDefinitions: [{ name: 'Name', format: 'name' }, { name: 'Data' }, { name: 'Age' }],
    rows: [
      {
        cells: ['x', 1, '10m'],
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
      },
    ],
  });
  expect(renderTable({ ...request, includeObject: 'None', withColumns: false })).toMatchObject({
    columnDefinitions: null,
    rows: [{ object: null }],
  });
  expect(renderTable({ ...request, includeObject: 'Object' })).toMatchObject({ rows: [{ object }] });
});

test('a table of flow schemas has them in the order in which they are tried, a list in that of names', async () => {
  const server = await TestServer.start();
  const path = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas';
  for (const name of ['bb', 'aa']) {
    const spec = { matchingPrecedence: 800, priorityLevelConfiguration: { name: 'workload-low' } };
    await server.post(path, { metadata: { name }, spec });
  }
  const tableOf = async (query: string): Promise<unknown[]> => {
    const table = await server.get(`${path}${query}`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    return listAt(table.json, 'rows').map((row) => listAt(row, 'cells')[0]);
  };
  // As kube-apiserver 1.35.4 answers.
  expect(await tableOf('')).toEqual([
    'exempt',
    'probes',
    'system-leader-election',
    'system-node-high',
    'system-nodes',
    'aa',
    'bb',
    'kube-controller-manager',
    'kube-scheduler',
    'kube-system-service-accounts',
    'service-accounts',
    'global-default',
    'catch-all',
  ]);
  expect(await tableOf('?limit=4')).toEqual(['exempt', 'aa', 'bb', 'catch-all']);
  expect((await server.get(path)).names.slice(0, 3)).toEqual(['aa', 'bb', 'catch-all']);
});
