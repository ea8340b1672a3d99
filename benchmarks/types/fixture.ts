// What a large operator's types ask of the compiler: fifty built-in kinds, read and drafted, and one deep custom resource.

import {
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingWebhookConfiguration,
} from '@bowline/api/admissionregistration/v1';
import { CustomResourceDefinition } from '@bowline/api/apiextensions/v1';
import { ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet } from '@bowline/api/apps/v1';
import { HorizontalPodAutoscaler } from '@bowline/api/autoscaling/v2';
import { CronJob, Job } from '@bowline/api/batch/v1';
import { CertificateSigningRequest } from '@bowline/api/certificates/v1';
import { Lease } from '@bowline/api/coordination/v1';
import type { PodSpec } from '@bowline/api/core/v1';
import {
  ConfigMap,
  Endpoints,
  Event,
  LimitRange,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodTemplate,
  ReplicationController,
  ResourceQuota,
  Secret,
  Service,
  ServiceAccount,
} from '@bowline/api/core/v1';
import { EndpointSlice } from '@bowline/api/discovery/v1';
import { FlowSchema, PriorityLevelConfiguration } from '@bowline/api/flowcontrol/v1';
import { Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from '@bowline/api/networking/v1';
import { RuntimeClass } from '@bowline/api/node/v1';
import { PodDisruptionBudget } from '@bowline/api/policy/v1';
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '@bowline/api/rbac/v1';
import { DeviceClass, ResourceClaim, ResourceSlice } from '@bowline/api/resource/v1';
import { PriorityClass } from '@bowline/api/scheduling/v1';
import { CSIDriver, StorageClass, VolumeAttachment } from '@bowline/api/storage/v1';
import type { Draft, Kind, KubernetesObject, Mutable, ObjectList, ObjectOf } from '@bowline/apimachinery';
import { defineCrd, s } from '@bowline/crd';

declare function get<T extends KubernetesObject>(
  kind: Kind<T>,
  key: { namespace?: string; name: string },
): Promise<T | undefined>;
declare function list<T extends KubernetesObject>(kind: Kind<T>): Promise<ObjectList<T>>;
declare function apply<T extends KubernetesObject>(kind: Kind<T>, draft: Draft<T>): Promise<T>;
declare function draftOf<T>(object: T): Mutable<T>;

const key = { namespace: 'default', name: 'web' };
const metadata = { ...key, labels: { app: 'web' } };
const pod: PodSpec = {
  containers: [
    {
      name: 'web',
      image: 'nginx',
      env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'config', key: 'a' } } }],
      livenessProbe: { httpGet: { path: '/', port: 'http' } },
      resources: { requests: { cpu: '100m' }, limits: { memory: '1Gi' } },
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    },
  ],
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] } },
};
const template = { metadata: { labels: { app: 'web' } }, spec: pod };
const selector = { matchLabels: { app: 'web' } };

/** Every kind is read, listed and taken as a draft. */
export async function readAll(): Promise<(string | undefined)[]> {
  return [
    (await get(MutatingWebhookConfiguration, key))?.metadata.uid,
    (await list(MutatingWebhookConfiguration)).items[0]?.metadata.resourceVersion,
    draftOf(await get(MutatingWebhookConfiguration, key))?.metadata.name,
    (await get(ValidatingAdmissionPolicy, key))?.metadata.uid,
    (await list(ValidatingAdmissionPolicy)).items[0]?.metadata.resourceVersion,
    draftOf(await get(ValidatingAdmissionPolicy, key))?.metadata.name,
    (await get(ValidatingWebhookConfiguration, key))?.metadata.uid,
    (await list(ValidatingWebhookConfiguration)).items[0]?.metadata.resourceVersion,
    draftOf(await get(ValidatingWebhookConfiguration, key))?.metadata.name,
    (await get(CustomResourceDefinition, key))?.metadata.uid,
    (await list(CustomResourceDefinition)).items[0]?.metadata.resourceVersion,
    draftOf(await get(CustomResourceDefinition, key))?.metadata.name,
    (await get(ControllerRevision, key))?.metadata.uid,
    (await list(ControllerRevision)).items[0]?.metadata.resourceVersion,
    draftOf(await get(ControllerRevision, key))?.metadata.name,
    (await get(DaemonSet, key))?.metadata.uid,
    (await list(DaemonSet)).items[0]?.metadata.resourceVersion,
    draftOf(await get(DaemonSet, key))?.metadata.name,
    (await get(Deployment, key))?.metadata.uid,
    (await list(Deployment)).items[0]?.metadata.resourceVersion,
    draftOf(await get(Deployment, key))?.metadata.name,
    (await get(ReplicaSet, key))?.metadata.uid,
    (await list(ReplicaSet)).items[0]?.metadata.resourceVersion,
    draftOf(await get(ReplicaSet, key))?.metadata.name,
    (await get(StatefulSet, key))?.metadata.uid,
    (await list(StatefulSet)).items[0]?.metadata.resourceVersion,
    draftOf(await get(StatefulSet, key))?.metadata.name,
    (await get(HorizontalPodAutoscaler, key))?.metadata.uid,
    (await list(HorizontalPodAutoscaler)).items[0]?.metadata.resourceVersion,
    draftOf(await get(HorizontalPodAutoscaler, key))?.metadata.name,
    (await get(CronJob, key))?.metadata.uid,
    (await list(CronJob)).items[0]?.metadata.resourceVersion,
    draftOf(await get(CronJob, key))?.metadata.name,
    (await get(Job, key))?.metadata.uid,
    (await list(Job)).items[0]?.metadata.resourceVersion,
    draftOf(await get(Job, key))?.metadata.name,
    (await get(CertificateSigningRequest, key))?.metadata.uid,
    (await list(CertificateSigningRequest)).items[0]?.metadata.resourceVersion,
    draftOf(await get(CertificateSigningRequest, key))?.metadata.name,
    (await get(Lease, key))?.metadata.uid,
    (await list(Lease)).items[0]?.metadata.resourceVersion,
    draftOf(await get(Lease, key))?.metadata.name,
    (await get(ConfigMap, key))?.metadata.uid,
    (await list(ConfigMap)).items[0]?.metadata.resourceVersion,
    draftOf(await get(ConfigMap, key))?.metadata.name,
    (await get(Endpoints, key))?.metadata.uid,
    (await list(Endpoints)).items[0]?.metadata.resourceVersion,
    draftOf(await get(Endpoints, key))?.metadata.name,
    (await get(Event, key))?.metadata.uid,
    (await list(Event)).items[0]?.metadata.resourceVersion,
    draftOf(await get(Event, key))?.metadata.name,
    (await get(LimitRange, key))?.metadata.uid,
    (await list(LimitRange)).items[0]?.metadata.resourceVersion,
    draftOf(await get(LimitRange, key))?.metadata.name,
    (await get(Namespace, key))?.metadata.uid,
    (await list(Namespace)).items[0]?.metadata.resourceVersion,
    draftOf(await get(Namespace, key))?.metadata.name,
    (await get(Node, key))?.metadata.uid,
    (await list(Node)).items[0]?.metadata.resourceVersion,
    draftOf(await get(Node, key))?.metadata.name,
    (await get(PersistentVolume, key))?.metadata.uid,
    (await list(PersistentVolume)).items[0]?.metadata.resourceVersion,
    draftOf(await get(PersistentVolume, key))?.metadata.name,
    (await get(PersistentVolumeClaim, key))?.metadata.uid,
    (await list(PersistentVolumeClaim)).items[0]?.metadata.resourceVersion,
    draftOf(await get(PersistentVolumeClaim, key))?.metadata.name,
    (await get(Pod, key))?.metadata.uid,
    (await list(Pod)).items[0]?.metadata.resourceVersion,
    draftOf(await get(Pod, key))?.metadata.name,
    (await get(PodTemplate, key))?.metadata.uid,
    (await list(PodTemplate)).items[0]?.metadata.resourceVersion,
    draftOf(await get(PodTemplate, key))?.metadata.name,
    (await get(ReplicationController, key))?.metadata.uid,
    (await list(ReplicationController)).items[0]?.metadata.resourceVersion,
    draftOf(await get(ReplicationController, key))?.metadata.name,
    (await get(ResourceQuota, key))?.metadata.uid,
    (await list(ResourceQuota)).items[0]?.metadata.resourceVersion,
    draftOf(await get(ResourceQuota, key))?.metadata.name,
    (await get(Secret, key))?.metadata.uid,
    (await list(Secret)).items[0]?.metadata.resourceVersion,
    draftOf(await get(Secret, key))?.metadata.name,
    (await get(Service, key))?.metadata.uid,
    (await list(Service)).items[0]?.metadata.resourceVersion,
    draftOf(await get(Service, key))?.metadata.name,
    (await get(ServiceAccount, key))?.metadata.uid,
    (await list(ServiceAccount)).items[0]?.metadata.resourceVersion,
    draftOf(await get(ServiceAccount, key))?.metadata.name,
    (await get(EndpointSlice, key))?.metadata.uid,
    (await list(EndpointSlice)).items[0]?.metadata.resourceVersion,
    draftOf(await get(EndpointSlice, key))?.metadata.name,
    (await get(FlowSchema, key))?.metadata.uid,
    (await list(FlowSchema)).items[0]?.metadata.resourceVersion,
    draftOf(await get(FlowSchema, key))?.metadata.name,
    (await get(PriorityLevelConfiguration, key))?.metadata.uid,
    (await list(PriorityLevelConfiguration)).items[0]?.metadata.resourceVersion,
    draftOf(await get(PriorityLevelConfiguration, key))?.metadata.name,
    (await get(Ingress, key))?.metadata.uid,
    (await list(Ingress)).items[0]?.metadata.resourceVersion,
    draftOf(await get(Ingress, key))?.metadata.name,
    (await get(IngressClass, key))?.metadata.uid,
    (await list(IngressClass)).items[0]?.metadata.resourceVersion,
    draftOf(await get(IngressClass, key))?.metadata.name,
    (await get(IPAddress, key))?.metadata.uid,
    (await list(IPAddress)).items[0]?.metadata.resourceVersion,
    draftOf(await get(IPAddress, key))?.metadata.name,
    (await get(NetworkPolicy, key))?.metadata.uid,
    (await list(NetworkPolicy)).items[0]?.metadata.resourceVersion,
    draftOf(await get(NetworkPolicy, key))?.metadata.name,
    (await get(ServiceCIDR, key))?.metadata.uid,
    (await list(ServiceCIDR)).items[0]?.metadata.resourceVersion,
    draftOf(await get(ServiceCIDR, key))?.metadata.name,
    (await get(RuntimeClass, key))?.metadata.uid,
    (await list(RuntimeClass)).items[0]?.metadata.resourceVersion,
    draftOf(await get(RuntimeClass, key))?.metadata.name,
    (await get(PodDisruptionBudget, key))?.metadata.uid,
    (await list(PodDisruptionBudget)).items[0]?.metadata.resourceVersion,
    draftOf(await get(PodDisruptionBudget, key))?.metadata.name,
    (await get(ClusterRole, key))?.metadata.uid,
    (await list(ClusterRole)).items[0]?.metadata.resourceVersion,
    draftOf(await get(ClusterRole, key))?.metadata.name,
    (await get(ClusterRoleBinding, key))?.metadata.uid,
    (await list(ClusterRoleBinding)).items[0]?.metadata.resourceVersion,
    draftOf(await get(ClusterRoleBinding, key))?.metadata.name,
    (await get(Role, key))?.metadata.uid,
    (await list(Role)).items[0]?.metadata.resourceVersion,
    draftOf(await get(Role, key))?.metadata.name,
    (await get(RoleBinding, key))?.metadata.uid,
    (await list(RoleBinding)).items[0]?.metadata.resourceVersion,
    draftOf(await get(RoleBinding, key))?.metadata.name,
    (await get(DeviceClass, key))?.metadata.uid,
    (await list(DeviceClass)).items[0]?.metadata.resourceVersion,
    draftOf(await get(DeviceClass, key))?.metadata.name,
    (await get(ResourceClaim, key))?.metadata.uid,
    (await list(ResourceClaim)).items[0]?.metadata.resourceVersion,
    draftOf(await get(ResourceClaim, key))?.metadata.name,
    (await get(ResourceSlice, key))?.metadata.uid,
    (await list(ResourceSlice)).items[0]?.metadata.resourceVersion,
    draftOf(await get(ResourceSlice, key))?.metadata.name,
    (await get(PriorityClass, key))?.metadata.uid,
    (await list(PriorityClass)).items[0]?.metadata.resourceVersion,
    draftOf(await get(PriorityClass, key))?.metadata.name,
    (await get(CSIDriver, key))?.metadata.uid,
    (await list(CSIDriver)).items[0]?.metadata.resourceVersion,
    draftOf(await get(CSIDriver, key))?.metadata.name,
    (await get(StorageClass, key))?.metadata.uid,
    (await list(StorageClass)).items[0]?.metadata.resourceVersion,
    draftOf(await get(StorageClass, key))?.metadata.name,
    (await get(VolumeAttachment, key))?.metadata.uid,
    (await list(VolumeAttachment)).items[0]?.metadata.resourceVersion,
    draftOf(await get(VolumeAttachment, key))?.metadata.name,
  ];
}

/** The kinds that operators write most. */
export async function writeSome(): Promise<void> {
  await apply(Deployment, { metadata, spec: { selector, template, strategy: { rollingUpdate: { maxSurge: '25%' } } } });
  await apply(StatefulSet, {
    metadata,
    spec: { selector, template, serviceName: 'web', volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }] },
  });
  await apply(DaemonSet, { metadata, spec: { selector, template } });
  await apply(Job, { metadata, spec: { template } });
  await apply(CronJob, { metadata, spec: { schedule: '* * * * *', jobTemplate: { spec: { template } } } });
  await apply(Service, { metadata, spec: { ports: [{ port: 80, targetPort: 'http' }], selector: { app: 'web' } } });
  await apply(ConfigMap, { metadata, data: { a: 'b' } });
  await apply(Secret, { metadata, stringData: { a: 'b' } });
  await apply(Role, { metadata, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] });
  await apply(Ingress, {
    metadata,
    spec: { rules: [{ host: 'a', http: { paths: [{ pathType: 'Prefix', backend: {} }] } }] },
  });
}

const resources = s.object({ requests: s.map(s.quantity()).optional(), limits: s.map(s.quantity()).optional() });
const affinity = s.object({
  key: s.string(),
  operator: s.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).default('In'),
  values: s.array(s.string(), { listType: 'set' }).optional(),
});
const storage = s.object({
  className: s.string().optional(),
  size: s.quantity().default('10Gi'),
  snapshots: s
    .object({
      schedule: s.string({ pattern: '^\\S+( \\S+){4}$' }),
      retention: s
        .object({ daily: s.integer({ minimum: 0 }).default(7), weekly: s.integer({ minimum: 0 }).default(4) })
        .default({}),
      target: s.object({ bucket: s.string(), region: s.string().optional(), prefix: s.string().default('') }),
    })
    .optional(),
});
const node = s.object({
  name: s.string(),
  roles: s.array(s.enum(['primary', 'replica', 'witness']), { listType: 'set' }).default(['replica']),
  replicas: s.integer({ minimum: 0, maximum: 99 }).default(1),
  resources: resources.default({}),
  storage: storage.default({}),
  affinity: s.array(affinity).optional(),
  ports: s
    .array(s.object({ name: s.string(), port: s.intOrString(), protocol: s.enum(['TCP', 'UDP']).default('TCP') }), {
      listType: 'map',
      listMapKeys: ['name'],
    })
    .default([]),
  template: s.embeddedResource().optional(),
});

/** Six levels deep, with defaults on each. */
export const Cluster = defineCrd({
  group: 'database.example.com',
  version: 'v1',
  kind: 'Cluster',
  spec: s.object({
    version: s.enum(['14', '15', '16', '17']).default('17'),
    nodes: s.array(node, { listType: 'map', listMapKeys: ['name'] }),
    pools: s
      .map(
        s.object({ size: s.integer().default(10), mode: s.enum(['session', 'transaction']).default('session'), node }),
      )
      .optional(),
    backup: s.object({
      enabled: s.boolean().default(true),
      storage,
      windows: s.array(s.object({ start: s.dateTime(), end: s.dateTime() })).optional(),
    }),
    tls: s
      .object({
        secretName: s.string(),
        issuer: s.object({ name: s.string(), kind: s.string().default('Issuer') }).optional(),
      })
      .nullable()
      .optional(),
    users: s
      .array(
        s.object({
          name: s.string(),
          grants: s.array(s.object({ database: s.string(), privileges: s.array(s.string()).default([]) })).default([]),
        }),
      )
      .default([]),
  }),
  status: s.object({
    phase: s.enum(['Creating', 'Ready', 'Failed']).optional(),
    conditions: s.conditions().optional(),
    nodes: s.map(s.object({ ready: s.boolean(), lag: s.number().optional() })).optional(),
  }),
});
export type Cluster = ObjectOf<typeof Cluster>;

/** What is read has its defaults; what is sent need not. */
export async function useCluster(): Promise<number> {
  const cluster = await apply(Cluster, {
    metadata,
    spec: {
      nodes: [{ name: 'a' }, { name: 'b', storage: { snapshots: { schedule: '0 0 * * *', target: { bucket: 'x' } } } }],
      backup: { storage: {} },
    },
  });
  const daily = cluster.spec.nodes[0]?.storage.snapshots?.retention.daily ?? 0;
  const size = cluster.spec.pools?.web?.node.ports[0]?.port;
  return (
    daily +
    cluster.spec.nodes.length +
    (typeof size === 'number' ? size : 0) +
    (cluster.status?.conditions?.length ?? 0)
  );
}
