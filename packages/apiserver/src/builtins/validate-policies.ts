import { labelKeyProblems } from '@bowline/apimachinery';
import { duplicate, forbidden, invalid, notSupported, required, tooLong } from '../field-error.ts';
import { byteLength } from '../go-format.ts';
import { dns1123LabelErrors } from '../meta/formats.ts';
import { labelErrors } from '../meta/validation.ts';
import { type JsonObject, listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { invalidInternal } from './internal-form.ts';
import type { Validator } from './registry.ts';
import {
  each,
  gather,
  has,
  immutable,
  nonNegative,
  objectAt,
  oneOf,
  type Report,
  says,
  textMapAt,
} from './validate-fields.ts';
import { reportAbove100Percent, reportIntOrPercent } from './validate-formats.ts';
import { checkMetadataAgain } from './validate-metadata.ts';
import { checkResources } from './validate-resources.ts';
import { checkTolerations } from './validate-scheduling.ts';
import { checkLabelSelector } from './validate-selectors.ts';

const conditionReason = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const reasonMessage =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";
const reasonExamples = "(e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', ";

/** Conditions as most kinds have them. @see k8s.io/apimachinery meta/v1/validation `ValidateConditions` */
export function checkConditions(owner: unknown, field: string, report: Report): void {
  const types = new Set<string>();
  each(owner, 'conditions', field, (condition, path) => {
    const [type, reason] = [stringAt(condition, 'type'), stringAt(condition, 'reason')];
    if (types.has(type)) report(duplicate(`${path}.type`, type));
    types.add(type);
    says(labelKeyProblems(type), `${path}.type`, type, report);
    oneOf(condition, 'status', path, ['False', 'True', 'Unknown'], report, 'unsupported');
    const generation = numberAt(condition, 'observedGeneration') ?? 0;
    if (generation < 0) {
      report(invalid(`${path}.observedGeneration`, generation, 'must be greater than or equal to zero'));
    }
    if (!has(condition, 'lastTransitionTime')) report(required(`${path}.lastTransitionTime`));
    if (reason === '') report(required(`${path}.reason`));
    else {
      if (!new RegExp(`^${conditionReason}$`).test(reason)) {
        const why = `${reasonMessage} ${reasonExamples}regex used for validation is '${conditionReason}')`;
        report(invalid(`${path}.reason`, reason, why));
      }
      if (byteLength(reason) > 1_024) report(tooLong(`${path}.reason`, 1_024));
    }
    if (byteLength(stringAt(condition, 'message')) > 32_768) report(tooLong(`${path}.message`, 32_768));
  });
}

const evictionPolicies = ['AlwaysAllow', 'IfHealthyBudget'];

/** @see k8s.io/kubernetes pkg/apis/policy/validation `ValidatePodDisruptionBudgetSpec` */
export const validateDisruptionBudget: Validator = (budget, _old, subresource) =>
  gather((report) => {
    if (subresource === 'status') {
      checkConditions(budget.status, 'status', report);
      const counts = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'];
      nonNegative(budget.status, counts, 'status', report);
      return;
    }
    const spec = objectAt(budget, 'spec') ?? {};
    const given = ['minAvailable', 'maxUnavailable'].filter((name) => has(spec, name));
    if (given.length === 2) {
      const why = 'minAvailable and maxUnavailable cannot be both set';
      report(invalidInternal('spec', 'policy.PodDisruptionBudgetSpec', spec, why));
    }
    for (const name of given) {
      reportIntOrPercent(spec[name], `spec.${name}`, report);
      reportAbove100Percent(spec[name], `spec.${name}`, report);
    }
    checkLabelSelector(spec.selector, 'spec.selector', report);
    if (has(spec, 'unhealthyPodEvictionPolicy')) {
      oneOf(spec, 'unhealthyPodEvictionPolicy', 'spec', evictionPolicies, report, 'unsupported');
    }
  });

/** @see k8s.io/kubernetes pkg/apis/coordination/validation `ValidateLeaseSpec` */
export const validateLease: Validator = (lease) =>
  gather((report) => {
    const spec = objectAt(lease, 'spec') ?? {};
    const [duration, transitions] = [numberAt(spec, 'leaseDurationSeconds'), numberAt(spec, 'leaseTransitions')];
    if (duration !== undefined && duration <= 0) {
      report(invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0'));
    }
    if (transitions !== undefined && transitions < 0) {
      report(invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
    }
    const strategy = spec.strategy;
    if (typeof strategy === 'string') {
      const path = 'spec.strategy.strategy';
      if (strategy.includes('/')) says(labelKeyProblems(strategy), path, strategy, report);
      else if (strategy !== 'OldestEmulationVersion') {
        report(notSupported(path, strategy, ['OldestEmulationVersion']));
      }
    }
    if (stringAt(spec, 'preferredHolder') !== '' && stringAt(spec, 'strategy') === '') {
      report(forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined'));
    }
  });

const systemPrefix = 'system-';
const systemClasses: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};
const highestPriority = 1_000_000_000;

function checkPriorityClass(priorityClass: ServerObject, report: Report): void {
  const { name = '' } = priorityClass.metadata;
  const value = numberAt(priorityClass, 'value') ?? 0;
  if (name.startsWith(systemPrefix)) {
    const known = systemClasses[name];
    const why =
      known === undefined
        ? `${name} is not a known system priority class`
        : known !== value
          ? `value of ${name} PriorityClass must be ${known}`
          : priorityClass.globalDefault === true
            ? `globalDefault of ${name} PriorityClass must be false`
            : undefined;
    const reserved = `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${why}`;
    if (why !== undefined) report(forbidden('metadata.name', reserved));
  } else if (value > highestPriority) {
    report(forbidden('value', `maximum allowed value of a user defined priority is ${highestPriority}`));
  }
  if (!has(priorityClass, 'preemptionPolicy')) return;
  const policy = stringAt(priorityClass, 'preemptionPolicy');
  const policies = ['PreemptLowerPriority', 'Never'];
  if (policy === '') report(required('preemptionPolicy'));
  else if (!policies.includes(policy)) report(notSupported('preemptionPolicy', policy, policies));
}

/** @see k8s.io/kubernetes pkg/apis/scheduling/validation `ValidatePriorityClass` */
export const validatePriorityClass: Validator = (priorityClass, old) =>
  gather((report) => {
    if (old === undefined) {
      checkPriorityClass(priorityClass, report);
      return;
    }
    if ((numberAt(priorityClass, 'value') ?? 0) !== (numberAt(old, 'value') ?? 0)) {
      report(forbidden('value', 'may not be changed in an update.'));
    }
    immutable(priorityClass.preemptionPolicy, old.preemptionPolicy, 'preemptionPolicy', report);
  });

function checkRuntimeTolerations(scheduling: JsonObject, report: Report): void {
  checkTolerations(scheduling, 'scheduling', report);
  const seen = new Set<string>();
  listAt(scheduling, 'tolerations').forEach((toleration, index) => {
    const key = JSON.stringify(['key', 'operator', 'value', 'effect'].map((name) => stringAt(toleration, name)));
    const path = `scheduling.tolerations[${index}]`;
    if (seen.has(key)) {
      const { message } = invalidInternal(path, 'core.Toleration', toleration, '');
      report({
        type: 'FieldValueDuplicate',
        field: path,
        message: message.replace('Invalid value', 'Duplicate value'),
      });
    }
    seen.add(key);
  });
}

/** @see k8s.io/kubernetes pkg/apis/node/validation `ValidateRuntimeClass` */
export const validateRuntimeClass: Validator = (runtimeClass, old) =>
  gather((report) => {
    if (old !== undefined) checkMetadataAgain(runtimeClass, report, undefined, false);
    const handler = stringAt(runtimeClass, 'handler');
    says(dns1123LabelErrors(handler), 'handler', handler, report);
    const overhead = objectAt(runtimeClass, 'overhead');
    if (overhead !== undefined) {
      const limits = { limits: overhead.podFixed };
      checkResources(limits, 'overhead', { level: 'container', claims: new Set() }, report);
    }
    const scheduling = objectAt(runtimeClass, 'scheduling');
    if (scheduling !== undefined) {
      for (const error of labelErrors(textMapAt(scheduling, 'nodeSelector'), 'scheduling.nodeSelector')) report(error);
      checkRuntimeTolerations(scheduling, report);
    }
    if (old !== undefined) immutable(handler, valueAt(old, 'handler'), 'handler', report);
  });
