import { labelKeyProblems } from '@bowline/apimachinery';
import { duplicate, forbidden, invalid, notSupported, required, tooLong } from '../field-error.ts';
import { byteLength } from '../go-format.ts';
import { dns1123SubdomainErrors } from '../meta/formats.ts';
import { type JsonObject, listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { asSet } from '../schema/index.ts';
import { amountOf } from './amount.ts';
import { forbiddenChange, internalText, invalidInternal } from './internal-form.ts';
import type { Validator } from './registry.ts';
import { checkAccessModes, volumeModes } from './validate-claims.ts';
import {
  each,
  gather,
  has,
  immutable,
  negativeMessage,
  objectAt,
  oneOf,
  optionalFormat,
  type Report,
  same,
  says,
  textMapAt,
  textsAt,
} from './validate-fields.ts';
import { checkMetadataAgain } from './validate-metadata.ts';
import { checkLabelSelector, checkNodeSelector, checkTopologySelectorTerm } from './validate-selectors.ts';
import { checkDriverName, checkOneSource, commonSources, type VolumeSource } from './validate-volume-sources.ts';

const reclaimPolicies = ['Delete', 'Recycle', 'Retain'];
/** In the order in which the real server looks at them. */
const sourceOrder = [
  'hostPath gcePersistentDisk awsElasticBlockStore glusterfs flocker nfs rbd quobyte cephfs iscsi cinder fc flexVolume',
  'azureFile vsphereVolume photonPersistentDisk portworxVolume azureDisk scaleIO local storageos csi',
].flatMap((line) => line.split(' '));

function checkCapacity(spec: JsonObject, report: Report): void {
  const capacity = textMapAt(spec, 'capacity');
  const names = Object.keys(capacity);
  if (names.length === 0) report(required('spec.capacity'));
  if (capacity.storage === undefined || names.length > 1) {
    const shown = internalText('map:raw:Quantity', asSet(spec, 'capacity'));
    const text = `Unsupported value: ${shown}: supported values: "storage"`;
    report({ type: 'FieldValueNotSupported', field: 'spec.capacity', message: text });
  }
  for (const [name, amount] of Object.entries(capacity)) {
    const path = `spec.capacity[${name}]`;
    if (amountOf(amount) < 0n) {
      report(invalid(path, Number(amountOf(amount) / 10n ** 9n), 'must be a valid resource quantity'));
    }
    if (amountOf(amount) <= 0n) report(invalid(path, amount, 'must be greater than zero'));
  }
}

/** Where a persistent volume comes from: exactly one source. */
export function checkVolumeSource(spec: JsonObject, path: string, name: string, report: Report): void {
  const sources = commonSources(true, name);
  const order: VolumeSource[] = sourceOrder.flatMap((one) => {
    const source = sources[one];
    if (one !== 'local' || source === undefined) return source ?? [];
    const check: VolumeSource['check'] = (value, field, note) => {
      source.check(value, field, note);
      if (!has(spec, 'nodeAffinity')) note(required(`${path}.nodeAffinity`, 'Local volume requires node affinity'));
    };
    return { ...source, check };
  });
  if (checkOneSource(spec, path, order, report) === 0) report(required(path, 'must specify a volume type'));
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidatePersistentVolumeSpec` */
function checkVolumeSpec(spec: JsonObject, name: string, report: Report): void {
  if (listAt(spec, 'accessModes').length === 0) report(required('spec.accessModes'));
  checkAccessModes(spec, 'spec', report);
  checkCapacity(spec, report);
  if (stringAt(spec, 'persistentVolumeReclaimPolicy') !== '') {
    oneOf(spec, 'persistentVolumeReclaimPolicy', 'spec', reclaimPolicies, report);
  }
  const affinity = objectAt(spec, 'nodeAffinity');
  const wanted = objectAt(affinity, 'required');
  if (wanted !== undefined) checkNodeSelector(wanted, 'spec.nodeAffinity.required', report);
  else if (affinity !== undefined) {
    report(required('spec.nodeAffinity.required', 'must specify required node constraints'));
  }
  checkVolumeSource(spec, 'spec', name, report);
  const path = stringAt(spec, 'hostPath', 'path');
  const isRoot = has(spec, 'hostPath') && /^\/+$/.test(path);
  if (isRoot && stringAt(spec, 'persistentVolumeReclaimPolicy') === 'Recycle') {
    report(forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"));
  }
  optionalFormat(spec, 'storageClassName', 'spec', dns1123SubdomainErrors, report);
  if (has(spec, 'volumeMode')) oneOf(spec, 'volumeMode', 'spec', volumeModes, report, 'unsupported');
  const attributes = spec.volumeAttributesClassName;
  if (typeof attributes !== 'string') return;
  const at = 'spec.volumeAttributesClassName';
  if (attributes === '') report(required(at, 'an empty string is disallowed'));
  else says(dns1123SubdomainErrors(attributes), at, attributes, report);
  if (!has(spec, 'csi')) report(required('spec.csi', 'has to be specified when using volumeAttributesClassName'));
}

/** The source of a volume, without what may be added to it later. */
function sourceOf(volume: ServerObject, old: ServerObject): JsonObject {
  const spec = objectAt(volume, 'spec') ?? {};
  const source = Object.fromEntries(sourceOrder.flatMap((name) => (has(spec, name) ? [[name, spec[name]]] : [])));
  const csi = objectAt(source, 'csi');
  const added =
    has(csi, 'controllerExpandSecretRef') &&
    has(old, 'spec', 'csi') &&
    !has(old, 'spec', 'csi', 'controllerExpandSecretRef');
  if (csi === undefined || !added) return source;
  const { controllerExpandSecretRef: _added, ...rest } = csi;
  return { ...source, csi: rest };
}

const betaLabels: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

/** Whether a node affinity is as it was, but for labels that have got their final names. */
function sameAffinity(now: unknown, old: unknown): boolean {
  const terms = (affinity: unknown): readonly unknown[] => listAt(affinity, 'required', 'nodeSelectorTerms');
  if ((now === undefined || now === null) !== (old === undefined || old === null)) return false;
  const [after, before] = [terms(now), terms(old)];
  return (
    after.length === before.length &&
    after.every((term, index) => {
      const [requirements, had] = [listAt(term, 'matchExpressions'), listAt(before[index], 'matchExpressions')];
      if (!same(valueAt(term, 'matchFields'), valueAt(before[index], 'matchFields'))) return false;
      return (
        requirements.length === had.length &&
        requirements.every((requirement, place) => {
          const one = had[place] as JsonObject;
          const key = stringAt(requirement, 'key');
          return same(requirement, betaLabels[stringAt(one, 'key')] === key ? { ...one, key } : one);
        })
      );
    })
  );
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidatePersistentVolumeUpdate` */
function checkVolumeUpdate(volume: ServerObject, old: ServerObject, report: Report): void {
  const [now, before] = [sourceOf(volume, old), sourceOf(old, old)];
  if (!same(now, before)) {
    const why = 'spec.persistentvolumesource is immutable after creation';
    report(forbiddenChange('spec.persistentvolumesource', why, 'core.PersistentVolumeSource', before, now));
  }
  immutable(valueAt(volume, 'spec', 'volumeMode'), valueAt(old, 'spec', 'volumeMode'), 'volumeMode', report);
  const [affinity, had] = [valueAt(volume, 'spec', 'nodeAffinity'), valueAt(old, 'spec', 'nodeAffinity')];
  if (has(old, 'spec', 'nodeAffinity') && !sameAffinity(affinity, had)) {
    const why = 'field is immutable, except for updating from beta label to GA';
    report(invalidInternal('nodeAffinity', '*core.VolumeNodeAffinity', affinity, why));
  }
  if (has(old, 'spec', 'volumeAttributesClassName') && !has(volume, 'spec', 'volumeAttributesClassName')) {
    report(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'));
  }
}

export const validatePersistentVolume: Validator = (volume, old, subresource) =>
  gather((report) => {
    if (subresource === 'status') return;
    const check = (): void => checkVolumeSpec(objectAt(volume, 'spec') ?? {}, volume.metadata.name ?? '', report);
    check();
    if (old === undefined) return;
    // An update is checked as a new object first, then as an update.
    checkMetadataAgain(volume, report, undefined, false);
    check();
    checkVolumeUpdate(volume, old, report);
  });

function checkProvisioner(owner: ServerObject, name: string, report: Report): void {
  const text = stringAt(owner, name);
  if (text === '') report(required(name));
  else says(labelKeyProblems(text.toLowerCase()), name, text.toLowerCase(), report);
}

function checkParameters(owner: ServerObject, mayBeEmpty: boolean, report: Report): void {
  const parameters = textMapAt(owner, 'parameters');
  const entries = Object.entries(parameters);
  if (entries.length > 512) {
    report(tooLong('parameters', 512));
    return;
  }
  let size = 0;
  for (const [key, value] of entries) {
    if (key === '') report(invalid('parameters', key, 'field can not be empty.'));
    size += byteLength(key) + byteLength(value);
  }
  if (size > 256 * 1024) report(tooLong('parameters', 256 * 1024));
  if (!mayBeEmpty && entries.length === 0) report(required('parameters', 'must contain at least one key/value pair'));
}

/** Where volumes may be; no term twice. */
function checkTopologies(storageClass: ServerObject, report: Report): void {
  // The real server begins with a list of as many empty terms.
  const seen = listAt(storageClass, 'allowedTopologies').map(() => '{}');
  each(storageClass, 'allowedTopologies', '', (term, at) => {
    const path = at.slice(1);
    const key = checkTopologySelectorTerm(term, path, report);
    for (const other of seen) if (other === key) report(duplicate(`${path}.matchLabelExpressions`, ''));
    seen.push(key);
  });
}

/** @see k8s.io/kubernetes pkg/apis/storage/validation `ValidateStorageClass` */
export const validateStorageClass: Validator = (storageClass, old) =>
  gather((report) => {
    if (old !== undefined) checkMetadataAgain(storageClass, report, undefined, false);
    checkProvisioner(storageClass, 'provisioner', report);
    checkParameters(storageClass, true, report);
    const [policy, mode] = [stringAt(storageClass, 'reclaimPolicy'), stringAt(storageClass, 'volumeBindingMode')];
    const policies = ['Delete', 'Retain'];
    if (policy !== '' && !policies.includes(policy)) report(notSupported('reclaimPolicy', policy, policies));
    const modes = ['Immediate', 'WaitForFirstConsumer'];
    if (!modes.includes(mode)) report(notSupported('volumeBindingMode', mode, modes));
    checkTopologies(storageClass, report);
    if (old === undefined) return;
    if (!same(storageClass.parameters, old.parameters)) {
      report(forbidden('parameters', 'updates to parameters are forbidden.'));
    }
    for (const name of ['provisioner', 'reclaimPolicy']) {
      if (stringAt(storageClass, name) !== stringAt(old, name)) {
        report(forbidden(name, `updates to ${name} are forbidden.`));
      }
    }
    immutable(mode, stringAt(old, 'volumeBindingMode'), 'volumeBindingMode', report);
  });

/** @see k8s.io/kubernetes pkg/apis/storage/validation `ValidateVolumeAttributesClass` */
export const validateVolumeAttributesClass: Validator = (attributes, old) =>
  gather((report) => {
    if (old !== undefined) {
      if (stringAt(attributes, 'driverName') !== stringAt(old, 'driverName')) {
        report(forbidden('driverName', 'updates to driverName are forbidden.'));
      }
      if (!same(attributes.parameters, old.parameters)) {
        report(forbidden('parameters', 'updates to parameters are forbidden.'));
      }
      checkMetadataAgain(attributes, report, undefined, false);
    }
    checkProvisioner(attributes, 'driverName', report);
    checkParameters(attributes, false, report);
  });

const groupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType'];
const lifecycleModes = ['Persistent', 'Ephemeral'];

/** @see k8s.io/kubernetes pkg/apis/storage/validation `validateCSIDriverSpec` */
export const validateCsiDriver: Validator = (driver, old) =>
  gather((report) => {
    const spec = objectAt(driver, 'spec') ?? {};
    if (has(spec, 'fsGroupPolicy')) oneOf(spec, 'fsGroupPolicy', 'spec', groupPolicies, report, 'unsupported');
    const audiences = new Set<string>();
    each(spec, 'tokenRequests', 'spec', (request, path) => {
      const audience = stringAt(request, 'audience');
      if (audiences.has(audience)) {
        report(duplicate(`${path}.audience`, audience));
        return;
      }
      audiences.add(audience);
      const seconds = numberAt(request, 'expirationSeconds');
      const at = `${path}.expirationSeconds`;
      if (seconds === undefined) return;
      if (seconds < 600) report(invalid(at, seconds, 'may not specify a duration less than 10 minutes'));
      if (seconds > 2 ** 32) report(invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds'));
    });
    for (const mode of textsAt(spec, 'volumeLifecycleModes')) {
      if (!lifecycleModes.includes(mode)) report(notSupported('spec.volumeLifecycleModes', mode, lifecycleModes));
    }
    const period = numberAt(spec, 'nodeAllocatableUpdatePeriodSeconds');
    if (period !== undefined && period < 10) {
      const why = 'must be greater than or equal to 10 seconds';
      report(invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, why));
    }
    if (has(spec, 'serviceAccountTokenInSecrets') && listAt(spec, 'tokenRequests').length === 0) {
      const why = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
      report(invalid('spec.serviceAccountTokenInSecrets', spec.serviceAccountTokenInSecrets, why));
    }
    if (old === undefined) return;
    immutable(spec.attachRequired, valueAt(old, 'spec', 'attachRequired'), 'spec.attachedRequired', report);
    const modes = valueAt(old, 'spec', 'volumeLifecycleModes');
    immutable(spec.volumeLifecycleModes, modes, 'spec.volumeLifecycleModes', report);
  });

/** @see k8s.io/kubernetes pkg/apis/storage/validation `ValidateCSINode` */
export const validateCsiNode: Validator = (node, old) =>
  gather((report) => {
    if (old !== undefined) checkMetadataAgain(node, report, undefined, false);
    const names = new Set<string>();
    each(node.spec, 'drivers', 'spec', (driver, path) => {
      const [name, id] = [stringAt(driver, 'name'), stringAt(driver, 'nodeID')];
      checkDriverName(name, `${path}.name`, report);
      if (id === '') report(required(`${path}.nodeID`));
      if (byteLength(id) > 256) report(invalid(`${path}.nodeID`, id, 'must be 256 characters or less'));
      const count = numberAt(driver, 'allocatable', 'count') ?? 0;
      if (count < 0) report(invalid(`${path}.allocatable.count`, count, negativeMessage));
      if (names.has(name)) report(duplicate(`${path}.name`, name));
      names.add(name);
      const keys = new Set<string>();
      for (const key of textsAt(driver, 'topologyKeys')) {
        if (key === '') report(required(path));
        if (keys.has(key)) report(duplicate(path, key));
        keys.add(key);
        says(labelKeyProblems(key), path, key, report);
      }
    });
    for (const before of listAt(old, 'spec', 'drivers')) {
      const after = listAt(node, 'spec', 'drivers').find((one) => stringAt(one, 'name') === stringAt(before, 'name'));
      if (after === undefined) continue;
      const [now, was] = [after, before].map((one) => ({ ...(one as JsonObject), allocatable: undefined }));
      if (!same(now, was)) {
        report(invalidInternal('spec.drivers', '*storage.CSINodeDriver', now, 'field is immutable'));
      }
    }
  });

/** @see k8s.io/kubernetes pkg/apis/storage/validation `ValidateCSIStorageCapacity` */
export const validateStorageCapacity: Validator = (capacity, old) =>
  gather((report) => {
    if (old !== undefined) {
      const topology = capacity.nodeTopology;
      if (!same(topology, old.nodeTopology)) {
        report(invalidInternal('nodeTopology', '*raw:LabelSelector', topology, 'field is immutable'));
      }
      immutable(stringAt(capacity, 'storageClassName'), stringAt(old, 'storageClassName'), 'storageClassName', report);
      return;
    }
    checkLabelSelector(capacity.nodeTopology, 'nodeTopology', report);
    const name = stringAt(capacity, 'storageClassName');
    says(dns1123SubdomainErrors(name), 'storageClassName', name, report);
    if (amountOf(capacity.capacity) < 0n) report(invalid('capacity', capacity.capacity, negativeMessage));
  });
