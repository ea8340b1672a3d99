import { labelKeyProblems } from '@bowline/apimachinery';
import { duplicate, forbidden, invalid, notSupported, required } from '../field-error.ts';
import { byteLength } from '../go-format.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors, pathSegmentErrors } from '../meta/formats.ts';
import { type JsonObject, listAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { invalidInternal } from './internal-form.ts';
import type { Validator } from './registry.ts';
import {
  each,
  eachText,
  gather,
  has,
  objectAt,
  oneOf,
  type Report,
  requiredFormat,
  same,
  says,
  textsAt,
} from './validate-fields.ts';
import { checkMetadataAgain } from './validate-metadata.ts';
import { checkConditions } from './validate-policies.ts';
import { checkLabelSelector } from './validate-selectors.ts';
import { checkAdmissionRule, checkMatchConditions } from './validate-webhooks.ts';

const actions = ['Audit', 'Deny', 'Warn'];
const notFoundActions = ['Deny', 'Allow'];
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const maxAnnotations = 20;
const maxAnnotationBytes = 5 * 1024;
const reservedWords = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

function checkParamKind(spec: JsonObject, report: Report): void {
  const kind = objectAt(spec, 'paramKind');
  if (kind === undefined) return;
  const path = 'spec.paramKind';
  checkParamVersion(stringAt(kind, 'apiVersion'), `${path}.apiVersion`, report);
  const name = stringAt(kind, 'kind');
  const problems = dns1035LabelErrors(name.toLowerCase());
  if (name === '') report(required(`${path}.kind`));
  else if (problems.length > 0) {
    report(invalid(`${path}.kind`, name, `may have mixed case, but should otherwise match: ${problems.join(',')}`));
  }
}

function checkParamVersion(text: string, path: string, report: Report): void {
  const parts = text === '/' ? ['', ''] : text.split('/');
  const [group = '', version = ''] = parts.length === 1 ? ['', ...parts] : parts;
  if (text === '') report(required(path));
  else if (parts.length > 2) report(invalid(path, text, `unexpected GroupVersion string: ${text}`));
  else {
    const groupProblems = group === '' ? [] : dns1123SubdomainErrors(group);
    if (groupProblems.length > 0) report(invalid(path, group, groupProblems.join(',')));
    const versionProblems = dns1035LabelErrors(version);
    if (version === '') report(invalid(path, text, 'version must be specified'));
    else if (versionProblems.length > 0) report(invalid(path, version, versionProblems.join(',')));
  }
}

function checkNamedRule(rule: JsonObject, path: string, report: Report): void {
  const names = new Set<string>();
  eachText(rule, 'resourceNames', path, (name, at) => {
    says(pathSegmentErrors(name), at, name, report);
    if (names.has(name)) report(duplicate(at, name));
    names.add(name);
  });
  checkAdmissionRule(rule, path, report);
}

/** @see k8s.io/kubernetes pkg/apis/admissionregistration/validation `validateMatchResources` */
function checkMatchResources(matches: JsonObject, path: string, report: Report): void {
  oneOf(matches, 'matchPolicy', path, ['Equivalent', 'Exact'], report, 'unsupported');
  for (const name of ['namespaceSelector', 'objectSelector']) {
    checkLabelSelector(matches[name], `${path}.${name}`, report);
  }
  for (const name of ['resourceRules', 'excludeResourceRules']) {
    each(matches, name, path, (rule, at) => checkNamedRule(rule, at, report));
  }
}

const isBlank = (text: string): boolean => text.trim() === '';

function checkVariable(variable: JsonObject, path: string, report: Report): void {
  const name = stringAt(variable, 'name');
  if (isBlank(name)) report(required(`${path}.name`, 'name is not specified'));
  else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) || reservedWords.has(name)) {
    report(invalid(`${path}.name`, name, 'must be a valid CEL identifier'));
  }
  if (isBlank(stringAt(variable, 'expression'))) report(required(`${path}.expression`, 'expression is not specified'));
}

function checkValidation(validation: JsonObject, path: string, report: Report): void {
  if (isBlank(stringAt(validation, 'expression'))) {
    report(required(`${path}.expression`, 'expression is not specified'));
  }
  for (const name of ['messageExpression', 'message']) {
    const text = stringAt(validation, name);
    if (text !== '' && isBlank(text)) report(invalid(`${path}.${name}`, text, 'must be non-empty if specified'));
    else if (name === 'message' && /[\n\r]/.test(text.trim())) {
      report(invalid(`${path}.${name}`, text, 'must not contain line breaks'));
    }
  }
  if (has(validation, 'reason')) oneOf(validation, 'reason', path, reasons, report, 'unsupported');
}

function checkAnnotations(policy: ServerObject, spec: JsonObject, report: Report): void {
  const annotations = listAt(spec, 'auditAnnotations');
  if (annotations.length > maxAnnotations) {
    const why = `must not have more than ${maxAnnotations} auditAnnotations`;
    report(invalidInternal('spec.auditAnnotations', '[]admissionregistration.AuditAnnotation', annotations, why));
  }
  const keys = new Set<string>();
  each(spec, 'auditAnnotations', 'spec', (annotation, path) => {
    const key = stringAt(annotation, 'key');
    const { name = '' } = policy.metadata;
    if (name === '') report(invalid(`${path}.key`, key, 'requires metadata.name be non-empty'));
    else says(labelKeyProblems(`${name}/${key}`), `${path}.key`, `${name}/${key}`, report);
    const expression = stringAt(annotation, 'valueExpression').trim();
    if (expression === '') report(required(`${path}.valueExpression`, 'valueExpression is not specified'));
    else if (byteLength(expression) > maxAnnotationBytes) {
      report(required(`${path}.valueExpression`, `must not exceed ${maxAnnotationBytes} bytes in length`));
    }
    if (keys.has(key)) report(duplicate(`${path}.key`, key));
    keys.add(key);
  });
}

function checkPolicyStatus(policy: ServerObject, report: Report): void {
  each(objectAt(policy, 'status', 'typeChecking'), 'expressionWarnings', 'status.typeChecking', (warning, path) => {
    if (stringAt(warning, 'warning') === '') report(required(`${path}.warning`));
    if (isBlank(stringAt(warning, 'fieldRef'))) report(required(`${path}.fieldRef`));
  });
  checkConditions(policy.status, 'status', report);
}

/**
 * Whether expressions are valid is not checked: nothing here compiles them.
 *
 * @see k8s.io/kubernetes pkg/apis/admissionregistration/validation `validateValidatingAdmissionPolicySpec`
 */
export const validateAdmissionPolicy: Validator = (policy, old, subresource) =>
  gather((report) => {
    if (subresource === 'status') {
      checkPolicyStatus(policy, report);
      return;
    }
    checkMetadataAgain(policy, report, undefined, false);
    const spec = objectAt(policy, 'spec') ?? {};
    oneOf(spec, 'failurePolicy', 'spec', ['Fail', 'Ignore'], report, 'unsupported');
    checkParamKind(spec, report);
    const matches = objectAt(spec, 'matchConstraints');
    if (matches === undefined) report(required('spec.matchConstraints'));
    else {
      checkMatchResources(matches, 'spec.matchConstraints', report);
      if (listAt(matches, 'resourceRules').length === 0) report(required('spec.matchConstraints.resourceRules'));
    }
    const kept = (name: string): boolean => old !== undefined && same(spec[name], valueAt(old, 'spec', name));
    if (!kept('paramKind') || !kept('matchConditions')) checkMatchConditions(spec, 'spec', report);
    each(spec, 'variables', 'spec', (variable, path) => checkVariable(variable, path, report));
    if (listAt(spec, 'validations').length + listAt(spec, 'auditAnnotations').length === 0) {
      const why = 'validations or auditAnnotations must contain at least one item';
      for (const name of ['validations', 'auditAnnotations']) report(required(`spec.${name}`, why));
      return;
    }
    each(spec, 'validations', 'spec', (validation, path) => checkValidation(validation, path, report));
    checkAnnotations(policy, spec, report);
  });

function checkParamRef(reference: JsonObject, report: Report): void {
  const path = 'spec.paramRef';
  const [name, hasSelector] = [stringAt(reference, 'name'), has(reference, 'selector')];
  const exclusive = 'name and selector are mutually exclusive';
  if (name !== '') {
    says(pathSegmentErrors(name), `${path}.name`, name, report);
    if (hasSelector) report(forbidden(`${path}.name`, exclusive));
  }
  if (hasSelector) {
    checkLabelSelector(reference.selector, `${path}.selector`, report);
    if (name !== '') report(forbidden(`${path}.selector`, exclusive));
  }
  if (name === '' && !hasSelector) report(required(path, 'one of name or selector must be specified'));
  oneOf(reference, 'parameterNotFoundAction', path, notFoundActions, report);
}

function checkActions(spec: JsonObject, report: Report): void {
  const path = 'spec.validationActions';
  const seen = new Set<string>();
  eachText(spec, 'validationActions', 'spec', (action, at) => {
    if (!actions.includes(action)) report(notSupported(at, action, actions));
    if (seen.has(action)) report(duplicate(at, action));
    seen.add(action);
  });
  if (seen.has('Deny') && seen.has('Warn')) {
    const why =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    report(invalid(path, textsAt(spec, 'validationActions'), why));
  }
  if (seen.size === 0) report(required(path, 'at least one validation action is required'));
}

/** @see k8s.io/kubernetes pkg/apis/admissionregistration/validation `validateValidatingAdmissionPolicyBindingSpec` */
export const validateAdmissionPolicyBinding: Validator = (binding) =>
  gather((report) => {
    checkMetadataAgain(binding, report, undefined, false);
    const spec = objectAt(binding, 'spec') ?? {};
    requiredFormat(spec, 'policyName', 'spec', dns1123SubdomainErrors, report);
    const reference = objectAt(spec, 'paramRef');
    if (reference !== undefined) checkParamRef(reference, report);
    const matches = objectAt(spec, 'matchResources');
    if (matches !== undefined) checkMatchResources(matches, 'spec.matchResources', report);
    checkActions(spec, report);
  });
