import { duplicate, forbidden, invalid, notFoundValue, notSupported, required } from '../field-error.ts';
import { quote } from '../go-format.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../meta/formats.ts';
import { type JsonObject, listAt, type Metadata, numberAt, stringAt, valueAt } from '../object.ts';
import { amountOf } from './amount.ts';
import { checkClaimTemplate } from './validate-claims.ts';
import { checkFieldRef, checkResourceFieldRef } from './validate-environment.ts';
import { type Check, each, has, objectAt, oneOf, type Report, requiredText, says } from './validate-fields.ts';
import { climbErrors, descendingPathErrors, volumePathErrors } from './validate-formats.ts';
import { checkLabelSelector } from './validate-selectors.ts';
import { checkOneSource, commonSources, type VolumeSource } from './validate-volume-sources.ts';

/** Where a pod specification stands. */
export interface PodPlace {
  /** In a pod, not in a template. */
  readonly isPod: boolean;
  /** The metadata of the pod; templates have none that matters. */
  readonly metadata?: Metadata | undefined;
}

const modeMessage = 'must be a number between 0 and 0777 (octal), both inclusive';
const pathsMessage = 'conflicting duplicate paths';
export const pullPolicies: readonly string[] = ['Always', 'IfNotPresent', 'Never'];

function checkMode(owner: JsonObject, name: string, field: string, report: Report): void {
  const mode = numberAt(owner, name);
  if (mode !== undefined && (mode > 0o777 || mode < 0)) report(invalid(`${field}.${name}`, mode, modeMessage));
}

function checkItems(owner: JsonObject, field: string, report: Report, visit?: (path: string) => void): void {
  each(owner, 'items', field, (item, at) => {
    requiredText(item, 'key', at, report);
    const path = requiredText(item, 'path', at, report);
    says(volumePathErrors(path), `${at}.path`, path, report);
    checkMode(item, 'mode', at, report);
    if (path !== '') visit?.(path);
  });
}

function filesOf(nameField: string): Check {
  return (source, field, report) => {
    requiredText(source, nameField, field, report);
    checkMode(source, 'defaultMode', field, report);
    checkItems(source, field, report);
  };
}

function checkDownwardFile(file: JsonObject, field: string, report: Report): void {
  const path = requiredText(file, 'path', field, report);
  says(volumePathErrors(path), `${field}.path`, path, report);
  const [fieldRef, resourceRef] = [objectAt(file, 'fieldRef'), objectAt(file, 'resourceFieldRef')];
  if (fieldRef !== undefined) {
    checkFieldRef(fieldRef, `${field}.fieldRef`, 'volume', report);
    if (resourceRef !== undefined) {
      report(invalid(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
    }
  } else if (resourceRef !== undefined) checkResourceFieldRef(resourceRef, `${field}.resourceFieldRef`, true, report);
  else report(required(field, 'one of fieldRef and resourceFieldRef is required'));
  checkMode(file, 'mode', field, report);
}

const downwardApi: Check = (source, field, report) => {
  checkMode(source, 'defaultMode', field, report);
  // The real server says nothing of which file it is.
  each(source, 'items', field, (file) => checkDownwardFile(file, field, report));
};

const projected: Check = (source, field, report) => {
  checkMode(source, 'defaultMode', field, report);
  const paths = new Set<string>();
  const claimPath = (path: string, shown: string): void => {
    if (paths.has(path)) report(invalid(field, shown, pathsMessage));
    paths.add(path);
  };
  each(source, 'sources', field, (projection, at) => {
    const kinds = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken', 'clusterTrustBundle'];
    for (const kind of ['secret', 'configMap']) {
      const files = objectAt(projection, kind);
      if (files === undefined) continue;
      requiredText(files, 'name', `${at}.${kind}`, report);
      checkItems(files, `${at}.${kind}`, report, (path) => claimPath(path, stringAt(files, 'name')));
    }
    each(projection.downwardAPI, 'items', at, (file) => {
      checkDownwardFile(file, `${at}.downwardAPI`, report);
      if (stringAt(file, 'path') !== '') claimPath(stringAt(file, 'path'), stringAt(file, 'path'));
    });
    const token = objectAt(projection, 'serviceAccountToken');
    if (token !== undefined) checkToken(token, field, `${at}.serviceAccountToken`, report);
    const bundle = objectAt(projection, 'clusterTrustBundle');
    if (bundle !== undefined) {
      checkTrustBundle(bundle, `${at}.clusterTrustBundle`, report);
      claimPath(stringAt(bundle, 'path'), stringAt(bundle, 'path'));
    }
    if (kinds.filter((kind) => has(projection, kind)).length > 1) {
      report(forbidden(at, 'may not specify more than 1 volume type per source'));
    }
  });
};

function checkToken(token: JsonObject, volume: string, field: string, report: Report): void {
  const seconds = numberAt(token, 'expirationSeconds') ?? 0;
  const path = `${field}.expirationSeconds`;
  if (seconds < 600) report(invalid(path, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > 2 ** 32) report(invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds'));
  const file = requiredText(token, 'path', volume, report);
  if (file !== '') says(volumePathErrors(file), `${volume}.path`, file, report);
}

function checkTrustBundle(bundle: JsonObject, field: string, report: Report): void {
  const [byName, bySigner] = [has(bundle, 'name'), has(bundle, 'signerName')];
  if (byName && bySigner) report(invalid(field, bundle, 'only one of name and signerName may be used'));
  else if (byName) {
    const name = requiredText(bundle, 'name', field, report, 'must be a valid object name');
    for (const wrong of dns1123SubdomainErrors(name)) {
      report(invalid(`${field}.name`, name, `not a valid clustertrustbundlename: ${wrong}`));
    }
  } else if (bySigner) {
    requiredText(bundle, 'signerName', field, report, 'must be a valid signer name');
    checkLabelSelector(bundle.labelSelector, `${field}.labelSelector`, report);
  } else report(required(field, 'either name or signerName must be specified'));
  const path = requiredText(bundle, 'path', field, report);
  says(volumePathErrors(path), `${field}.path`, path, report);
}

const emptyDir: VolumeSource = {
  name: 'emptyDir',
  check: (source, field, report) => {
    if (amountOf(source.sizeLimit) < 0n) {
      report(forbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
    }
  },
};

const gitRepo: Check = (source, field, report) => {
  requiredText(source, 'repository', field, report);
  const directory = stringAt(source, 'directory');
  says(descendingPathErrors(directory), `${field}.directory`, directory, report);
};

/** In the order in which the real server looks at them. */
const order = [
  'emptyDir hostPath gitRepo gcePersistentDisk awsElasticBlockStore secret nfs iscsi glusterfs flocker persistentVolumeClaim',
  'rbd cinder cephfs quobyte downwardAPI fc flexVolume configMap azureFile vsphereVolume photonPersistentDisk portworxVolume',
  'azureDisk storageos projected scaleIO csi ephemeral image',
].flatMap((line) => line.split(' '));

function podSources(volumeName: string, { isPod, metadata }: PodPlace): readonly VolumeSource[] {
  const own: Readonly<Record<string, VolumeSource>> = {
    ...commonSources(false, volumeName),
    emptyDir,
    gitRepo: { name: 'gitRepo', check: gitRepo },
    secret: { name: 'secret', check: filesOf('secretName') },
    configMap: { name: 'configMap', check: filesOf('name') },
    persistentVolumeClaim: {
      name: 'persistentVolumeClaim',
      check: (source, field, report) => void requiredText(source, 'claimName', field, report),
    },
    downwardAPI: { name: 'downwardAPI', conflictPath: 'downwarAPI', check: downwardApi },
    projected: { name: 'projected', check: projected },
    ephemeral: {
      name: 'ephemeral',
      check: (source, field, report) => {
        const template = objectAt(source, 'volumeClaimTemplate');
        if (template === undefined) report(required(`${field}.volumeClaimTemplate`));
        else checkClaimTemplate(template, `${field}.volumeClaimTemplate`, report);
        const podName = metadata?.name ?? '';
        if (podName === '' || volumeName === '') return;
        const claim = `${podName}-${volumeName}`;
        for (const wrong of dns1123SubdomainErrors(claim)) {
          const why = `PVC name ${quote(claim)}: ${wrong}`;
          report(invalid(`${field.replace(/\.ephemeral$/, '')}.name`, volumeName, why));
        }
      },
    },
    image: {
      name: 'image',
      check: (source, field, report) => {
        if (isPod) requiredText(source, 'reference', field, report);
        oneOf(source, 'pullPolicy', field, pullPolicies, report);
      },
    },
  };
  return order.flatMap((name) => own[name] ?? []);
}

/** Volumes that are valid, by name. */
export type Volumes = ReadonlyMap<string, JsonObject>;

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateVolumes` */
export function checkVolumes(spec: JsonObject, field: string, place: PodPlace, report: Report): Volumes {
  const valid = new Map<string, JsonObject>();
  const podName = place.metadata?.name ?? '';
  const generated = new Set(
    podName === ''
      ? []
      : listAt(spec, 'volumes')
          .filter((volume) => has(volume, 'ephemeral'))
          .map((volume) => `${podName}-${stringAt(volume, 'name')}`),
  );
  each(spec, 'volumes', field, (volume, path) => {
    const name = stringAt(volume, 'name');
    let good = true;
    const note: Report = (error) => {
      good = false;
      report(error);
    };
    if (checkOneSource(volume, path, podSources(name, place), note) === 0) {
      note(required(path, 'must specify a volume type'));
    }
    if (name === '') note(required(`${path}.name`));
    else says(dns1123LabelErrors(name), `${path}.name`, name, note);
    if (valid.has(name)) note(duplicate(`${path}.name`, name));
    if (good) valid.set(name, volume);
    const claim = stringAt(volume, 'persistentVolumeClaim', 'claimName');
    if (generated.has(claim)) {
      const why = 'must not reference a PVC that gets created for an ephemeral volume';
      report(invalid(`${path}.persistentVolumeClaim.claimName`, claim, why));
    }
  });
  return valid;
}

const propagations = ['Bidirectional', 'HostToContainer', 'None'];
const recursions = ['Disabled', 'Enabled', 'IfPossible'];

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateVolumeMounts` */
export function checkMounts(container: JsonObject, field: string, volumes: Volumes, report: Report): void {
  const list = `${field}.volumeMounts`;
  const paths = new Set<string>();
  const devices = listAt(container, 'volumeDevices');
  each(container, 'volumeMounts', field, (mount, at) => {
    const name = requiredText(mount, 'name', at, report);
    if (!volumes.has(name)) report(notFoundValue(`${at}.name`, name));
    const path = requiredText(mount, 'mountPath', at, report);
    if (paths.has(path)) report(invalid(`${at}.mountPath`, path, 'must be unique'));
    paths.add(path);
    if (devices.some((device) => stringAt(device, 'name') === name)) {
      report(invalid(`${at}.name`, name, 'must not already exist in volumeDevices'));
    }
    if (devices.some((device) => stringAt(device, 'devicePath') === path)) {
      report(invalid(`${at}.mountPath`, path, 'must not already exist as a path in volumeDevices'));
    }
    const [subPath, expression] = [stringAt(mount, 'subPath'), stringAt(mount, 'subPathExpr')];
    says(descendingPathErrors(subPath), `${list}.subPath`, subPath, report);
    if (expression !== '' && subPath !== '') {
      report(invalid(`${at}.subPathExpr`, expression, 'subPathExpr and subPath are mutually exclusive'));
    }
    says(descendingPathErrors(expression), `${list}.subPathExpr`, expression, report);
    checkPropagation(mount, container, `${list}.mountPropagation`, report);
    checkRecursion(mount, `${list}.recursiveReadOnly`, report);
  });
}

function checkPropagation(mount: JsonObject, container: JsonObject, field: string, report: Report): void {
  if (!has(mount, 'mountPropagation')) return;
  const mode = stringAt(mount, 'mountPropagation');
  if (!propagations.includes(mode)) report(notSupported(field, mode, propagations));
  if (mode === 'Bidirectional' && valueAt(container, 'securityContext', 'privileged') !== true) {
    report(forbidden(field, 'Bidirectional mount propagation is available only to privileged containers'));
  }
}

function checkRecursion(mount: JsonObject, field: string, report: Report): void {
  if (!has(mount, 'recursiveReadOnly') || stringAt(mount, 'recursiveReadOnly') === 'Disabled') return;
  const mode = stringAt(mount, 'recursiveReadOnly');
  if (!recursions.includes(mode)) {
    report(notSupported(field, mode, recursions));
    return;
  }
  if (mount.readOnly !== true) report(forbidden(field, 'may only be specified when readOnly is true'));
  if (!['', 'None'].includes(stringAt(mount, 'mountPropagation'))) {
    report(forbidden(field, 'may only be specified when mountPropagation is None or not specified'));
  }
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateVolumeDevices` */
export function checkDevices(container: JsonObject, field: string, volumes: Volumes, report: Report): void {
  const [names, paths] = [new Set<string>(), new Set<string>()];
  const mounts = listAt(container, 'volumeMounts');
  each(container, 'volumeDevices', field, (device, at) => {
    const [name, path] = [stringAt(device, 'name'), stringAt(device, 'devicePath')];
    const volume = volumes.get(name);
    if (name === '') report(required(`${at}.name`));
    if (names.has(name)) report(invalid(`${at}.name`, name, 'must be unique'));
    if (volume !== undefined && !has(volume, 'persistentVolumeClaim') && !has(volume, 'ephemeral')) {
      const why = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      report(invalid(`${at}.name`, name, why));
    }
    if (volume === undefined) {
      report(notFoundValue(`${at}.name`, name));
    }
    if (path === '') report(required(`${at}.devicePath`));
    if (paths.has(path)) report(invalid(`${at}.devicePath`, path, 'must be unique'));
    if (climbErrors(path).length > 0) report(invalid(`${at}.devicePath`, path, "can not contain backsteps ('..')"));
    else paths.add(path);
    if (mounts.some((mount) => stringAt(mount, 'name') === name)) {
      report(invalid(`${at}.name`, name, 'must not already exist in volumeMounts'));
    }
    if (mounts.some((mount) => stringAt(mount, 'mountPath') === path)) {
      report(invalid(`${at}.devicePath`, path, 'must not already exist as a path in volumeMounts'));
    }
    if (name !== '') names.add(name);
  });
}
