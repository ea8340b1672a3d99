import { describe, expect, test } from 'vitest';
import { builtinKinds } from './index.ts';

/** apiVersion, kind, resource, scope, subresources: as a kube-apiserver 1.35 lists them, with every API switched on. */
const facts: readonly (readonly [string, string, string, 'Namespaced' | 'Cluster', string])[] = [
  ['v1', 'ConfigMap', 'configmaps', 'Namespaced', ''],
  ['v1', 'ComponentStatus', 'componentstatuses', 'Cluster', ''],
  ['v1', 'Endpoints', 'endpoints', 'Namespaced', ''],
  ['v1', 'Event', 'events', 'Namespaced', ''],
  ['v1', 'Namespace', 'namespaces', 'Cluster', 'finalize status'],
  ['v1', 'Node', 'nodes', 'Cluster', 'proxy status'],
  ['v1', 'PersistentVolume', 'persistentvolumes', 'Cluster', 'status'],
  [
    ...(['v1', 'Pod', 'pods', 'Namespaced'] as const),
    'attach binding ephemeralcontainers eviction exec log portforward proxy resize status',
  ],
  ['v1', 'ReplicationController', 'replicationcontrollers', 'Namespaced', 'scale status'],
  ['v1', 'Secret', 'secrets', 'Namespaced', ''],
  ['v1', 'Service', 'services', 'Namespaced', 'proxy status'],
  ['v1', 'ServiceAccount', 'serviceaccounts', 'Namespaced', 'token'],
  [
    ...(['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies'] as const),
    ...(['Cluster', 'status'] as const),
  ],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', 'Cluster', 'status'],
  ['apiregistration.k8s.io/v1', 'APIService', 'apiservices', 'Cluster', 'status'],
  ['apps/v1', 'ControllerRevision', 'controllerrevisions', 'Namespaced', ''],
  ['apps/v1', 'DaemonSet', 'daemonsets', 'Namespaced', 'status'],
  ['apps/v1', 'Deployment', 'deployments', 'Namespaced', 'scale status'],
  ['apps/v1', 'StatefulSet', 'statefulsets', 'Namespaced', 'scale status'],
  ['authentication.k8s.io/v1', 'TokenReview', 'tokenreviews', 'Cluster', ''],
  ['authorization.k8s.io/v1', 'LocalSubjectAccessReview', 'localsubjectaccessreviews', 'Namespaced', ''],
  ['autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'Namespaced', 'status'],
  ['batch/v1', 'CronJob', 'cronjobs', 'Namespaced', 'status'],
  ['certificates.k8s.io/v1', 'CertificateSigningRequest', 'certificatesigningrequests', 'Cluster', 'approval status'],
  ['coordination.k8s.io/v1', 'Lease', 'leases', 'Namespaced', ''],
  ['discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices', 'Namespaced', ''],
  ['events.k8s.io/v1', 'Event', 'events', 'Namespaced', ''],
  ['flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', 'flowschemas', 'Cluster', 'status'],
  ['networking.k8s.io/v1', 'Ingress', 'ingresses', 'Namespaced', 'status'],
  ['networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', 'Namespaced', ''],
  ['policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', 'Namespaced', 'status'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', 'Cluster', ''],
  ['resource.k8s.io/v1', 'ResourceClaim', 'resourceclaims', 'Namespaced', 'status'],
  ['scheduling.k8s.io/v1alpha1', 'Workload', 'workloads', 'Namespaced', ''],
  ['storage.k8s.io/v1', 'StorageClass', 'storageclasses', 'Cluster', ''],
];

describe('Facts on board', () => {
  test.each(facts)('%s %s is %s, %s, with subresources [%s]', (apiVersion, kind, resource, scope, subresources) => {
    const handle = builtinKinds.find((each) => each.apiVersion === apiVersion && each.kind === kind);
    expect(handle).toMatchObject({ resource, scope });
    expect(handle?.subresources.join(' ')).toBe(subresources);
  });
});

test('Complete: builtinKinds has the kinds of every group-version of Kubernetes 1.35 and 1.36, none twice', () => {
  const names = builtinKinds.map(({ apiVersion, resource }) => `${apiVersion}/${resource}`);
  expect(new Set(names).size).toBe(names.length);
  // A server with every API switched on lists 90 kinds in 1.35; 1.36 adds six.
  expect(names).toHaveLength(96);
  expect([...new Set(builtinKinds.map(({ apiVersion }) => apiVersion))].sort()).toMatchInlineSnapshot(`
    [
      "admissionregistration.k8s.io/v1",
      "admissionregistration.k8s.io/v1alpha1",
      "admissionregistration.k8s.io/v1beta1",
      "apiextensions.k8s.io/v1",
      "apiregistration.k8s.io/v1",
      "apps/v1",
      "authentication.k8s.io/v1",
      "authorization.k8s.io/v1",
      "autoscaling/v1",
      "autoscaling/v2",
      "batch/v1",
      "certificates.k8s.io/v1",
      "certificates.k8s.io/v1alpha1",
      "certificates.k8s.io/v1beta1",
      "coordination.k8s.io/v1",
      "coordination.k8s.io/v1alpha2",
      "coordination.k8s.io/v1beta1",
      "discovery.k8s.io/v1",
      "events.k8s.io/v1",
      "flowcontrol.apiserver.k8s.io/v1",
      "internal.apiserver.k8s.io/v1alpha1",
      "networking.k8s.io/v1",
      "networking.k8s.io/v1beta1",
      "node.k8s.io/v1",
      "policy/v1",
      "rbac.authorization.k8s.io/v1",
      "resource.k8s.io/v1",
      "resource.k8s.io/v1alpha3",
      "resource.k8s.io/v1beta1",
      "resource.k8s.io/v1beta2",
      "scheduling.k8s.io/v1",
      "scheduling.k8s.io/v1alpha1",
      "scheduling.k8s.io/v1alpha2",
      "storage.k8s.io/v1",
      "storage.k8s.io/v1beta1",
      "storagemigration.k8s.io/v1beta1",
      "v1",
    ]
  `);
});
