import { isObject, listAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { since } from './duration.ts';
import { age, type Cells, conditionStatus, count, name, none } from './text.ts';

const unset = '<unset>';
const roleLabel = 'node-role.kubernetes.io/';

const accessModes: readonly (readonly [mode: string, shown: string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

function shownModes(modes: readonly unknown[]): string {
  return accessModes
    .filter(([mode]) => modes.includes(mode))
    .map(([, shown]) => shown)
    .join(',');
}

function phase(object: ServerObject): string {
  return object.metadata.deletionTimestamp === undefined ? stringAt(object, 'status', 'phase') : 'Terminating';
}

function nodeRoles(node: ServerObject): string {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(roleLabel)) return [key.slice(roleLabel.length)];
    return key === 'kubernetes.io/role' ? [value] : [];
  });
  return [...new Set(roles.filter((role) => role !== ''))].sort().join(',') || none;
}

function nodeAddress(node: ServerObject, type: string): string {
  const address = listAt(node, 'status', 'addresses').find((each) => stringAt(each, 'type') === type);
  return address === undefined ? none : stringAt(address, 'address');
}

/** The storage class: an annotation of old objects wins over the field. */
function storageClass(object: ServerObject): string {
  return (
    object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ??
    stringAt(object, 'spec', 'storageClassName')
  );
}

const eventCells: Cells = (event, nowMs) => {
  const first =
    stringAt(event, 'firstTimestamp') || stringAt(event, 'eventTime') || stringAt(event, 'deprecatedFirstTimestamp');
  const last = stringAt(event, 'lastTimestamp') || stringAt(event, 'deprecatedLastTimestamp') || first;
  const series = valueAt(event, 'series');
  const about = valueAt(event, 'involvedObject') ?? valueAt(event, 'regarding');
  const kind = stringAt(about, 'kind').toLowerCase();
  const target = stringAt(about, 'name') === '' ? kind : `${kind}/${stringAt(about, 'name')}`;
  const source = valueAt(event, 'source') ?? valueAt(event, 'deprecatedSource');
  const component =
    stringAt(source, 'component') || stringAt(event, 'reportingComponent') || stringAt(event, 'reportingController');
  const instance = stringAt(source, 'host') || stringAt(event, 'reportingInstance');
  return [
    since(isObject(series) ? stringAt(series, 'lastObservedTime') : last, nowMs),
    stringAt(event, 'type'),
    stringAt(event, 'reason'),
    target,
    stringAt(about, 'fieldPath'),
    instance === '' ? component : `${component}, ${instance}`,
    (stringAt(event, 'message') || stringAt(event, 'note')).trim(),
    since(first, nowMs),
    isObject(series) ? count(series, 'count') : count(event, 'count') || count(event, 'deprecatedCount') || 1,
    name(event),
  ];
};

/** Printers of the core group's other kinds, of nodes, volumes and events. */
export const clusterCells: Readonly<Record<string, Cells>> = {
  '/configmaps': (object, nowMs) => [
    name(object),
    Object.keys(valueAt(object, 'data') ?? {}).length + Object.keys(valueAt(object, 'binaryData') ?? {}).length,
    age(object, nowMs),
  ],
  '/secrets': (object, nowMs) => [
    name(object),
    stringAt(object, 'type'),
    Object.keys(valueAt(object, 'data') ?? {}).length,
    age(object, nowMs),
  ],
  '/serviceaccounts': (object, nowMs) => [name(object), age(object, nowMs)],
  '/namespaces': (object, nowMs) => [name(object), stringAt(object, 'status', 'phase'), age(object, nowMs)],
  '/nodes': (object, nowMs) => {
    const ready = conditionStatus(object, 'Ready');
    const states = [ready === undefined ? 'Unknown' : ready === 'True' ? 'Ready' : 'NotReady'];
    if (valueAt(object, 'spec', 'unschedulable') === true) states.push('SchedulingDisabled');
    const info = (field: string): string => stringAt(object, 'status', 'nodeInfo', field);
    return [
      name(object),
      states.join(','),
      nodeRoles(object),
      age(object, nowMs),
      info('kubeletVersion'),
      nodeAddress(object, 'InternalIP'),
      nodeAddress(object, 'ExternalIP'),
      info('osImage') || '<unknown>',
      info('kernelVersion') || '<unknown>',
      info('containerRuntimeVersion') || '<unknown>',
    ];
  },
  '/events': eventCells,
  'events.k8s.io/events': eventCells,
  '/persistentvolumes': (object, nowMs) => {
    const claim = valueAt(object, 'spec', 'claimRef');
    return [
      name(object),
      stringAt(object, 'spec', 'capacity', 'storage') || '0',
      shownModes(listAt(object, 'spec', 'accessModes')),
      stringAt(object, 'spec', 'persistentVolumeReclaimPolicy'),
      phase(object),
      claim === undefined ? '' : `${stringAt(claim, 'namespace')}/${stringAt(claim, 'name')}`,
      storageClass(object),
      valueAt(object, 'spec', 'volumeAttributesClassName') ?? unset,
      stringAt(object, 'status', 'reason'),
      age(object, nowMs),
      valueAt(object, 'spec', 'volumeMode') ?? unset,
    ];
  },
  '/persistentvolumeclaims': (object, nowMs) => {
    const volume = stringAt(object, 'spec', 'volumeName');
    return [
      name(object),
      phase(object),
      volume,
      volume === '' ? '' : stringAt(object, 'status', 'capacity', 'storage') || '0',
      volume === '' ? '' : shownModes(listAt(object, 'status', 'accessModes')),
      storageClass(object),
      valueAt(object, 'spec', 'volumeAttributesClassName') ?? unset,
      age(object, nowMs),
      valueAt(object, 'spec', 'volumeMode') ?? unset,
    ];
  },
  '/resourcequotas': (object, nowMs) => {
    const usage = Object.entries((valueAt(object, 'status', 'hard') ?? {}) as Record<string, string>)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([resource, hard]) => ({
        resource,
        text: `${resource}: ${stringAt(object, 'status', 'used', resource) || '0'}/${hard}`,
      }));
    const column = (limits: boolean): string =>
      usage
        .filter(({ resource }) => resource.startsWith('limits.') === limits)
        .map(({ text }) => text)
        .join(', ');
    return [name(object), column(false), column(true), age(object, nowMs)];
  },
  '/componentstatuses': (object) => {
    const healthy = listAt(object, 'conditions').find((each) => stringAt(each, 'type') === 'Healthy');
    if (healthy === undefined) return [name(object), 'Unknown', '', ''];
    return [
      name(object),
      stringAt(healthy, 'status') === 'True' ? 'Healthy' : 'Unhealthy',
      stringAt(healthy, 'message'),
      stringAt(healthy, 'error'),
    ];
  },
  'storage.k8s.io/storageclasses': (object, nowMs) => {
    const isDefault = [
      'storageclass.kubernetes.io/is-default-class',
      'storageclass.beta.kubernetes.io/is-default-class',
    ].some((annotation) => object.metadata.annotations?.[annotation] === 'true');
    return [
      `${name(object)}${isDefault ? ' (default)' : ''}`,
      stringAt(object, 'provisioner'),
      valueAt(object, 'reclaimPolicy') ?? 'Delete',
      valueAt(object, 'volumeBindingMode') ?? 'Immediate',
      valueAt(object, 'allowVolumeExpansion') ?? false,
      age(object, nowMs),
    ];
  },
  'storage.k8s.io/volumeattachments': (object, nowMs) => [
    name(object),
    stringAt(object, 'spec', 'attacher'),
    stringAt(object, 'spec', 'source', 'persistentVolumeName'),
    stringAt(object, 'spec', 'nodeName'),
    valueAt(object, 'status', 'attached') ?? false,
    age(object, nowMs),
  ],
  'storage.k8s.io/csidrivers': (object, nowMs) => {
    const tokens = valueAt(object, 'spec', 'tokenRequests');
    return [
      name(object),
      valueAt(object, 'spec', 'attachRequired') ?? true,
      valueAt(object, 'spec', 'podInfoOnMount') ?? false,
      valueAt(object, 'spec', 'storageCapacity') ?? false,
      Array.isArray(tokens) ? tokens.map((each) => stringAt(each, 'audience')).join(',') : unset,
      valueAt(object, 'spec', 'requiresRepublish') ?? false,
      listAt(object, 'spec', 'volumeLifecycleModes').join(',') || none,
      age(object, nowMs),
    ];
  },
  'storage.k8s.io/csinodes': (object, nowMs) => [
    name(object),
    listAt(object, 'spec', 'drivers').length,
    age(object, nowMs),
  ],
  'storage.k8s.io/volumeattributesclasses': (object, nowMs) => [
    name(object),
    stringAt(object, 'driverName'),
    age(object, nowMs),
  ],
};
