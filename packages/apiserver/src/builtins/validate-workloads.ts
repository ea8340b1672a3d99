import { type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts';
import { dns1123LabelErrors } from '../meta/formats.ts';
import { type JsonObject, listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { asSet } from '../schema/index.ts';
import { internalText, invalidInternal } from './internal-form.ts';
import type { Validator } from './registry.ts';
import { checkClaimSpec } from './validate-claims.ts';
import {
  each,
  gather,
  has,
  negativeMessage,
  nonNegative,
  objectAt,
  optionalFormat,
  type Report,
  same,
  textMapAt,
} from './validate-fields.ts';
import { intOrPercentNumber, reportAbove100Percent, reportIntOrPercent } from './validate-formats.ts';
import { checkPodTemplate, checkTemplateMetadata } from './validate-pod-spec.ts';
import { asSelector, checkLabelSelector, isEmptySelector } from './validate-selectors.ts';

function selectorError(field: string, selector: unknown, detail: string): FieldError {
  return invalidInternal(field, 'raw:LabelSelector', selector ?? null, detail);
}

/** @param what Who cannot have an empty selector, in messages. */
function checkSelector(spec: JsonObject, field: string, what: string, report: Report): void {
  const selector = objectAt(spec, 'selector');
  if (selector === undefined) {
    report(required(field));
    return;
  }
  checkLabelSelector(selector, field, report);
  if (isEmptySelector(selector)) report(selectorError(field, selector, `empty selector is invalid for ${what}`));
}

/** Whether the template's labels are those that the selector asks for. A missing selector matches nothing. */
function matchesTemplate(spec: JsonObject): boolean {
  if (!has(spec, 'selector')) return false;
  return asSelector(spec.selector)?.matches(textMapAt(spec, 'template', 'metadata', 'labels')) ?? true;
}

/** The template of what must keep running, and its agreement with the selector. */
function checkTemplate(spec: JsonObject, kind: string, unreadable: string, report: Report): void {
  const selector = spec.selector;
  if (has(spec, 'selector') && asSelector(selector) === undefined) {
    report(selectorError('spec.selector', selector, unreadable));
    return;
  }
  checkTemplateLabels(spec, report);
  checkPodTemplate(spec.template, 'spec.template', report);
  checkKeepsRunning(spec, kind, report);
}

function checkTemplateLabels(spec: JsonObject, report: Report): void {
  if (matchesTemplate(spec)) return;
  const labels = asSet(valueAt(spec, 'template', 'metadata'), 'labels');
  const why = '`selector` does not match template `labels`';
  report(invalidInternal('spec.template.metadata.labels', 'map:string', labels, why));
}

function checkKeepsRunning(spec: JsonObject, kind: string, report: Report): void {
  const pod = valueAt(spec, 'template', 'spec');
  const path = 'spec.template.spec';
  const policy = stringAt(pod, 'restartPolicy');
  if (policy !== 'Always') report(notSupported(`${path}.restartPolicy`, policy, ['Always']));
  if (has(pod, 'activeDeadlineSeconds')) {
    report(forbidden(`${path}.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`));
  }
}

/** The selector stays; a change is shown as the real server shows it. */
function checkSelectorKept(now: ServerObject, old: ServerObject, report: Report): void {
  const selector = valueAt(now, 'spec', 'selector');
  if (same(selector, valueAt(old, 'spec', 'selector'))) return;
  report(selectorError('spec.selector', selector, 'field is immutable'));
}

/** Counts of a status that cannot be above others. */
function checkCounts(
  status: unknown,
  names: readonly string[],
  whole: readonly string[],
  ready: string | undefined,
  report: Report,
): void {
  nonNegative(status, names, 'status', report);
  const count = (name: string): number => numberAt(status, name) ?? 0;
  for (const name of whole) {
    if (count(name) > count('replicas')) {
      report(invalid(`status.${name}`, count(name), 'cannot be greater than status.replicas'));
    }
  }
  if (ready !== undefined && count('availableReplicas') > count('readyReplicas')) {
    report(invalid('status.availableReplicas', count('availableReplicas'), `cannot be greater than ${ready}`));
  }
}

function checkCollisions(now: ServerObject, old: ServerObject, report: Report): void {
  const [after, before] = [now, old].map((one) => numberAt(one, 'status', 'collisionCount'));
  if (before === undefined || (after !== undefined && after >= before)) return;
  report(invalid('status.collisionCount', after ?? 0, 'cannot be decremented'));
}

function checkDeploymentStrategy(spec: JsonObject, report: Report): void {
  const strategy = objectAt(spec, 'strategy') ?? {};
  const rolling = objectAt(strategy, 'rollingUpdate');
  const path = 'spec.strategy';
  switch (stringAt(strategy, 'type')) {
    case 'Recreate':
      if (rolling !== undefined) {
        report(forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'"));
      }
      break;
    case 'RollingUpdate': {
      if (rolling === undefined) {
        report(required(`${path}.rollingUpdate`, 'this should be defaulted and never be nil'));
        break;
      }
      const [unavailable, surge] = [rolling.maxUnavailable, rolling.maxSurge];
      const at = `${path}.rollingUpdate.maxUnavailable`;
      reportIntOrPercent(unavailable, at, report);
      reportIntOrPercent(surge, `${path}.rollingUpdate.maxSurge`, report);
      if (intOrPercentNumber(unavailable) === 0 && intOrPercentNumber(surge) === 0) {
        report(invalid(at, unavailable, 'may not be 0 when `maxSurge` is 0'));
      }
      reportAbove100Percent(unavailable, at, report);
      break;
    }
    default: {
      report(unsupported(path, 'apps.DeploymentStrategy', strategy, ['Recreate', 'RollingUpdate']));
    }
  }
}

function unsupported(field: string, type: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((one) => `"${one}"`).join(', ');
  const message = `Unsupported value: ${internalText(type, value)}: supported values: ${list}`;
  return { type: 'FieldValueNotSupported', field, message };
}

/** @see k8s.io/kubernetes pkg/apis/apps/validation `ValidateDeploymentSpec` */
export const validateDeployment: Validator = (deployment, old, subresource) =>
  gather((report) => {
    if (old !== undefined && subresource === 'status') {
      const counts = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas'];
      const names = ['observedGeneration', ...counts, 'terminatingReplicas', 'collisionCount'];
      const whole = ['updatedReplicas', 'readyReplicas', 'availableReplicas'];
      checkCounts(deployment.status, names, whole, 'readyReplicas', report);
      checkCollisions(deployment, old, report);
      return;
    }
    const spec = objectAt(deployment, 'spec') ?? {};
    nonNegative(spec, ['replicas'], 'spec', report);
    checkSelector(spec, 'spec.selector', 'deployment', report);
    checkTemplate(spec, 'ReplicaSet', 'invalid label selector', report);
    checkDeploymentStrategy(spec, report);
    nonNegative(spec, ['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds'], 'spec', report);
    const deadline = numberAt(spec, 'progressDeadlineSeconds');
    if (deadline !== undefined && deadline <= (numberAt(spec, 'minReadySeconds') ?? 0)) {
      report(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
    }
    if (old !== undefined) checkSelectorKept(deployment, old, report);
  });

/** @see k8s.io/kubernetes pkg/apis/apps/validation `ValidateReplicaSetSpec` */
export const validateReplicaSet: Validator = (set, old, subresource) =>
  gather((report) => {
    if (subresource === 'status') {
      const counts = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];
      const names = [...counts, 'observedGeneration', 'terminatingReplicas'];
      checkCounts(set.status, names, counts.slice(1), 'readyReplicas', report);
      return;
    }
    const spec = objectAt(set, 'spec') ?? {};
    nonNegative(spec, ['replicas', 'minReadySeconds'], 'spec', report);
    checkSelector(spec, 'spec.selector', 'deployment', report);
    checkTemplate(spec, 'ReplicaSet', 'invalid label selector', report);
    if (old !== undefined) checkSelectorKept(set, old, report);
  });

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateReplicationControllerSpec` */
export const validateReplicationController: Validator = (controller, _old, subresource) =>
  gather((report) => {
    if (subresource === 'status') {
      const counts = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];
      checkCounts(controller.status, [...counts, 'observedGeneration'], counts.slice(1), 'readyReplicas', report);
      return;
    }
    const spec = objectAt(controller, 'spec') ?? {};
    const selector = textMapAt(spec, 'selector');
    nonNegative(spec, ['minReadySeconds'], 'spec', report);
    if (Object.keys(selector).length === 0) report(required('spec.selector'));
    nonNegative(spec, ['replicas'], 'spec', report);
    if (!has(spec, 'template')) {
      report(required('spec.template'));
      return;
    }
    if (Object.keys(selector).length > 0) checkTemplateLabels({ ...spec, selector: { matchLabels: selector } }, report);
    checkPodTemplate(spec.template, 'spec.template', report);
    checkKeepsRunning(spec, 'ReplicationController', report);
  });

function checkDaemonSetStrategy(spec: JsonObject, report: Report): void {
  const strategy = objectAt(spec, 'updateStrategy') ?? {};
  const path = 'spec.updateStrategy';
  const type = stringAt(strategy, 'type');
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate') {
    report(unsupported(path, 'apps.DaemonSetUpdateStrategy', strategy, ['RollingUpdate', 'OnDelete']));
    return;
  }
  const rolling = objectAt(strategy, 'rollingUpdate');
  if (rolling === undefined) {
    report(required(`${path}.rollingUpdate`));
    return;
  }
  const [unavailable, surge] = [rolling.maxUnavailable, rolling.maxSurge];
  const [unavailableAt, surgeAt] = [`${path}.rollingUpdate.maxUnavailable`, `${path}.rollingUpdate.maxSurge`];
  reportIntOrPercent(unavailable, unavailableAt, report);
  reportIntOrPercent(surge, surgeAt, report);
  reportAbove100Percent(unavailable, unavailableAt, report);
  reportAbove100Percent(surge, surgeAt, report);
  const [hasUnavailable, hasSurge] = [intOrPercentNumber(unavailable) !== 0, intOrPercentNumber(surge) !== 0];
  if (hasUnavailable && hasSurge) report(invalid(surgeAt, surge, 'may not be set when maxUnavailable is non-zero'));
  if (!hasUnavailable && !hasSurge) report(required(unavailableAt, 'cannot be 0 when maxSurge is 0'));
}

/** @see k8s.io/kubernetes pkg/apis/apps/validation `ValidateDaemonSetSpec` */
export const validateDaemonSet: Validator = (set, old, subresource) =>
  gather((report) => {
    if (old !== undefined && subresource === 'status') {
      const counts = ['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady'];
      const more = ['observedGeneration', 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable'];
      checkCounts(set.status, [...counts, ...more, 'collisionCount'], [], undefined, report);
      checkCollisions(set, old, report);
      return;
    }
    if (old !== undefined) checkSelectorKept(set, old, report);
    const spec = objectAt(set, 'spec') ?? {};
    const selector = spec.selector;
    checkLabelSelector(selector, 'spec.selector', report);
    checkTemplateLabels(spec, report);
    if (has(spec, 'selector') && isEmptySelector(selector)) {
      report(selectorError('spec.selector', selector, 'empty selector is invalid for daemonset'));
    }
    checkPodTemplate(spec.template, 'spec.template', report);
    checkKeepsRunning(spec, 'DaemonSet', report);
    nonNegative(spec, ['minReadySeconds'], 'spec', report);
    checkDaemonSetStrategy(spec, report);
    nonNegative(spec, ['revisionHistoryLimit'], 'spec', report);
  });

const retentions = ['Retain', 'Delete'];
/** What of a stateful set may change. */
const mutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

function checkStatefulSetStrategy(spec: JsonObject, report: Report): void {
  const strategy = objectAt(spec, 'updateStrategy') ?? {};
  const rolling = objectAt(strategy, 'rollingUpdate');
  const path = 'spec.updateStrategy';
  switch (stringAt(strategy, 'type')) {
    case '':
      report(required(path));
      break;
    case 'OnDelete': {
      const type = 'apps.RollingUpdateStatefulSetStrategy';
      const why = "only allowed for updateStrategy 'RollingUpdate'";
      if (rolling !== undefined) report(invalidInternal(`${path}.rollingUpdate`, type, rolling, why));
      break;
    }
    case 'RollingUpdate': {
      nonNegative(rolling, ['partition'], `${path}.rollingUpdate`, report);
      const unavailable = rolling?.maxUnavailable;
      if (unavailable === undefined || unavailable === null) break;
      const at = `${path}.rollingUpdate.maxUnavailable`;
      reportIntOrPercent(unavailable, at, report);
      if (intOrPercentNumber(unavailable) === 0) report(invalid(at, unavailable, 'cannot be 0'));
      reportAbove100Percent(unavailable, at, report);
      break;
    }
    default: {
      const why = "must be 'RollingUpdate' or 'OnDelete'";
      report(invalidInternal(path, 'apps.StatefulSetUpdateStrategy', strategy, why));
    }
  }
}

/** The template as its pods will be: with volumes for the claims, and without names, which the pods get from the set. */
function asPodTemplate(spec: JsonObject): unknown {
  const claims = listAt(spec, 'volumeClaimTemplates').map((claim) => stringAt(claim, 'metadata', 'name'));
  const template = objectAt(spec, 'template') ?? {};
  const { subdomain: _subdomain, hostname: _hostname, ...pod } = objectAt(template, 'spec') ?? {};
  if (claims.length === 0) return { ...template, spec: pod };
  const volumes = [
    ...[...new Set(claims)].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    ...listAt(pod, 'volumes').filter((volume) => !claims.includes(stringAt(volume, 'name'))),
  ];
  return { ...template, spec: { ...pod, volumes } };
}

function checkStatefulSetSpec(spec: JsonObject, isUpdate: boolean, report: Report): void {
  const management = stringAt(spec, 'podManagementPolicy');
  if (!['OrderedReady', 'Parallel'].includes(management)) {
    report(invalid('spec.podManagementPolicy', management, "must be 'OrderedReady' or 'Parallel'"));
  }
  checkStatefulSetStrategy(spec, report);
  const retention = objectAt(spec, 'persistentVolumeClaimRetentionPolicy');
  for (const name of retention === undefined ? [] : ['whenDeleted', 'whenScaled']) {
    const word = stringAt(retention, name);
    if (retentions.includes(word)) continue;
    report(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${name}`, word, retentions));
  }
  if (!isUpdate) {
    each(spec, 'volumeClaimTemplates', 'spec', (claim, path) => {
      checkClaimSpec(objectAt(claim, 'spec') ?? {}, `${path}.spec`, report);
    });
  }
  nonNegative(spec, ['replicas', 'minReadySeconds'], 'spec', report);
  nonNegative(spec.ordinals, ['start'], 'spec.ordinals', report);
  if (!isUpdate) optionalFormat(spec, 'serviceName', 'spec', dns1123LabelErrors, report);
  checkSelector(spec, 'spec.selector', 'statefulset', report);
  if (has(spec, 'selector') && asSelector(spec.selector) === undefined) {
    report(selectorError('spec.selector', spec.selector, ''));
  } else {
    checkTemplateLabels(spec, report);
    checkPodTemplate(asPodTemplate(spec), 'spec.template', report);
    checkTemplateMetadata(spec.template, 'spec.template', report);
  }
  checkKeepsRunning(spec, 'StatefulSet', report);
}

/** @see k8s.io/kubernetes pkg/apis/apps/validation `ValidateStatefulSetSpec` */
export const validateStatefulSet: Validator = (set, old, subresource) =>
  gather((report) => {
    if (old !== undefined && subresource === 'status') {
      const counts = ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'];
      const names = [...counts, 'observedGeneration', 'collisionCount'];
      checkCounts(set.status, names, counts.slice(1), 'status.readyReplicas', report);
      checkCollisions(set, old, report);
      return;
    }
    const spec = objectAt(set, 'spec') ?? {};
    checkStatefulSetSpec(spec, old !== undefined, report);
    if (old === undefined) return;
    const before = objectAt(old, 'spec') ?? {};
    const rest = (one: JsonObject): JsonObject =>
      Object.fromEntries(Object.entries(one).filter(([name]) => !mutable.includes(name)));
    if (same(rest(spec), rest(before))) return;
    const words = mutable.map((name) => `'${name}'`);
    const list = `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
    report(forbidden('spec', `updates to statefulset spec for fields other than ${list} are forbidden`));
  });

/** @see k8s.io/kubernetes pkg/apis/apps/validation `ValidateControllerRevisionCreate` */
export const validateControllerRevision: Validator = (revision, old) =>
  gather((report) => {
    const number = numberAt(revision, 'revision') ?? 0;
    if (number < 0) report(invalid('revision', number, negativeMessage));
    const data = revision.data;
    if (old !== undefined) {
      if (!same(data, old.data)) report(invalid('data', data ?? null, 'field is immutable'));
    } else if (data === undefined || data === null) report(required('data', 'data is mandatory'));
    else if (typeof data !== 'object' || Array.isArray(data)) {
      report(required('data', 'data must be a valid JSON object'));
    }
  });
