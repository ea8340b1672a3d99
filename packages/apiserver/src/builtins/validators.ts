import type { BuiltinRules } from './registry.ts';
import { validateAdmissionPolicy, validateAdmissionPolicyBinding } from './validate-admission-policies.ts';
import { validateIpAddress, validateServiceCidr } from './validate-allocations.ts';
import { validateApiService } from './validate-api-service.ts';
import { validateVolumeAttachment } from './validate-attachments.ts';
import { validateAutoscaler, validateAutoscalerV1 } from './validate-autoscaling.ts';
import { validateSigningRequest } from './validate-certificates.ts';
import { validateClaim } from './validate-claims.ts';
import { validateConfigMap, validateNamespace, validateSecret, validateServiceAccount } from './validate-config.ts';
import { validateClaimTemplate, validateDeviceClass, validateResourceClaim } from './validate-devices.ts';
import { validateEndpointSlice, validateEndpoints } from './validate-endpoints.ts';
import { validateEvent, validateGroupEvent } from './validate-event.ts';
import { gather } from './validate-fields.ts';
import { validateFlowSchema, validatePriorityLevel } from './validate-flow-control.ts';
import { validateCronJob, validateJob } from './validate-job.ts';
import { validateIngress, validateIngressClass, validateNetworkPolicy } from './validate-network.ts';
import { validateNode } from './validate-node.ts';
import { validatePod } from './validate-pod.ts';
import { checkPodTemplate } from './validate-pod-spec.ts';
import {
  validateDisruptionBudget,
  validateLease,
  validatePriorityClass,
  validateRuntimeClass,
} from './validate-policies.ts';
import { validateLimitRange, validateResourceQuota } from './validate-quotas.ts';
import { rbacValidators } from './validate-rbac.ts';
import { validateResourceSlice } from './validate-resource-slices.ts';
import { validateService } from './validate-service.ts';
import {
  validateCsiDriver,
  validateCsiNode,
  validatePersistentVolume,
  validateStorageCapacity,
  validateStorageClass,
  validateVolumeAttributesClass,
} from './validate-storage.ts';
import { validateWebhooks } from './validate-webhooks.ts';
import {
  validateControllerRevision,
  validateDaemonSet,
  validateDeployment,
  validateReplicaSet,
  validateReplicationController,
  validateStatefulSet,
} from './validate-workloads.ts';

/** What is checked, by kind. @see k8s.io/kubernetes pkg/apis: the validation of each group */
export const builtinValidators: BuiltinRules['validators'] = {
  'v1 ConfigMap': validateConfigMap,
  'v1 Endpoints': validateEndpoints,
  'v1 Event': validateEvent,
  'v1 LimitRange': validateLimitRange,
  'v1 Namespace': validateNamespace,
  'v1 Node': validateNode,
  'v1 PersistentVolume': validatePersistentVolume,
  'v1 ResourceQuota': validateResourceQuota,
  'v1 Pod': validatePod,
  'v1 Secret': validateSecret,
  'v1 Service': validateService,
  'v1 ServiceAccount': validateServiceAccount,
  'v1 PodTemplate': (template) => gather((report) => checkPodTemplate(template.template, 'template', report)),
  'v1 ReplicationController': validateReplicationController,
  'v1 PersistentVolumeClaim': validateClaim,
  'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration': validateWebhooks(true),
  'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration': validateWebhooks(false),
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy': validateAdmissionPolicy,
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding': validateAdmissionPolicyBinding,
  'apiregistration.k8s.io/v1 APIService': validateApiService,
  'autoscaling/v1 HorizontalPodAutoscaler': validateAutoscalerV1,
  'autoscaling/v2 HorizontalPodAutoscaler': validateAutoscaler,
  'certificates.k8s.io/v1 CertificateSigningRequest': validateSigningRequest,
  'coordination.k8s.io/v1 Lease': validateLease,
  'events.k8s.io/v1 Event': validateGroupEvent,
  'flowcontrol.apiserver.k8s.io/v1 FlowSchema': validateFlowSchema,
  'flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration': validatePriorityLevel,
  'networking.k8s.io/v1 Ingress': validateIngress,
  'networking.k8s.io/v1 IngressClass': validateIngressClass,
  'networking.k8s.io/v1 IPAddress': validateIpAddress,
  'networking.k8s.io/v1 ServiceCIDR': validateServiceCidr,
  'networking.k8s.io/v1 NetworkPolicy': validateNetworkPolicy,
  'node.k8s.io/v1 RuntimeClass': validateRuntimeClass,
  'policy/v1 PodDisruptionBudget': validateDisruptionBudget,
  'resource.k8s.io/v1 DeviceClass': validateDeviceClass,
  'resource.k8s.io/v1 ResourceClaim': validateResourceClaim,
  'resource.k8s.io/v1 ResourceClaimTemplate': validateClaimTemplate,
  'resource.k8s.io/v1 ResourceSlice': validateResourceSlice,
  'scheduling.k8s.io/v1 PriorityClass': validatePriorityClass,
  'storage.k8s.io/v1 CSIDriver': validateCsiDriver,
  'storage.k8s.io/v1 CSINode': validateCsiNode,
  'storage.k8s.io/v1 CSIStorageCapacity': validateStorageCapacity,
  'storage.k8s.io/v1 StorageClass': validateStorageClass,
  'storage.k8s.io/v1 VolumeAttachment': validateVolumeAttachment,
  'storage.k8s.io/v1 VolumeAttributesClass': validateVolumeAttributesClass,
  'batch/v1 CronJob': validateCronJob,
  'batch/v1 Job': validateJob,
  'discovery.k8s.io/v1 EndpointSlice': validateEndpointSlice,
  'rbac.authorization.k8s.io/v1 Role': rbacValidators.Role,
  'rbac.authorization.k8s.io/v1 ClusterRole': rbacValidators.ClusterRole,
  'rbac.authorization.k8s.io/v1 RoleBinding': rbacValidators.RoleBinding,
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': rbacValidators.ClusterRoleBinding,
  'apps/v1 Deployment': validateDeployment,
  'apps/v1 ReplicaSet': validateReplicaSet,
  'apps/v1 DaemonSet': validateDaemonSet,
  'apps/v1 StatefulSet': validateStatefulSet,
  'apps/v1 ControllerRevision': validateControllerRevision,
};
