import type { Definition, NewCondition } from './definition.ts';

const annotation = 'api-approved.kubernetes.io';

/**
 * What a definition in a group of the Kubernetes project says about its approval; undefined for other groups.
 *
 * @see k8s.io/apiextensions-apiserver pkg/controller/apiapproval
 */
export function approvalCondition({ spec, metadata }: Definition): NewCondition | undefined {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(spec.group)) return undefined;
  const said = metadata.annotations?.[annotation] ?? '';
  const type = 'KubernetesAPIApprovalPolicyConformant';
  const rule = `protected groups must have approval annotation "${annotation}"`;
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (said === '') return { type, status: 'False', reason: 'MissingAnnotation', message: `${rule}, ${see}` };
  if (said.startsWith('unapproved')) {
    return { type, status: 'False', reason: 'UnapprovedAnnotation', message: `not approved: ${JSON.stringify(said)}` };
  }
  if (/^[a-z][a-z\d+.-]*:\/\/[^/?]/i.test(said)) {
    return { type, status: 'True', reason: 'ApprovedAnnotation', message: `approved in ${said}` };
  }
  const message = `${rule} with either a URL or a reason starting with "unapproved", ${see}`;
  return { type, status: 'False', reason: 'InvalidAnnotation', message };
}
