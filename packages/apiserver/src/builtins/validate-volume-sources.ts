import { forbidden, invalid, notSupported, required, tooLong } from '../field-error.ts';
import { byteLength } from '../go-format.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, nameIsLabel } from '../meta/formats.ts';
import { type JsonObject, listAt, numberAt, stringAt } from '../object.ts';
import {
  type Check,
  has,
  isAbsolute,
  objectAt,
  optionalFormat,
  type Report,
  rangeMessage,
  requiredFormat,
  requiredText,
  says,
  textMapAt,
  textsAt,
} from './validate-fields.ts';
import { climbErrors } from './validate-formats.ts';

/** One kind of volume: the field that it stands in, and what must hold within. */
export interface VolumeSource {
  readonly name: string;
  readonly check: Check;
  /** The path in messages, where it is not the field. */
  readonly path?: string;
  /** The path in the message that there is another source, where it is not the field. */
  readonly conflictPath?: string;
}

const severalTypes = 'may not specify more than 1 volume type';

/** The first source that is set is checked; each other one is one too many. @returns how many there are. */
export function checkOneSource(
  owner: JsonObject,
  field: string,
  sources: readonly VolumeSource[],
  report: Report,
  earlier = 0,
): number {
  let count = earlier;
  for (const { name, check, path = name, conflictPath = name } of sources) {
    const source = objectAt(owner, name);
    if (source === undefined) continue;
    if (count > 0) report(forbidden(`${field}.${conflictPath}`, severalTypes));
    else check(source, `${field}.${path}`, report);
    count++;
  }
  return count;
}

/** Texts, or lists, that must not be empty. */
function needs(...names: readonly string[]): Check {
  return (source, field, report) => {
    for (const name of names) {
      if (stringAt(source, name) === '' && listAt(source, name).length === 0) report(required(`${field}.${name}`));
    }
  };
}

/** The secret of a source; those of persistent volumes say in which namespace it is. */
function withSecret(check: Check, persistent: boolean): Check {
  return (source, field, report) => {
    check(source, field, report);
    const secret = objectAt(source, 'secretRef');
    if (secret !== undefined) needs('name', ...(persistent ? ['namespace'] : []))(secret, `${field}.secretRef`, report);
  };
}

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

const hostPath: Check = (source, field, report) => {
  if (requiredText(source, 'path', field, report) === '') return;
  says(climbErrors(stringAt(source, 'path')), `${field}.path`, stringAt(source, 'path'), report);
  const type = source.type;
  if (typeof type === 'string' && !hostPathTypes.includes(type)) {
    report(notSupported(`${field}.type`, type, hostPathTypes));
  }
};

function partitionOf(idField: string): Check {
  return (source, field, report) => {
    requiredText(source, idField, field, report);
    const partition = numberAt(source, 'partition') ?? 0;
    if (partition < 0 || partition > 255) report(invalid(`${field}.partition`, partition, rangeMessage(1, 255)));
  };
}

const nfs: Check = (source, field, report) => {
  needs('server', 'path')(source, field, report);
  const path = stringAt(source, 'path');
  if (!isAbsolute(path)) report(invalid(`${field}.path`, path, 'must be an absolute path'));
};

const iscsiNames: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9\-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[a-zA-Z0-9]{16}$/,
  naa: /^naa.[a-zA-Z0-9]{32}$/,
};

function checkIscsiName(name: string, field: string, report: Report, unknown: string): void {
  const prefix = Object.keys(iscsiNames).find((one) => name.startsWith(one));
  if (prefix === undefined) report(invalid(field, name, unknown));
  else if (iscsiNames[prefix]?.test(name) !== true) report(invalid(field, name, 'must be valid format'));
}

/** @param volumeName The name of the volume that the source is of. */
function iscsi(persistent: boolean, volumeName: string): Check {
  const unknown = persistent ? 'must be valid format' : 'must be valid format starting with iqn, eui, or naa';
  return (source, field, report) => {
    const portal = requiredText(source, 'targetPortal', field, report);
    const tooMuch = has(source, 'initiatorName') && byteLength(`${volumeName}:${portal}`) > 64;
    const why =
      'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
    if (tooMuch && persistent) report(invalid(`${field}.targetportal`, portal, why));
    const iqn = requiredText(source, 'iqn', field, report);
    if (iqn !== '') checkIscsiName(iqn, `${field}.iqn`, report, unknown);
    const lun = numberAt(source, 'lun') ?? 0;
    if (lun < 0 || lun > 255) report(invalid(`${field}.lun`, lun, rangeMessage(0, 255)));
    const secret = objectAt(source, 'secretRef');
    const authenticates = source.chapAuthDiscovery === true || source.chapAuthSession === true;
    if (authenticates && secret === undefined) report(required(`${field}.secretRef`));
    if (persistent && secret !== undefined) needs('name')(secret, `${field}.secretRef`, report);
    if (has(source, 'initiatorName')) {
      checkIscsiName(stringAt(source, 'initiatorName'), `${field}.initiatorname`, report, unknown);
    }
    if (tooMuch && !persistent) report(invalid(`${field.replace(/\.iscsi$/, '')}.name`, volumeName, why));
  };
}

function glusterfs(persistent: boolean): Check {
  return (source, field, report) => {
    needs('endpoints', 'path')(source, field, report);
    if (!persistent || !has(source, 'endpointsNamespace')) return;
    const [namespace, path] = [stringAt(source, 'endpointsNamespace'), `${field}.endpointsNamespace`];
    const why = 'if the endpointnamespace is set, it must be a valid namespace name';
    if (namespace === '') report(invalid(path, namespace, why));
    else says(nameIsLabel(namespace, false), path, namespace, report);
  };
}

const flocker: Check = (source, field, report) => {
  const [name, uuid] = [stringAt(source, 'datasetName'), stringAt(source, 'datasetUUID')];
  if (name === '' && uuid === '') report(required(field, 'one of datasetName and datasetUUID is required'));
  if (name !== '' && uuid !== '') {
    report(invalid(field, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
  }
  if (name.includes('/')) report(invalid(`${field}.datasetName`, name, "must not contain '/'"));
};

const quobyte: Check = (source, field, report) => {
  const registry = stringAt(source, 'registry');
  const why = 'must be a host:port pair or multiple pairs separated by commas';
  if (registry === '') report(required(`${field}.registry`, why));
  else if (byteLength(stringAt(source, 'tenant')) >= 65) {
    report(required(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
  } else {
    for (const pair of registry.split(',')) {
      if (!/^(\[[^\]]*\]|[^:[\]]*):[^:]*$/.test(pair)) report(invalid(`${field}.registry`, registry, why));
    }
  }
  requiredText(source, 'volume', field, report);
};

const fibreChannel: Check = (source, field, report) => {
  const [targets, ids] = [textsAt(source, 'targetWWNs'), textsAt(source, 'wwids')];
  const path = `${field}.targetWWNs`;
  if (targets.length === 0 && ids.length === 0) {
    report(required(path, 'must specify either targetWWNs or wwids, but not both'));
  }
  if (targets.length > 0 && ids.length > 0) {
    report(invalid(path, targets, 'targetWWNs and wwids can not be specified simultaneously'));
  }
  if (targets.length === 0) return;
  const lun = numberAt(source, 'lun');
  if (lun === undefined) report(required(`${field}.lun`, 'lun is required if targetWWNs is specified'));
  else if (lun < 0 || lun > 255) report(invalid(`${field}.lun`, lun, rangeMessage(0, 255)));
};

const flexVolume: Check = (source, field, report) => {
  requiredText(source, 'driver', field, report);
  for (const key of Object.keys(textMapAt(source, 'options'))) {
    if (!/(^|\.)(kubernetes|k8s)\.io(\/|$)/i.test(key.slice(0, (key.indexOf('/') + 1 || key.length + 1) - 1))) continue;
    report(invalid(`${field}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'));
  }
};

function azureFile(persistent: boolean): Check {
  return (source, field, report) => {
    needs('secretName', 'shareName')(source, field, report);
    const empty = persistent && source.secretNamespace === '';
    if (empty) report(required(`${field}.secretNamespace`));
  };
}

const cachingModes = ['None', 'ReadOnly', 'ReadWrite'];
const diskKinds = ['Dedicated', 'Managed', 'Shared'];
const managedUri = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const blobUri = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

const azureDisk: Check = (source, field, report) => {
  needs('diskName', 'diskURI')(source, field, report);
  const [mode, kind, uri] = [stringAt(source, 'cachingMode'), stringAt(source, 'kind'), stringAt(source, 'diskURI')];
  if (!cachingModes.includes(mode)) report(notSupported(`${field}.cachingMode`, mode, cachingModes));
  if (!diskKinds.includes(kind)) report(notSupported(`${field}.kind`, kind, diskKinds));
  const managed = kind === 'Managed';
  if (managed ? uri.startsWith('/subscriptions/') : uri.startsWith('https://')) return;
  report(notSupported(`${field}.diskURI`, uri, [managed ? managedUri : blobUri]));
};

const storageOs: Check = (source, field, report) => {
  requiredFormat(source, 'volumeName', field, dns1123LabelErrors, report);
  optionalFormat(source, 'volumeNamespace', field, dns1123LabelErrors, report);
};

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateCSIDriverName` */
export function checkDriverName(name: string, field: string, report: Report): void {
  if (name === '') {
    report(required(field));
    return;
  }
  if (byteLength(name) > 63) report(tooLong(field, 63));
  says(dns1123SubdomainErrors(name.toLowerCase()), field, name, report);
}

const ephemeralCsi: Check = (source, field, report) => {
  checkDriverName(stringAt(source, 'driver'), `${field}.driver`, report);
  const secret = objectAt(source, 'nodePublishSecretRef');
  if (secret === undefined) return;
  const name = requiredText(secret, 'name', `${field}.nodePublishSecretRef`, report);
  if (name !== '') says(dns1123SubdomainErrors(name), `${field}.name`, name, report);
};

const persistentCsi: Check = (source, field, report) => {
  checkDriverName(stringAt(source, 'driver'), `${field}.driver`, report);
  requiredText(source, 'volumeHandle', field, report);
  for (const name of ['controllerPublish', 'controllerExpand', 'nodePublish', 'nodeExpand']) {
    const secret = objectAt(source, `${name}SecretRef`);
    if (secret === undefined) continue;
    requiredFormat(secret, 'name', `${field}.${name}SecretRef`, dns1123SubdomainErrors, report);
    requiredFormat(secret, 'namespace', `${field}.${name}SecretRef`, dns1123LabelErrors, report);
  }
};

const local: Check = (source, field, report) => {
  requiredFormat(source, 'path', field, climbErrors, report);
};

/** Sources by name, for volumes of pods or for persistent volumes. */
export function commonSources(persistent: boolean, volumeName: string): Readonly<Record<string, VolumeSource>> {
  const checks: Readonly<Record<string, Check>> = {
    hostPath,
    awsElasticBlockStore: partitionOf('volumeID'),
    nfs,
    iscsi: iscsi(persistent, volumeName),
    glusterfs: glusterfs(persistent),
    flocker,
    rbd: needs('monitors', 'image'),
    cinder: withSecret(needs('volumeID'), persistent),
    quobyte,
    fc: fibreChannel,
    flexVolume,
    azureFile: azureFile(persistent),
    azureDisk,
    vsphereVolume: needs('volumePath'),
    photonPersistentDisk: needs('pdID'),
    portworxVolume: needs('volumeID'),
    storageos: withSecret(storageOs, persistent),
    scaleIO: needs('gateway', 'system', 'volumeName'),
    csi: persistent ? persistentCsi : ephemeralCsi,
    local,
  };
  const sources: Record<string, VolumeSource> = Object.fromEntries(
    Object.entries(checks).map(([name, check]) => [name, { name, check }]),
  );
  sources.gcePersistentDisk = { name: 'gcePersistentDisk', path: 'persistentDisk', check: partitionOf('pdName') };
  sources.cephfs = { name: 'cephfs', conflictPath: 'cephFS', check: needs('monitors') };
  return sources;
}
