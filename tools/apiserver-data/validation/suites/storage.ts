import type { Suite } from '../suite.ts';

const storageApi = 'storage.k8s.io/v1';
const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const volume = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/data' } };
const terms = (key: string): object => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: ['a'] }] }] },
});

export const storage: readonly Suite[] = [
  {
    kind: 'PersistentVolumeClaim',
    path: '/api/v1/namespaces/default/persistentvolumeclaims',
    base: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'claim' }, spec },
    create: {
      minimal: {},
      'nothing at all': { spec: null },
      'no storage': { 'spec.resources': { requests: { cpu: '1' } } },
      'no storage at all': { 'spec.resources': { requests: { storage: '0' } } },
      'negative storage': { 'spec.resources': { requests: { storage: '-1' } } },
      'bad modes': { 'spec.accessModes': ['Some', 'ReadWriteMany'], 'spec.volumeMode': 'Tape' },
      'empty mode': { 'spec.volumeMode': '' },
      'mode that stands alone': { 'spec.accessModes': ['ReadWriteOncePod', 'ReadWriteOnce'] },
      'bad class and name': { 'spec.storageClassName': 'A_', 'spec.volumeName': 'B_' },
      'empty class': { 'spec.storageClassName': '' },
      'bad selector': { 'spec.selector': { matchLabels: { 'a b': '-' } } },
      'a claim as source': { 'spec.dataSource': { kind: 'PersistentVolumeClaim', name: 'other' } },
      'a snapshot as source': {
        'spec.dataSourceRef': { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' },
      },
      'bad source': { 'spec.dataSource': { kind: 'Pod', name: '' } },
      'source in another namespace': {
        'spec.dataSourceRef': { apiGroup: 'a.b', kind: 'X', name: 'y', namespace: 'z' },
      },
      'bad sources': {
        'spec.dataSource': { kind: 'PersistentVolumeClaim', name: 'a' },
        'spec.dataSourceRef': { kind: 'PersistentVolumeClaim', name: 'b' },
      },
      'source of any kind': { 'spec.dataSourceRef': { apiGroup: 'example.com', kind: 'Thing', name: 'b' } },
      'attributes class': { 'spec.volumeAttributesClassName': 'gold' },
      'status of its own': { status: { phase: 'Bound' } },
      'bad name': { 'metadata.name': 'A_' },
    },
    update: {
      'more storage': { to: { 'spec.resources.requests.storage': '2Gi' } },
      class: { to: { 'spec.storageClassName': 'other' } },
      'modes and label': { to: { 'spec.accessModes': ['ReadOnlyMany'], 'metadata.labels': { a: '-' } } },
      'volume name': { to: { 'spec.volumeName': 'v' } },
      bound: { to: { 'status.phase': 'Bound', 'status.capacity': { storage: '1Gi' } }, subresource: 'status' },
      'bad status': {
        to: { 'status.capacity': { storage: '-1', 'a b': '1' }, 'status.accessModes': ['x'] },
        subresource: 'status',
      },
    },
  },
  {
    kind: 'PersistentVolume',
    path: '/api/v1/persistentvolumes',
    base: { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'volume' }, spec: volume },
    create: {
      minimal: {},
      'nothing at all': { spec: null },
      'no source': { 'spec.hostPath': null },
      'two sources': { 'spec.nfs': { server: 's', path: '/p' } },
      'bad capacity': { 'spec.capacity': { cpu: '1', storage: '0' } },
      'no capacity': { 'spec.capacity': null },
      'capacity of nothing': { 'spec.capacity': {} },
      'bad enumerations': {
        'spec.accessModes': ['Some'],
        'spec.persistentVolumeReclaimPolicy': 'Keep',
        'spec.volumeMode': 'Tape',
      },
      'root recycled': { 'spec.hostPath.path': '/', 'spec.persistentVolumeReclaimPolicy': 'Recycle' },
      'way back': { 'spec.hostPath.path': '/a/../b' },
      'local without affinity': { 'spec.hostPath': null, 'spec.local': { path: '/x' } },
      local: { 'spec.hostPath': null, 'spec.local': { path: '/x' }, 'spec.nodeAffinity': terms('a') },
      'empty affinity': { 'spec.nodeAffinity': {} },
      'bad affinity': { 'spec.nodeAffinity': terms('a b') },
      csi: {
        'spec.hostPath': null,
        'spec.csi': {
          driver: 'example.com',
          volumeHandle: 'h',
          controllerExpandSecretRef: { name: 'a', namespace: 'b' },
        },
        'spec.volumeAttributesClassName': 'gold',
      },
      'bad csi': { 'spec.hostPath': null, 'spec.csi': { driver: 'A_', nodePublishSecretRef: {} } },
      'attributes without csi': { 'spec.volumeAttributesClassName': 'gold' },
      'empty iscsi': { 'spec.hostPath': null, 'spec.iscsi': {} },
      iscsi: { 'spec.hostPath': null, 'spec.iscsi': { targetPortal: 'a', iqn: 'iqn.2026-01.com.example:x', lun: 1 } },
      'empty azure disk': { 'spec.hostPath': null, 'spec.azureDisk': {} },
      'bad class and name': { 'spec.storageClassName': 'A_', 'metadata.name': 'B_' },
    },
    update: {
      labels: { to: { 'metadata.labels': { a: 'b' } } },
      source: { to: { 'spec.hostPath.path': '/other', 'metadata.labels': { a: '-' } } },
      mode: { to: { 'spec.volumeMode': 'Block' } },
      affinity: { from: { 'spec.nodeAffinity': terms('a') }, to: { 'spec.nodeAffinity': terms('b') } },
      policy: { to: { 'spec.persistentVolumeReclaimPolicy': 'Delete' } },
      'bad mode': { to: { 'spec.accessModes': ['x'] } },
      status: { to: { 'status.phase': 'Available' }, subresource: 'status' },
    },
  },
  {
    kind: 'StorageClass',
    path: '/apis/storage.k8s.io/v1/storageclasses',
    base: { apiVersion: storageApi, kind: 'StorageClass', metadata: { name: 'storage' }, provisioner: 'example.com/p' },
    create: {
      minimal: {},
      'no provisioner': { provisioner: null },
      'bad provisioner': { provisioner: 'A b' },
      'bad enumerations': { reclaimPolicy: 'Recycle', volumeBindingMode: 'Later' },
      'unknown policy': { reclaimPolicy: 'Keep' },
      'empty enumerations': { reclaimPolicy: '', volumeBindingMode: '' },
      'bad parameters': { parameters: { '': 'a' } },
      topology: { allowedTopologies: [{ matchLabelExpressions: [{ key: 'a', values: ['b'] }] }] },
      'bad topology': {
        allowedTopologies: [
          {
            matchLabelExpressions: [
              { key: 'a b', values: [] },
              { key: 'c', values: ['d', 'd'] },
              { key: 'c', values: ['e'] },
            ],
          },
          {},
        ],
      },
      'bad name': { 'metadata.name': 'A_' },
      'more of it': { parameters: { a: 'x' }, mountOptions: ['ro'], allowVolumeExpansion: true },
    },
    update: {
      provisioner: { to: { provisioner: 'other', reclaimPolicy: 'Retain', volumeBindingMode: 'WaitForFirstConsumer' } },
      'parameters and label': { to: { parameters: { a: 'b' }, 'metadata.labels': { a: '-' } } },
      expansion: { to: { allowVolumeExpansion: true } },
    },
  },
  {
    kind: 'CSIDriver',
    path: '/apis/storage.k8s.io/v1/csidrivers',
    base: { apiVersion: storageApi, kind: 'CSIDriver', metadata: { name: 'driver' } },
    create: {
      minimal: {},
      'empty spec': { spec: {} },
      'bad values': {
        spec: {
          fsGroupPolicy: 'Some',
          volumeLifecycleModes: ['Short'],
          tokenRequests: [{ audience: 'a' }, { audience: 'a' }],
        },
      },
      'token times': {
        spec: {
          tokenRequests: [
            { audience: 'a', expirationSeconds: 1 },
            { audience: 'b', expirationSeconds: 5_000_000_000 },
          ],
        },
      },
      'bad name': { 'metadata.name': 'A_' },
      'name that is too long': { 'metadata.name': 'a'.repeat(64) },
    },
    update: {
      attaching: { to: { 'spec.attachRequired': false, 'spec.fsGroupPolicy': 'None', 'spec.storageCapacity': true } },
      modes: { to: { 'spec.volumeLifecycleModes': ['Ephemeral'] } },
      'bad label': { to: { 'metadata.labels': { a: '-' } } },
    },
  },
  {
    kind: 'CSINode',
    path: '/apis/storage.k8s.io/v1/csinodes',
    base: { apiVersion: storageApi, kind: 'CSINode', metadata: { name: 'csi-node' }, spec: { drivers: [] } },
    create: {
      minimal: {},
      'bad drivers': {
        spec: {
          drivers: [
            { name: 'A_', nodeID: '', topologyKeys: ['a b', 'c', 'c'], allocatable: { count: -1 } },
            { name: 'd', nodeID: 'n'.repeat(257) },
            { name: 'd', nodeID: 'x' },
          ],
        },
      },
    },
    update: {
      'driver changed': {
        from: { spec: { drivers: [{ name: 'd', nodeID: 'x' }] } },
        to: { spec: { drivers: [{ name: 'd', nodeID: 'y' }] } },
      },
    },
  },
  {
    kind: 'VolumeAttributesClass',
    path: '/apis/storage.k8s.io/v1/volumeattributesclasses',
    base: {
      apiVersion: storageApi,
      kind: 'VolumeAttributesClass',
      metadata: { name: 'attributes' },
      driverName: 'example.com',
      parameters: { a: 'b' },
    },
    create: {
      minimal: {},
      'nothing set': { driverName: null, parameters: null },
      'bad driver': { driverName: 'A_', parameters: { '': 'x' } },
    },
    update: { driver: { to: { driverName: 'other', parameters: { a: 'c' } } } },
  },
];
