import { isObject, type ServerObject } from '../object.ts';

const projections = 'volumes.*.projected.sources.*';
const podSpec = [
  `${projections}.clusterTrustBundle`,
  `${projections}.podCertificate`,
  'workloadRef',
  ...['containers', 'initContainers', 'ephemeralContainers'].map((list) => `${list}.*.lifecycle.stopSignal`),
];
const statuses = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'];
const claim = ['tolerations', 'capacity'].flatMap((name) => [
  `devices.requests.*.exactly.${name}`,
  `devices.requests.*.firstAvailable.*.${name}`,
]);
const claimSpec = [...claim, 'devices.constraints.*.distinctAttribute'];
const device = [
  ...['taints', 'consumesCounters', 'nodeName', 'nodeSelector', 'allNodes', 'bindsToNode', 'bindingConditions'],
  ...['bindingFailureConditions', 'allowMultipleAllocations', 'capacity.*.requestPolicy'],
];
const inTemplate = podSpec.map((path) => `spec.template.spec.${path}`);

/** Fields behind feature gates that are closed by default, by qualified resource; `*` is any index or key. */
const disabled: Readonly<Record<string, readonly string[]>> = {
  pods: [
    ...podSpec.map((path) => `spec.${path}`),
    'status.resources',
    'status.allocatedResources',
    'status.extendedResourceClaimStatus',
    ...statuses.flatMap((list) => ['allocatedResourcesStatus', 'stopSignal'].map((name) => `status.${list}.*.${name}`)),
  ],
  nodes: ['status.declaredFeatures'],
  podtemplates: podSpec.map((path) => `template.spec.${path}`),
  replicationcontrollers: inTemplate,
  'deployments.apps': inTemplate,
  'replicasets.apps': inTemplate,
  'daemonsets.apps': inTemplate,
  'statefulsets.apps': [...inTemplate, 'spec.updateStrategy.rollingUpdate.maxUnavailable'],
  'jobs.batch': inTemplate,
  'deviceclasses.resource.k8s.io': ['spec.extendedResourceName'],
  'resourceclaims.resource.k8s.io': claimSpec.map((path) => `spec.${path}`),
  'resourceclaimtemplates.resource.k8s.io': claimSpec.map((path) => `spec.spec.${path}`),
  'resourceslices.resource.k8s.io': [
    'spec.sharedCounters',
    'spec.perDeviceNodeSelection',
    ...device.map((path) => `spec.devices.*.${path}`),
  ],
  'cronjobs.batch': podSpec.map((path) => `spec.jobTemplate.spec.template.spec.${path}`),
};

/** Takes out what the real server, as it is by default, does not know yet; what is stored already may stay. */
export function dropDisabledFields(resource: string, object: ServerObject, old?: ServerObject): void {
  for (const path of disabled[resource] ?? []) {
    const keys = path.split('.');
    if (old === undefined || !walk(old, keys, false)) walk(object, keys, true);
  }
}

/** @returns whether there is something at the path. */
function walk(value: unknown, [key = '', ...rest]: readonly string[], remove: boolean): boolean {
  if (key === '*') {
    const items: unknown[] = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
    return items.map((item) => walk(item, rest, remove)).includes(true);
  }
  if (!isObject(value) || value[key] === undefined || value[key] === null) return false;
  if (rest.length > 0) return walk(value[key], rest, remove);
  if (remove) delete value[key];
  return true;
}
