import type { Changes, Suite } from '../suite.ts';

const networking = 'networking.k8s.io/v1';
const parentRef = { group: '', resource: 'services', namespace: 'default', name: 'web' };
const named = (name: string, more: Changes = {}): Changes => ({ 'metadata.name': name, ...more });
const csi = { driver: 'csi.example.com', volumeHandle: 'v' };
const inline = (spec: object): Changes => ({ 'spec.source': { inlineVolumeSpec: spec } });

export const allocation: readonly Suite[] = [
  {
    kind: 'IPAddress',
    path: `/apis/${networking}/ipaddresses`,
    base: { apiVersion: networking, kind: 'IPAddress', metadata: { name: 'ip' }, spec: { parentRef } },
    dryRun: true,
    create: {
      'a name that is no address': {},
      minimal: named('192.0.2.1'),
      'version 6': named('2001:db8::1'),
      'leading zeros': named('192.0.2.01'),
      'not canonical': named('2001:db8:0::1'),
      'version 4 in version 6': named('::ffff:192.0.2.1'),
      'no spec': named('192.0.2.1', { spec: null }),
      'no parent': named('192.0.2.1', { spec: {} }),
      'empty parent': named('192.0.2.1', { 'spec.parentRef': {} }),
      'bad parent': named('192.0.2.1', {
        'spec.parentRef': { group: 'A_', resource: 'a/b', namespace: '..', name: 'c%' },
      }),
    },
    update: {
      'other parent': { from: named('192.0.2.2'), to: { 'spec.parentRef.name': 'other' } },
      'bad label': { from: named('192.0.2.3'), to: { 'metadata.labels': { a: '-' } } },
      label: { from: named('192.0.2.4'), to: { 'metadata.labels': { a: 'b' } } },
    },
  },
  {
    kind: 'ServiceCIDR',
    path: `/apis/${networking}/servicecidrs`,
    base: {
      apiVersion: networking,
      kind: 'ServiceCIDR',
      metadata: { name: 'cidr' },
      spec: { cidrs: ['192.0.2.0/24'] },
    },
    dryRun: true,
    create: {
      minimal: {},
      'both families': { 'spec.cidrs': ['192.0.2.0/24', '2001:db8::/64'] },
      'no spec': { spec: null },
      'no networks': { 'spec.cidrs': [] },
      'three networks': { 'spec.cidrs': ['192.0.2.0/24', '2001:db8::/64', '198.51.100.0/24'] },
      'one family twice': { 'spec.cidrs': ['192.0.2.0/24', '198.51.100.0/24'] },
      'bad networks': { 'spec.cidrs': ['192.0.2.0', 'a'] },
      'bits beyond the prefix': { 'spec.cidrs': ['192.0.2.1/24', '2001:db8::1/64'] },
      'leading zeros': { 'spec.cidrs': ['192.0.02.0/24', '2001:db8::/064'] },
      'not canonical': { 'spec.cidrs': ['2001:db8:0::/64'] },
      'version 4 in version 6': { 'spec.cidrs': ['::ffff:192.0.2.0/120'] },
      'bad name': { 'metadata.name': 'A_' },
    },
    update: {
      'other network': { to: { 'spec.cidrs': ['198.51.100.0/24'] } },
      'second family': { to: { 'spec.cidrs': ['192.0.2.0/24', '2001:db8::/64'] } },
      'second of the same family': { to: { 'spec.cidrs': ['192.0.2.0/24', '198.51.100.0/24'] } },
      'both others': { to: { 'spec.cidrs': ['198.51.100.0/24', 'a'] } },
      'no network': { to: { 'spec.cidrs': [] } },
      'bad label': { to: { 'metadata.labels': { a: '-' } } },
    },
  },
  {
    kind: 'VolumeAttachment',
    path: '/apis/storage.k8s.io/v1/volumeattachments',
    base: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name: 'attachment' },
      spec: { attacher: 'csi.example.com', nodeName: 'node', source: { persistentVolumeName: 'volume' } },
    },
    create: {
      minimal: {},
      'status of the client': { status: { attached: true } },
      'no spec': { spec: null },
      'nothing set': { spec: {} },
      'bad words': { spec: { attacher: 'A_', nodeName: 'B_', source: { persistentVolumeName: 'C_' } } },
      'empty volume': { 'spec.source.persistentVolumeName': '' },
      inline: inline({ accessModes: ['ReadWriteOnce'], csi }),
      'inline with all that it must not have': inline({
        accessModes: ['Sometimes'],
        capacity: { storage: '1Gi' },
        claimRef: { name: 'a', namespace: 'b' },
        persistentVolumeReclaimPolicy: 'Delete',
        mountOptions: ['a'],
        storageClassName: 'a',
        volumeMode: 'Some',
        hostPath: { path: '/a' },
      }),
      'inline retained': inline({ accessModes: ['ReadWriteOnce'], csi, persistentVolumeReclaimPolicy: 'Retain' }),
      'empty inline': inline({}),
      'both sources': {
        'spec.source': { persistentVolumeName: 'a', inlineVolumeSpec: { accessModes: ['ReadWriteOnce'], csi } },
      },
      'bad name': { 'metadata.name': 'A_' },
    },
    update: {
      'other node': { to: { 'spec.nodeName': 'other' } },
      'bad label': { to: { 'metadata.labels': { a: '-' } } },
      status: { to: { status: { attached: true, attachmentMetadata: { a: 'b' } } }, subresource: 'status' },
      'bad status': {
        to: {
          status: { attached: false, attachError: { errorCode: -1 }, detachError: { errorCode: -2, message: 'a' } },
        },
        subresource: 'status',
      },
    },
  },
];
