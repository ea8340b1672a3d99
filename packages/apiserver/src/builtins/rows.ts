import { type NameRule, nameIsDns1035Label, nameIsLabel, nameIsPathSegment, nameIsSubdomain } from '../meta/formats.ts';
import { nameIsIp } from './validate-formats.ts';

/**
 * What differs between the built-in resources when they are written.
 *
 * @see k8s.io/kubernetes pkg/registry: the strategy.go of each resource
 */
export interface Row {
  /** @default nameIsSubdomain */
  readonly name?: NameRule;
  /** Fields whose change increments the generation; `[]`: it stays 1. Absent: the kind has no generation. */
  readonly generation?: readonly (readonly string[])[];
  /** The main endpoint resets the status. `update`: only when updating. @default false */
  readonly resetsStatus?: boolean | 'update';
  /** What the status endpoint takes from the stored metadata. @default nothing */
  readonly statusKeeps?: 'labels' | 'owners' | 'metadata' | 'allMetadata';
  /** The validator of the kind checks the metadata, if anything does; what is common to all resources is checked in any case. @default false */
  readonly ownMetadata?: boolean;
  /** @default false */
  readonly createOnUpdate?: boolean;
  /** @default true */
  readonly unconditionalUpdate?: boolean;
  /** @default false */
  readonly returnsDeleted?: boolean;
  /** @default 'delete' */
  readonly dependents?: 'orphan' | 'unsupported';
}

const spec = [['spec']];
/** A workload with a status: the common case. */
const workload: Row = { generation: spec, resetsStatus: true };
const webhooks: Row = { generation: [['webhooks']], ownMetadata: true, unconditionalUpdate: false };
const rbac: Row = { name: nameIsPathSegment, createOnUpdate: true };

/** By qualified resource: `deployments.apps`. A resource that is not here has all the defaults. */
export const rows: Readonly<Record<string, Row>> = {
  bindings: {},
  configmaps: {},
  endpoints: { createOnUpdate: true },
  events: { ownMetadata: true, createOnUpdate: true, dependents: 'unsupported' },
  limitranges: { createOnUpdate: true },
  namespaces: { name: nameIsLabel, resetsStatus: true, returnsDeleted: true },
  nodes: { resetsStatus: 'update' },
  persistentvolumeclaims: { resetsStatus: true, returnsDeleted: true },
  persistentvolumes: { resetsStatus: true, returnsDeleted: true },
  pods: { generation: spec, resetsStatus: true, statusKeeps: 'owners', returnsDeleted: true },
  podtemplates: { name: nameIsPathSegment, generation: [['template']], returnsDeleted: true },
  replicationcontrollers: { ...workload, dependents: 'orphan' },
  resourcequotas: { resetsStatus: true, returnsDeleted: true },
  secrets: {},
  serviceaccounts: { returnsDeleted: true },
  services: { name: nameIsDns1035Label, resetsStatus: true, createOnUpdate: true, returnsDeleted: true },
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'validatingadmissionpolicies.admissionregistration.k8s.io': {
    ...workload,
    ownMetadata: true,
    statusKeeps: 'metadata',
    unconditionalUpdate: false,
  },
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': {
    generation: spec,
    ownMetadata: true,
    unconditionalUpdate: false,
  },
  'apiservices.apiregistration.k8s.io': { name: nameIsPathSegment, resetsStatus: true, unconditionalUpdate: false },
  'controllerrevisions.apps': {},
  'daemonsets.apps': workload,
  'deployments.apps': {
    generation: [['spec'], ['metadata', 'annotations']],
    resetsStatus: true,
    statusKeeps: 'labels',
  },
  'replicasets.apps': workload,
  'statefulsets.apps': { ...workload, name: nameIsLabel },
  'horizontalpodautoscalers.autoscaling': { resetsStatus: true },
  'cronjobs.batch': workload,
  'jobs.batch': { ...workload, dependents: 'orphan' },
  'certificatesigningrequests.certificates.k8s.io': { name: nameIsPathSegment, ownMetadata: true, resetsStatus: true },
  'events.events.k8s.io': { ownMetadata: true, createOnUpdate: true, dependents: 'unsupported' },
  'leases.coordination.k8s.io': { createOnUpdate: true, unconditionalUpdate: false },
  'endpointslices.discovery.k8s.io': {
    generation: [['addressType'], ['endpoints'], ['ports'], ['metadata', 'labels']],
  },
  'flowschemas.flowcontrol.apiserver.k8s.io': { ...workload, ownMetadata: true, statusKeeps: 'allMetadata' },
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': {
    ...workload,
    ownMetadata: true,
    statusKeeps: 'allMetadata',
  },
  'ingressclasses.networking.k8s.io': { generation: spec },
  'ingresses.networking.k8s.io': workload,
  'ipaddresses.networking.k8s.io': { name: nameIsIp },
  'networkpolicies.networking.k8s.io': { generation: spec },
  'servicecidrs.networking.k8s.io': { statusKeeps: 'metadata' },
  'runtimeclasses.node.k8s.io': { createOnUpdate: true, unconditionalUpdate: false },
  'poddisruptionbudgets.policy': { ...workload, ownMetadata: true, unconditionalUpdate: false },
  'clusterrolebindings.rbac.authorization.k8s.io': rbac,
  'clusterroles.rbac.authorization.k8s.io': rbac,
  'rolebindings.rbac.authorization.k8s.io': rbac,
  'roles.rbac.authorization.k8s.io': rbac,
  'deviceclasses.resource.k8s.io': { generation: spec, returnsDeleted: true },
  'resourceclaims.resource.k8s.io': { resetsStatus: true, statusKeeps: 'metadata', returnsDeleted: true },
  'resourceclaimtemplates.resource.k8s.io': { returnsDeleted: true },
  'resourceslices.resource.k8s.io': { generation: spec, returnsDeleted: true },
  'priorityclasses.scheduling.k8s.io': { generation: [] },
  'csidrivers.storage.k8s.io': { unconditionalUpdate: false, returnsDeleted: true },
  'csinodes.storage.k8s.io': { unconditionalUpdate: false, returnsDeleted: true },
  'csistoragecapacities.storage.k8s.io': { unconditionalUpdate: false },
  'storageclasses.storage.k8s.io': { returnsDeleted: true },
  'volumeattachments.storage.k8s.io': {
    ownMetadata: true,
    resetsStatus: true,
    statusKeeps: 'metadata',
    unconditionalUpdate: false,
    returnsDeleted: true,
  },
  'volumeattributesclasses.storage.k8s.io': { returnsDeleted: true },
};

/** The rule for the names of a resource. */
export function nameRuleOf(row: Row): NameRule {
  return row.name ?? nameIsSubdomain;
}
