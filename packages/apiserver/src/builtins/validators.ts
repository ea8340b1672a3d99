import type { BuiltinRules } from './registry.ts';
import { validateClaim } from './validate-claims.ts';
import { validateConfigMap, validateNamespace, validateSecret, validateServiceAccount } from './validate-config.ts';
import { validateEndpointSlice, validateEndpoints } from './validate-endpoints.ts';
import { gather } from './validate-fields.ts';
import { validateCronJob, validateJob } from './validate-job.ts';
import { validatePod } from './validate-pod.ts';
import { checkPodTemplate } from './validate-pod-spec.ts';
import { rbacValidators } from './validate-rbac.ts';
import { validateService } from './validate-service.ts';
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
  'v1 Namespace': validateNamespace,
  'v1 Pod': validatePod,
  'v1 Secret': validateSecret,
  'v1 Service': validateService,
  'v1 ServiceAccount': validateServiceAccount,
  'v1 PodTemplate': (template) => gather((report) => checkPodTemplate(template.template, 'template', report)),
  'v1 ReplicationController': validateReplicationController,
  'v1 PersistentVolumeClaim': validateClaim,
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
