import { labelKeyProblems } from '@bowline/apimachinery';
import { duplicate, invalid, notSupported, required, tooMany } from '../field-error.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../meta/formats.ts';
import { type JsonObject, listAt, numberAt, stringAt, valueAt } from '../object.ts';
import type { Validator } from './registry.ts';
import {
  each,
  eachText,
  gather,
  has,
  objectAt,
  oneOf,
  type Report,
  requiredText,
  says,
  textsAt,
} from './validate-fields.ts';
import { portNumberErrors } from './validate-formats.ts';
import { checkMetadataAgain } from './validate-metadata.ts';
import { checkLabelSelector } from './validate-selectors.ts';

const reviewVersions = ['v1', 'v1beta1'];
const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];
const sideEffects = ['None', 'NoneOnDryRun'];
const urlForm = '; desired format: https://host[/path]';

/** @see k8s.io/apimachinery util/validation `IsFullyQualifiedName` */
function checkQualifiedName(name: string, field: string, report: Report): void {
  const problems = dns1123SubdomainErrors(name);
  if (name === '') report(required(field));
  else if (problems.length > 0) report(invalid(field, name, problems.join(',')));
  else if (name.split('.').length < 3) {
    report(invalid(field, name, 'should be a domain with at least three segments separated by dots'));
  }
}

/** A list that must not be empty, and in which `*` is alone. */
function checkWildcard(owner: JsonObject, name: string, field: string, what: string, report: Report): void {
  const values = textsAt(owner, name);
  if (values.length === 0) report(required(`${field}.${name}`));
  if (values.length > 1 && values.includes('*')) {
    report(invalid(`${field}.${name}`, values, `if '*' is present, must not specify other ${what}`));
  }
}

function checkResources(rule: JsonObject, field: string, report: Report): void {
  const resources = textsAt(rule, 'resources');
  const path = `${field}.resources`;
  if (resources.length === 0) report(required(path));
  const [anySubresource, anyResource] = [new Set<string>(), new Set<string>()];
  let plain = false;
  resources.forEach((resource, index) => {
    const at = `${path}[${index}]`;
    if (resource === '') {
      report(required(at));
      return;
    }
    const slash = resource.indexOf('/');
    if (slash < 0) {
      plain = resource !== '*';
      return;
    }
    const [owner, sub] = [resource.slice(0, slash), resource.slice(slash + 1)];
    const clash = (present: string): void =>
      report(invalid(at, resource, `if '${present}' is present, must not specify ${resource}`));
    if (anySubresource.has(owner)) clash(`${owner}/*`);
    if (anyResource.has(sub)) clash(`*/${sub}`);
    if (sub === '*') anySubresource.add(owner);
    if (owner === '*') anyResource.add(sub);
  });
  if (resources.length > 1 && resources.includes('*/*')) {
    report(invalid(path, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes('*') && plain) {
    report(invalid(path, resources, "if '*' is present, must not specify other resources without subresources"));
  }
}

/** @see k8s.io/kubernetes pkg/apis/admissionregistration/validation `validateRuleWithOperations` */
export function checkAdmissionRule(rule: JsonObject, field: string, report: Report): void {
  checkWildcard(rule, 'operations', field, 'operations', report);
  eachText(rule, 'operations', field, (operation, path) => {
    if (!operations.includes(operation)) report(notSupported(path, operation, operations));
  });
  checkWildcard(rule, 'apiGroups', field, 'API groups', report);
  checkWildcard(rule, 'apiVersions', field, 'API versions', report);
  eachText(rule, 'apiVersions', field, (version, path) => {
    if (version === '') report(required(path));
  });
  checkResources(rule, field, report);
  if (has(rule, 'scope')) oneOf(rule, 'scope', field, scopes, report, 'unsupported');
}

function checkUrl(text: string, field: string, report: Report): void {
  const parts = /^([a-zA-Z][a-zA-Z0-9+.-]*):(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(
    text,
  );
  const [, scheme = '', user, host = '', , query = '', fragment = ''] = parts ?? [];
  if (scheme !== 'https') report(invalid(field, scheme, `'https' is the only allowed URL scheme${urlForm}`));
  if (host === '') report(invalid(field, host, `host must be specified${urlForm}`));
  if (user !== undefined) report(invalid(field, user, 'user information is not permitted in the URL'));
  if (fragment !== '') report(invalid(field, fragment, 'fragments are not permitted in the URL'));
  if (query !== '') report(invalid(field, query, 'query parameters are not permitted in the URL'));
}

/** @see k8s.io/apiserver util/webhook `ValidateWebhookService` */
function checkService(service: JsonObject, field: string, report: Report): void {
  // The real server takes the name for the namespace and the namespace for the name.
  if (stringAt(service, 'namespace') === '') report(required(`${field}.name`));
  if (stringAt(service, 'name') === '') report(required(`${field}.namespace`));
  const port = numberAt(service, 'port') ?? 0;
  const problems = portNumberErrors(port);
  if (problems.length > 0) report(invalid(`${field}.port`, port, `port is not valid: ${problems.join(', ')}`));
  const path = stringAt(service, 'path');
  if (path === '' || path === '/') return;
  const not = (why: string): void => report(invalid(`${field}.path`, path, why));
  if (path === '//') {
    not('segment[0] may not be empty');
    return;
  }
  if (!path.startsWith('/')) not("must start with a '/'");
  path
    .slice(1)
    .replace(/\/$/, '')
    .split('/')
    .forEach((step, index) => {
      if (step === '') not(`segment[${index}] may not be empty`);
      else for (const problem of dns1123SubdomainErrors(step)) not(`segment[${index}]: ${problem}`);
    });
}

function checkClientConfig(hook: JsonObject, field: string, report: Report): void {
  const url = valueAt(hook, 'clientConfig', 'url');
  const service = objectAt(hook, 'clientConfig', 'service');
  const path = `${field}.clientConfig`;
  if ((typeof url === 'string') === (service !== undefined)) {
    report(required(path, 'exactly one of url or service is required'));
  } else if (typeof url === 'string') checkUrl(url, `${path}.url`, report);
  else if (service !== undefined) checkService(service, `${path}.service`, report);
}

export function checkMatchConditions(hook: JsonObject, field: string, report: Report): void {
  const count = listAt(hook, 'matchConditions').length;
  if (count > 64) report(tooMany(`${field}.matchConditions`, count, 64));
  const names = new Set<string>();
  each(hook, 'matchConditions', field, (condition, path) => {
    if (stringAt(condition, 'expression').trim() === '') report(required(`${path}.expression`));
    const name = requiredText(condition, 'name', path, report);
    if (name === '') return;
    says(labelKeyProblems(name), `${path}.name`, name, report);
    if (names.has(name)) report(duplicate(`${path}.name`, name));
    names.add(name);
  });
}

function checkReviewVersions(hook: JsonObject, field: string, strict: boolean, report: Report): void {
  const versions = textsAt(hook, 'admissionReviewVersions');
  const path = `${field}.admissionReviewVersions`;
  if (versions.length === 0) {
    report(required(path, `must specify one of ${reviewVersions.join(', ')}`));
    return;
  }
  versions.forEach((version, index) => {
    if (versions.indexOf(version) < index) report(invalid(`${path}[${index}]`, version, 'duplicate version'));
    else says(dns1035LabelErrors(version), `${path}[${index}]`, version, report);
  });
  if (strict && !versions.some((version) => reviewVersions.includes(version))) {
    report(invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`));
  }
}

function checkHook(hook: JsonObject, field: string, mutating: boolean, report: Report): void {
  checkQualifiedName(stringAt(hook, 'name'), `${field}.name`, report);
  each(hook, 'rules', field, (rule, path) => checkAdmissionRule(rule, path, report));
  if (has(hook, 'failurePolicy')) oneOf(hook, 'failurePolicy', field, ['Fail', 'Ignore'], report, 'unsupported');
  if (has(hook, 'matchPolicy')) oneOf(hook, 'matchPolicy', field, ['Equivalent', 'Exact'], report, 'unsupported');
  if (has(hook, 'sideEffects')) oneOf(hook, 'sideEffects', field, sideEffects, report, 'unsupported');
  else report(required(`${field}.sideEffects`, `must specify one of ${sideEffects.join(', ')}`));
  const timeout = numberAt(hook, 'timeoutSeconds');
  if (timeout !== undefined && (timeout > 30 || timeout < 1)) {
    report(invalid(`${field}.timeoutSeconds`, timeout, 'the timeout value must be between 1 and 30 seconds'));
  }
  for (const name of ['namespaceSelector', 'objectSelector'])
    checkLabelSelector(hook[name], `${field}.${name}`, report);
  if (mutating && has(hook, 'reinvocationPolicy')) {
    oneOf(hook, 'reinvocationPolicy', field, ['IfNeeded', 'Never'], report, 'unsupported');
  }
  checkClientConfig(hook, field, report);
  checkMatchConditions(hook, field, report);
}

/** @see k8s.io/kubernetes pkg/apis/admissionregistration/validation `validateMutatingWebhookConfiguration` */
export function validateWebhooks(mutating: boolean): Validator {
  return (configuration) =>
    gather((report) => {
      checkMetadataAgain(configuration, report, undefined, false);
      const names = new Set<string>();
      each(configuration, 'webhooks', '', (hook, at) => {
        const path = at.slice(1);
        checkHook(hook, path, mutating, report);
        checkReviewVersions(hook, path, true, report);
        const name = stringAt(hook, 'name');
        if (name !== '' && names.has(name)) report(duplicate(`${path}.name`, name));
        names.add(name);
      });
    });
}
