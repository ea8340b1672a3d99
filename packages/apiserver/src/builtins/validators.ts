import { type NameRule, nameIsSubdomain } from '../meta/formats.ts';
import { builtinFinalizerErrors, metadataErrors } from '../meta/validation.ts';
import type { BuiltinRules, Validator } from './registry.ts';
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

/** Some kinds have their metadata checked once more when they are updated, and say so once more. */
function rechecked(validate: Validator, nameRule: NameRule = nameIsSubdomain, namespaced = true): Validator {
  return (object, old, subresource) => [
    ...(old === undefined || subresource !== ''
      ? []
      : [...metadataErrors(object.metadata, namespaced, nameRule), ...builtinFinalizerErrors(object.metadata)]),
    ...validate(object, old, subresource),
  ];
}

/** What is checked, by kind. @see k8s.io/kubernetes pkg/apis: the validation of each group */
export const builtinValidators: BuiltinRules['validators'] = {
  'v1 Pod': rechecked(validatePod),
  'v1 PodTemplate': (template) => gather((report) => checkPodTemplate(template['template'], 'template', report)),
  'v1 ReplicationController': validateReplicationController,
  'v1 PersistentVolumeClaim': rechecked(validateClaim),
  'apps/v1 Deployment': validateDeployment,
  'apps/v1 ReplicaSet': validateReplicaSet,
  'apps/v1 DaemonSet': validateDaemonSet,
  'apps/v1 StatefulSet': validateStatefulSet,
  'apps/v1 ControllerRevision': validateControllerRevision,
};
