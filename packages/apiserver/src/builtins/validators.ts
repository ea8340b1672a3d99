import type { BuiltinRules } from './registry.ts';
import { validateClaim } from './validate-claims.ts';
import { gather } from './validate-fields.ts';
import { validatePod } from './validate-pod.ts';
import { checkPodTemplate } from './validate-pod-spec.ts';
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
  'v1 Pod': validatePod,
  'v1 PodTemplate': (template) => gather((report) => checkPodTemplate(template['template'], 'template', report)),
  'v1 ReplicationController': validateReplicationController,
  'v1 PersistentVolumeClaim': validateClaim,
  'apps/v1 Deployment': validateDeployment,
  'apps/v1 ReplicaSet': validateReplicaSet,
  'apps/v1 DaemonSet': validateDaemonSet,
  'apps/v1 StatefulSet': validateStatefulSet,
  'apps/v1 ControllerRevision': validateControllerRevision,
};
