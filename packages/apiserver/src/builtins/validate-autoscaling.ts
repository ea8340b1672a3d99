import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import { dns1123LabelErrors, pathSegmentErrors } from '../meta/formats.ts';
import { isObject, type JsonObject, listAt, numberAt, type ServerObject, stringAt } from '../object.ts';
import { amountOf } from './amount.ts';
import type { Validator } from './registry.ts';
import {
  type Check,
  each,
  gather,
  has,
  negativeMessage,
  nonNegative,
  objectAt,
  oneOf,
  type Report,
  requiredFormat,
  requiredText,
} from './validate-fields.ts';
import { checkContainerResourceName } from './validate-resources.ts';

const maxWindowSeconds = 3_600;
const maxPeriodSeconds = 1_800;

/** What an object's version may be. */
interface VersionRule {
  readonly mayBeCore: boolean;
  /** Not looked at: it is as it was. */
  readonly unchanged?: boolean;
}

/** @see k8s.io/kubernetes pkg/apis/autoscaling/validation `ValidateCrossVersionObjectReference` */
function checkReference(reference: JsonObject, field: string, rule: VersionRule, report: Report): void {
  requiredFormat(reference, 'kind', field, pathSegmentErrors, report);
  requiredFormat(reference, 'name', field, pathSegmentErrors, report);
  if (rule.unchanged === true) return;
  const version = stringAt(reference, 'apiVersion');
  const slashes = version.split('/').length - 1;
  const not = (why: string): void => report(invalid(`${field}.apiVersion`, version, why));
  if (slashes > 1) not(`unexpected GroupVersion string: ${version}`);
  else if (slashes === 0 && !rule.mayBeCore) not('apiVersion must specify API group');
}

function checkIdentifier(source: JsonObject, field: string, report: Report): void {
  const metric = objectAt(source, 'metric') ?? {};
  const name = requiredText(metric, 'name', `${field}.metric`, report, 'must specify a metric name');
  if (name !== '') requiredFormat(metric, 'name', `${field}.metric`, pathSegmentErrors, report);
}

const targetTypes = ['Utilization', 'Value', 'AverageValue'];

/** @returns the target, for what more must hold. */
function checkTarget(source: JsonObject, field: string, report: Report): JsonObject {
  const target = objectAt(source, 'target') ?? {};
  const path = `${field}.target`;
  const type = requiredText(target, 'type', path, report, 'must specify a metric target type');
  if (!targetTypes.includes(type)) {
    report(invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  }
  for (const name of ['value', 'averageValue']) {
    if (has(target, name) && amountOf(target[name]) <= 0n) {
      report(invalid(`${path}.${name}`, target[name], 'must be positive'));
    }
  }
  const utilization = numberAt(target, 'averageUtilization');
  if (utilization !== undefined && utilization < 1) {
    report(invalid(`${path}.averageUtilization`, utilization, 'must be greater than 0'));
  }
  return target;
}

/** A target needs one of two fields, and may have both only where `both` is undefined. */
function checkChoice(
  target: JsonObject,
  field: string,
  [one, other]: readonly [string, string],
  missing: string,
  both: string | undefined,
  report: Report,
): void {
  if (!has(target, one) && !has(target, other)) report(required(`${field}.target.${one}`, missing));
  if (both !== undefined && has(target, one) && has(target, other)) {
    report(forbidden(`${field}.target.${other}`, both));
  }
}

function checkUtilization(source: JsonObject, field: string, report: Report): void {
  const target = checkTarget(source, field, report);
  const missing = 'must set either a target raw value or a target utilization';
  const both = 'may not set both a target raw value and a target utilization';
  checkChoice(target, field, ['averageUtilization', 'averageValue'], missing, both, report);
}

/** By field, in the order in which the real server looks at them. */
const sources: Readonly<Record<string, Check>> = {
  object: (source, field, report) => {
    checkReference(objectAt(source, 'describedObject') ?? {}, `${field}.describedObject`, { mayBeCore: true }, report);
    checkIdentifier(source, field, report);
    const target = checkTarget(source, field, report);
    const missing = 'must set either a target value or averageValue';
    checkChoice(target, field, ['averageValue', 'value'], missing, undefined, report);
  },
  external: (source, field, report) => {
    checkIdentifier(source, field, report);
    const target = checkTarget(source, field, report);
    const missing = 'must set either a target value for metric or a per-pod target';
    const both = 'may not set both a target value for metric and a per-pod target';
    checkChoice(target, field, ['averageValue', 'value'], missing, both, report);
  },
  pods: (source, field, report) => {
    checkIdentifier(source, field, report);
    const target = checkTarget(source, field, report);
    if (!has(target, 'averageValue')) {
      report(required(`${field}.target.averageValue`, 'must specify a positive target averageValue'));
    }
  },
  resource: (source, field, report) => {
    requiredText(source, 'name', field, report, 'must specify a resource name');
    checkUtilization(source, field, report);
  },
  containerResource: (source, field, report) => {
    const name = requiredText(source, 'name', field, report, 'must specify a resource name');
    if (name !== '') checkContainerResourceName(name, `${field}.name`, report);
    const container = requiredText(source, 'container', field, report, 'must specify a container');
    if (container !== '') requiredFormat(source, 'container', field, dns1123LabelErrors, report);
    checkUtilization(source, field, report);
  },
};

const sourceTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

function checkMetric(metric: JsonObject, field: string, report: Report): void {
  const type = requiredText(metric, 'type', field, report, 'must specify a metric source type');
  const known = sourceTypes.includes(type);
  if (!known) report(notSupported(`${field}.type`, type, sourceTypes));
  const present = Object.keys(sources).filter((name) => isObject(metric[name]));
  const [first] = present;
  if (first !== undefined) sources[first]?.(objectAt(metric, first) ?? {}, `${field}.${first}`, report);
  const expected = type.charAt(0).toLowerCase() + type.slice(1);
  if (!known) report(notSupported(`${field}.type`, type, sourceTypes));
  else if (!present.includes(expected)) {
    report(required(`${field}.${expected}`, 'must populate information for the given metric source'));
  }
  if (present.length === 1) return;
  for (const name of present) {
    if (name !== expected) report(forbidden(`${field}.${name}`, 'must populate the given metric source only'));
  }
}

const selections = ['Disabled', 'Max', 'Min'];
const policyTypes = ['Percent', 'Pods'];

function checkScalingRules(rules: JsonObject | undefined, field: string, report: Report): void {
  if (rules === undefined) return;
  const window = numberAt(rules, 'stabilizationWindowSeconds') ?? 0;
  const path = `${field}.stabilizationWindowSeconds`;
  if (window < 0) report(invalid(path, window, 'must be greater than or equal to zero'));
  if (window > maxWindowSeconds) report(invalid(path, window, `must be less than or equal to ${maxWindowSeconds}`));
  if (has(rules, 'selectPolicy')) oneOf(rules, 'selectPolicy', field, selections, report, 'unsupported');
  if (listAt(rules, 'policies').length === 0) report(required(`${field}.policies`, 'must specify at least one Policy'));
  each(rules, 'policies', field, (policy, at) => {
    oneOf(policy, 'type', at, policyTypes, report, 'unsupported');
    for (const name of ['value', 'periodSeconds']) {
      const value = numberAt(policy, name) ?? 0;
      if (value <= 0) report(invalid(`${at}.${name}`, value, 'must be greater than zero'));
    }
    const period = numberAt(policy, 'periodSeconds') ?? 0;
    if (period > maxPeriodSeconds) {
      report(invalid(`${at}.periodSeconds`, period, `must be less than or equal to ${maxPeriodSeconds}`));
    }
  });
  const tolerance = rules.tolerance;
  if (amountOf(tolerance) < 0n) report(invalid(`${field}.tolerance`, tolerance, negativeMessage));
}

/** @see k8s.io/kubernetes pkg/apis/autoscaling/validation `validateHorizontalPodAutoscalerSpec` */
function checkAutoscaler(spec: JsonObject, old: ServerObject | undefined, report: Report): void {
  const [min, max] = [numberAt(spec, 'minReplicas'), numberAt(spec, 'maxReplicas') ?? 0];
  const lowest = numberAt(old, 'spec', 'minReplicas') === 0 ? 0 : 1;
  if (min !== undefined && min < lowest) {
    report(invalid('spec.minReplicas', min, `must be greater than or equal to ${lowest}`));
  }
  if (max < 1) report(invalid('spec.maxReplicas', max, 'must be greater than 0'));
  if (min !== undefined && max < min) {
    report(invalid('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`'));
  }
  const target = objectAt(spec, 'scaleTargetRef') ?? {};
  const before = objectAt(old, 'spec', 'scaleTargetRef');
  const unchanged =
    before !== undefined && ['apiVersion', 'kind'].every((name) => stringAt(before, name) === stringAt(target, name));
  const mayBeCore = stringAt(target, 'kind') === 'ReplicationController';
  checkReference(target, 'spec.scaleTargetRef', { mayBeCore, unchanged }, report);
  each(spec, 'metrics', 'spec', (metric, path) => checkMetric(metric, path, report));
  const wakes = listAt(spec, 'metrics').some((metric) => ['Object', 'External'].includes(stringAt(metric, 'type')));
  if (min === 0 && !wakes) {
    const why = 'must specify at least one Object or External metric to support scaling to zero replicas';
    report(forbidden('spec.metrics', why));
  }
  for (const name of ['scaleUp', 'scaleDown']) {
    checkScalingRules(objectAt(spec, 'behavior', name), `spec.behavior.${name}`, report);
  }
}

/** The second version, in which the real server checks all. */
export const validateAutoscaler: Validator = (autoscaler, old, subresource) =>
  gather((report) => {
    if (subresource === 'status') {
      nonNegative(autoscaler.status, ['currentReplicas', 'desiredReplicas'], 'status', report);
    } else checkAutoscaler(objectAt(autoscaler, 'spec') ?? {}, old, report);
  });

/** The first version knows one metric, which is checked as the second version would have it. */
export const validateAutoscalerV1: Validator = (autoscaler, old, subresource) => {
  const spec = objectAt(autoscaler, 'spec') ?? {};
  const utilization = numberAt(spec, 'targetCPUUtilizationPercentage');
  const target = { type: 'Utilization', averageUtilization: utilization };
  const metrics = utilization === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', target } }];
  return validateAutoscaler({ ...autoscaler, spec: { ...spec, metrics } }, old, subresource);
};
