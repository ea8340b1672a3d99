import { type FieldError, invalid, notSupported, required } from '../field-error.ts';
import { dns1123SubdomainErrors, nameIsPathSegment, pathSegmentErrors } from '../meta/formats.ts';
import { listAt, type ServerObject, stringAt } from '../object.ts';
import { invalidInternal } from './internal-form.ts';
import type { Validator } from './registry.ts';
import { each, gather, objectAt, type Report, requiredText, same, says, textsAt } from './validate-fields.ts';
import { checkMetadataAgain } from './validate-metadata.ts';
import { asSelector, checkLabelSelector } from './validate-selectors.ts';

const group = 'rbac.authorization.k8s.io';
const subjectKinds = ['ServiceAccount', 'User', 'Group'];

/** @see k8s.io/kubernetes pkg/apis/rbac/validation `ValidatePolicyRule` */
function checkRules(role: ServerObject, namespaced: boolean, report: Report): void {
  listAt(role, 'rules').forEach((rule, index) => {
    const path = `rules[${index}]`;
    if (textsAt(rule, 'verbs').length === 0) report(required(`${path}.verbs`, 'verbs must contain at least one value'));
    const urls = textsAt(rule, 'nonResourceURLs');
    const [groups, resources] = [textsAt(rule, 'apiGroups'), textsAt(rule, 'resources')];
    if (urls.length > 0) {
      const at = `${path}.nonResourceURLs`;
      if (namespaced) report(invalid(at, urls, 'namespaced rules cannot apply to non-resource URLs'));
      if (groups.length + resources.length + textsAt(rule, 'resourceNames').length > 0) {
        report(invalid(at, urls, 'rules cannot apply to both regular resources and non-resource URLs'));
      }
      return;
    }
    if (groups.length === 0) report(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
    if (resources.length === 0) {
      report(required(`${path}.resources`, 'resource rules must supply at least one resource'));
    }
  });
}

function checkAggregation(role: ServerObject, report: Report): void {
  const rule = objectAt(role, 'aggregationRule');
  if (rule === undefined) return;
  const path = 'aggregationRule.clusterRoleSelectors';
  if (listAt(rule, 'clusterRoleSelectors').length === 0) {
    report(required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
  }
  each(rule, 'clusterRoleSelectors', 'aggregationRule', (selector, at) => {
    checkLabelSelector(selector, at, report);
    // What the real server shows is what it made of the selector: nothing.
    if (asSelector(selector) === undefined) report(invalid(at, null, 'invalid label selector.'));
  });
}

function validateRole(namespaced: boolean): Validator {
  return (role, old) =>
    gather((report) => {
      if (old !== undefined) checkMetadataAgain(role, report, nameIsPathSegment, namespaced);
      checkRules(role, namespaced, report);
      if (!namespaced) checkAggregation(role, report);
    });
}

function checkSubjects(binding: ServerObject, namespaced: boolean, report: Report): void {
  listAt(binding, 'subjects').forEach((subject, index) => {
    const path = `subjects[${index}]`;
    const name = requiredText(subject, 'name', path, report);
    const [kind, apiGroup] = [stringAt(subject, 'kind'), stringAt(subject, 'apiGroup')];
    if (!subjectKinds.includes(kind)) {
      report(notSupported(`${path}.kind`, kind, subjectKinds));
    } else if (kind !== 'ServiceAccount') {
      if (apiGroup !== group) report(notSupported(`${path}.apiGroup`, apiGroup, [group]));
    } else {
      if (name !== '') says(dns1123SubdomainErrors(name), `${path}.name`, name, report);
      if (apiGroup !== '') report(notSupported(`${path}.apiGroup`, apiGroup, ['']));
      if (!namespaced && stringAt(subject, 'namespace') === '') report(required(`${path}.namespace`));
    }
  });
}

function refChange(binding: ServerObject, old: ServerObject): FieldError | undefined {
  if (same(binding.roleRef, old.roleRef)) return undefined;
  return invalidInternal('roleRef', 'rbac.RoleRef', binding.roleRef, 'cannot change roleRef');
}

function validateBinding(namespaced: boolean): Validator {
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  return (binding, old) =>
    gather((report) => {
      if (old !== undefined) checkMetadataAgain(binding, report, nameIsPathSegment, namespaced);
      const reference = objectAt(binding, 'roleRef') ?? {};
      const [apiGroup, kind] = [stringAt(reference, 'apiGroup'), stringAt(reference, 'kind')];
      if (apiGroup !== group) report(notSupported('roleRef.apiGroup', apiGroup, [group]));
      if (!kinds.includes(kind)) report(notSupported('roleRef.kind', kind, kinds));
      const name = requiredText(reference, 'name', 'roleRef', report);
      if (name !== '') says(pathSegmentErrors(name), 'roleRef.name', name, report);
      checkSubjects(binding, namespaced, report);
      const change = old === undefined ? undefined : refChange(binding, old);
      if (change !== undefined) report(change);
    });
}

/** @see k8s.io/kubernetes pkg/apis/rbac/validation */
export const rbacValidators: Readonly<
  Record<'Role' | 'ClusterRole' | 'RoleBinding' | 'ClusterRoleBinding', Validator>
> = {
  Role: validateRole(true),
  ClusterRole: validateRole(false),
  RoleBinding: validateBinding(true),
  ClusterRoleBinding: validateBinding(false),
};
