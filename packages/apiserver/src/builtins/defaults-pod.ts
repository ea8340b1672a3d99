import { isObject, type JsonObject, stringAt } from '../object.ts';
import { fill, fillNumbers, fillPointers, part, partIfPresent, parts } from './fill.ts';

const hourSeconds = 3_600;
/** 0644 */
const fileMode = 420;

/** Whether an image reference means its tag `latest`: it says so, or says neither tag nor digest. */
function isLatest(image: string): boolean {
  if (image.includes('@')) return false;
  const [, tag] = /:([^:/]+)$/.exec(image) ?? [];
  return tag === undefined || tag === 'latest';
}

function pullPolicy(image: string): string {
  return isLatest(image) ? 'Always' : 'IfNotPresent';
}

function fillHandler(handler: JsonObject | undefined): void {
  const httpGet = partIfPresent(handler, 'httpGet');
  if (httpGet) fill(httpGet, { path: '/', scheme: 'HTTP' });
  const grpc = partIfPresent(handler, 'grpc');
  if (grpc && (grpc.service === undefined || grpc.service === null)) grpc.service = '';
}

function fillContainer(container: JsonObject): void {
  fill(container, {
    imagePullPolicy: pullPolicy(stringAt(container, 'image')),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
  if (!isObject(container.resources)) container.resources = {};
  for (const port of parts(container, 'ports')) fill(port, { protocol: 'TCP' });
  for (const variable of parts(container, 'env')) {
    const fieldRef = partIfPresent(partIfPresent(variable, 'valueFrom'), 'fieldRef');
    if (fieldRef) fill(fieldRef, { apiVersion: 'v1' });
    const fileKeyRef = partIfPresent(partIfPresent(variable, 'valueFrom'), 'fileKeyRef');
    if (fileKeyRef) fill(fileKeyRef, { optional: false });
  }
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = partIfPresent(container, name);
    if (!probe) continue;
    fillHandler(probe);
    fillNumbers(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  }
  const lifecycle = partIfPresent(container, 'lifecycle');
  for (const name of ['postStart', 'preStop']) fillHandler(partIfPresent(lifecycle, name));
}

function fillDownwardItems(items: readonly JsonObject[]): void {
  for (const item of items) {
    const fieldRef = partIfPresent(item, 'fieldRef');
    if (fieldRef) fill(fieldRef, { apiVersion: 'v1' });
  }
}

/** Defaults inside the source of a volume, which pods and persistent volumes share in part. */
export function fillVolumeSource(source: JsonObject): void {
  const within = (name: string, values: Readonly<Record<string, unknown>>): void => {
    const found = partIfPresent(source, name);
    if (found) fill(found, values);
  };
  within('secret', { defaultMode: fileMode });
  within('configMap', { defaultMode: fileMode });
  within('downwardAPI', { defaultMode: fileMode });
  within('projected', { defaultMode: fileMode });
  within('iscsi', { iscsiInterface: 'default' });
  within('rbd', { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' });
  within('scaleIO', { storageMode: 'ThinProvisioned', fsType: 'xfs' });
  const azure = partIfPresent(source, 'azureDisk');
  if (azure) fillPointers(azure, { cachingMode: 'ReadWrite', fsType: 'ext4', kind: 'Shared', readOnly: false });
  const hostPath = partIfPresent(source, 'hostPath');
  if (hostPath) fillPointers(hostPath, { type: '' });
  const image = partIfPresent(source, 'image');
  if (image) fill(image, { pullPolicy: pullPolicy(stringAt(image, 'reference')) });
  const claim = partIfPresent(partIfPresent(source, 'ephemeral'), 'volumeClaimTemplate');
  if (claim) fillPointers(part(claim, 'spec'), { volumeMode: 'Filesystem' });
  fillDownwardItems(parts(partIfPresent(source, 'downwardAPI'), 'items'));
  for (const projection of parts(partIfPresent(source, 'projected'), 'sources')) {
    const token = partIfPresent(projection, 'serviceAccountToken');
    if (token) fill(token, { expirationSeconds: hourSeconds });
    fillDownwardItems(parts(partIfPresent(projection, 'downwardAPI'), 'items'));
  }
}

/** Defaults of a pod's specification wherever it stands: in a pod or in a template. @see k8s.io/kubernetes pkg/apis/core/v1 */
function fillPodSpec(spec: JsonObject): void {
  fill(spec, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
  });
  // The old name of the field is kept equal to the new one.
  if (stringAt(spec, 'serviceAccountName') !== '') spec.serviceAccount = spec.serviceAccountName;
  else if (stringAt(spec, 'serviceAccount') !== '') spec.serviceAccountName = spec.serviceAccount;
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'])
    for (const container of parts(spec, list)) fillContainer(container);
  for (const volume of parts(spec, 'volumes')) {
    if (Object.keys(volume).every((field) => field === 'name' || volume[field] === null)) volume.emptyDir = {};
    fillVolumeSource(volume);
  }
  if (spec.hostNetwork === true) {
    for (const list of ['initContainers', 'containers']) {
      for (const port of parts(spec, list).flatMap((container) => parts(container, 'ports'))) {
        if (!port.hostPort) port.hostPort = port.containerPort;
      }
    }
  }
}

/** Defaults of a pod template, in whose own field it stands. */
export function fillPodTemplate(owner: JsonObject): void {
  const template = partIfPresent(owner, 'template');
  if (!template) return;
  part(template, 'metadata');
  fillPodSpec(part(template, 'spec'));
}

/** Defaults of a pod, among them those that templates do not get. */
export function fillPod(pod: JsonObject): void {
  const spec = part(pod, 'spec');
  fillPodSpec(spec);
  fill(spec, { enableServiceLinks: true });
  for (const list of ['initContainers', 'containers']) {
    for (const container of parts(spec, list)) requestsFromLimits(partIfPresent(container, 'resources'));
  }
  requestsFromLimits(partIfPresent(spec, 'resources'));
}

/** What is limited and not requested is requested up to its limit. */
function requestsFromLimits(resources: JsonObject | undefined): void {
  const limits = partIfPresent(resources, 'limits');
  if (resources && limits) resources.requests = { ...limits, ...partIfPresent(resources, 'requests') };
}
