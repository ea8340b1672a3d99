import { labelKeyProblems } from '@bowline/apimachinery';
import { duplicate, forbidden, invalid, required } from '../field-error.ts';
import { type JsonObject, listAt, type ServerObject, stringAt } from '../object.ts';
import { amountOf } from './amount.ts';
import { invalidInternal } from './internal-form.ts';
import type { Validator } from './registry.ts';
import { each, gather, objectAt, type Report, says, textMapAt, textsAt } from './validate-fields.ts';
import {
  checkContainerResourceName,
  checkQuotaResourceName,
  checkResourceAmount,
  checkResourceName,
  isStandardQuotaResource,
  mayOvercommit,
} from './validate-resources.ts';

const limitTypes = ['Pod', 'Container', 'PersistentVolumeClaim'];

type Amounts = Readonly<Record<string, string>>;

function checkLimitType(type: string, field: string, report: Report): void {
  const problems = labelKeyProblems(type);
  says(problems, field, type, report);
  if (problems.length > 0 || type.includes('/') || limitTypes.includes(type)) return;
  report(invalid(field, type, 'must be a standard limit type or fully qualified'));
}

/** What one amount must be beside another. */
function checkOrder(limit: Readonly<Record<string, Amounts>>, name: string, field: string, report: Report): void {
  const [min, max, preset, request, ratio] = ['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'].map(
    (kind) => limit[kind]?.[name],
  );
  const above = (a: string | undefined, b: string | undefined): boolean =>
    a !== undefined && b !== undefined && amountOf(a) > amountOf(b);
  const not = (kind: string, shown: string | undefined, why: string): void =>
    report(invalid(`${field}.${kind}[${name}]`, shown, why));
  if (above(min, max)) not('min', min, `min value ${min} is greater than max value ${max}`);
  if (above(min, request)) {
    not('defaultRequest', request, `min value ${min} is greater than default request value ${request}`);
  }
  if (above(request, max)) {
    not('defaultRequest', request, `default request value ${request} is greater than max value ${max}`);
  }
  if (above(request, preset)) {
    not('defaultRequest', request, `default request value ${request} is greater than default limit value ${preset}`);
  }
  if (above(min, preset)) not('default', min, `min value ${min} is greater than default value ${preset}`);
  if (above(preset, max)) not('default', max, `default value ${preset} is greater than max value ${max}`);
  if (ratio !== undefined) {
    const path = 'maxLimitRequestRatio';
    if (amountOf(ratio) < 10n ** 9n) not(path, ratio, `ratio ${ratio} is less than 1`);
    const bound = min === undefined || max === undefined ? undefined : Number(amountOf(max)) / Number(amountOf(min));
    if (bound !== undefined && Number(amountOf(ratio)) / 1e9 > bound) {
      not(path, ratio, `ratio ${ratio} is greater than max/min = ${bound.toFixed(6)}`);
    }
  }
  if (!mayOvercommit(name) && preset !== undefined && request !== undefined && amountOf(preset) !== amountOf(request)) {
    not('defaultRequest', request, `default value ${preset} must equal to defaultRequest value ${request} in ${name}`);
  }
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateLimitRange` */
export const validateLimitRange: Validator = (range) =>
  gather((report) => {
    const types = new Set<string>();
    each(range.spec, 'limits', 'spec', (limit, path) => {
      const type = stringAt(limit, 'type');
      checkLimitType(type, `${path}.type`, report);
      if (types.has(type)) report(duplicate(`${path}.type`, type));
      types.add(type);
      const byContainer = type === 'Pod' || type === 'Container';
      const checkName = byContainer ? checkContainerResourceName : checkResourceName;
      const amounts: Record<string, Amounts> = {};
      const names = new Set<string>();
      const read = (kind: string): void => {
        amounts[kind] = textMapAt(limit, kind);
        for (const name of Object.keys(amounts[kind])) {
          checkName(name, `${path}.${kind}[${name}]`, report);
          names.add(name);
        }
      };
      read('max');
      read('min');
      for (const kind of ['default', 'defaultRequest']) {
        if (type !== 'Pod') read(kind);
        else if (Object.keys(textMapAt(limit, kind)).length > 0) {
          report(forbidden(`${path}.${kind}`, "may not be specified when `type` is 'Pod'"));
        }
      }
      if (type === 'PersistentVolumeClaim' && amounts.min?.storage === undefined) {
        const why = 'either minimum or maximum storage value is required, but neither was provided';
        if (amounts.max?.storage === undefined) report(required(`${path}.limits`, why));
      }
      read('maxLimitRequestRatio');
      for (const name of names) checkOrder(amounts, name, path, report);
    });
  });

const scopes = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'VolumeAttributesClass',
];
const allScopes = [...scopes, 'CrossNamespacePodAffinity'];
const podResources = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory', 'pods'];

function scopeFits(scope: string, resource: string): boolean {
  if (scope === 'BestEffort') return resource === 'pods';
  if (scope === 'VolumeAttributesClass') return ['persistentvolumeclaims', 'requests.storage'].includes(resource);
  return allScopes.includes(scope) ? podResources.includes(resource) : true;
}

const conflicts = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

function checkScopes(spec: JsonObject, report: Report): void {
  const given = textsAt(spec, 'scopes');
  const path = 'spec.scopes';
  const limited = Object.keys(textMapAt(spec, 'hard')).sort();
  for (const scope of given) {
    if (!allScopes.includes(scope)) report(invalid(path, given, 'unsupported scope'));
    for (const resource of limited) {
      if (isStandardQuotaResource(resource) && !scopeFits(scope, resource)) {
        report(invalid(path, given, 'unsupported scope applied to resource'));
      }
    }
  }
  for (const pair of conflicts) {
    if (pair.every((scope) => given.includes(scope))) report(invalid(path, given, 'conflicting scopes'));
  }
}

const existsOnly = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'];

function checkScopeSelector(spec: JsonObject, report: Report): void {
  const selector = objectAt(spec, 'scopeSelector');
  if (selector === undefined) return;
  const path = 'spec.scopeSelector.matchExpressions';
  const limited = Object.keys(textMapAt(spec, 'hard')).sort();
  const given = new Set<string>();
  for (const requirement of listAt(selector, 'matchExpressions')) {
    const [scope, operator] = [stringAt(requirement, 'scopeName'), stringAt(requirement, 'operator')];
    const values = textsAt(requirement, 'values');
    if (!allScopes.includes(scope)) report(invalid(`${path}.scopeName`, scope, 'unsupported scope'));
    for (const resource of limited) {
      if (isStandardQuotaResource(resource) && !scopeFits(scope, resource)) {
        report(invalidInternal(path, 'core.ScopeSelector', selector, 'unsupported scope applied to resource'));
      }
    }
    if (existsOnly.includes(scope) && operator !== 'Exists') {
      const which =
        'ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity';
      report(invalid(`${path}.operator`, operator, `must be 'Exists' when scope is any of ${which}`));
    }
    if (operator === 'In' || operator === 'NotIn') {
      const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      if (values.length === 0) report(required(`${path}.values`, why));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      const why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
      if (values.length > 0) report(invalid(`${path}.values`, values, why));
    } else report(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
    given.add(scope);
  }
  for (const pair of conflicts) {
    if (pair.every((scope) => given.has(scope))) report(invalid(path, spec.scopes ?? null, 'conflicting scopes'));
  }
}

function checkAmounts(owner: ServerObject, part: 'spec' | 'status', kind: string, report: Report): void {
  for (const [name, amount] of Object.entries(textMapAt(owner, part, kind))) {
    const path = `${part}.${kind}[${name}]`;
    checkQuotaResourceName(name, path, report);
    checkResourceAmount(name, amount, path, report);
  }
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateResourceQuota` */
export const validateResourceQuota: Validator = (quota, old, subresource) =>
  gather((report) => {
    if (subresource === 'status') {
      for (const kind of ['hard', 'used']) checkAmounts(quota, 'status', kind, report);
      return;
    }
    const spec = objectAt(quota, 'spec') ?? {};
    checkAmounts(quota, 'spec', 'hard', report);
    checkScopes(spec, report);
    checkScopeSelector(spec, report);
    if (old === undefined) return;
    const [now, before] = [textsAt(spec, 'scopes'), textsAt(old, 'spec', 'scopes')];
    const same = now.every((scope) => before.includes(scope)) && before.every((scope) => now.includes(scope));
    if (!same) report(invalid('spec.scopes', spec.scopes ?? null, 'field is immutable'));
  });
