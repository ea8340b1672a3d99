import { labelKeyProblems } from '@bowline/apimachinery';
import { duplicate, type FieldError, invalid, notSupported, required, tooLong, tooMany } from '../field-error.ts';
import { byteLength, quote } from '../go-format.ts';
import { dns1123LabelErrors } from '../meta/formats.ts';
import { type JsonObject, listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { asSet } from '../schema/index.ts';
import { cronProblem, timeZoneProblem } from './cron-schedule.ts';
import { countIndexes } from './indexes.ts';
import { invalidInternal } from './internal-form.ts';
import type { Validator } from './registry.ts';
import {
  each,
  gather,
  has,
  immutable,
  negativeMessage,
  nonNegative,
  objectAt,
  oneOf,
  type Report,
  same,
  says,
  textMapAt,
} from './validate-fields.ts';
import { checkDomainPath } from './validate-formats.ts';
import { checkJobStatus } from './validate-job-status.ts';
import { checkMetadataAgain } from './validate-metadata.ts';
import { checkPodTemplate } from './validate-pod-spec.ts';
import { asSelector, checkLabelSelector } from './validate-selectors.ts';

const failureActions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const exitOperators = ['In', 'NotIn'];
const conditionStatuses = ['False', 'True', 'Unknown'];
const replacements = ['Failed', 'TerminatingOrFailed'];
const manyCompletions = 100_000;
const manyLimit = 10_000;

/** An error that shows no value. */
function invalidWhole(field: string, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, message: `Invalid value: ${detail}` };
}

function validValues(words: readonly string[]): string {
  return `valid values: [${words.map(quote).join(' ')}]`;
}

/** A word of some, which the message lists also when there is none. */
function listedWord(owner: JsonObject, name: string, field: string, words: readonly string[], report: Report): void {
  const word = stringAt(owner, name);
  if (word === '') report(required(`${field}.${name}`, validValues(words)));
  else if (!words.includes(word)) report(notSupported(`${field}.${name}`, word, words));
}

function checkManager(spec: JsonObject, field: string, report: Report): void {
  const manager = spec.managedBy;
  if (typeof manager !== 'string') return;
  checkDomainPath(manager, `${field}.managedBy`, report);
  if (byteLength(manager) > 63) report(tooLong(`${field}.managedBy`, 63));
}

function checkIndexed(spec: JsonObject, field: string, report: Report): void {
  const [completions, parallelism] = [numberAt(spec, 'completions'), numberAt(spec, 'parallelism') ?? 0];
  const failed = numberAt(spec, 'maxFailedIndexes');
  if (completions === undefined) report(required(`${field}.completions`, 'when completion mode is Indexed'));
  if (parallelism > 100_000) {
    const why = 'must be less than or equal to 100000 when completion mode is Indexed';
    report(invalid(`${field}.parallelism`, parallelism, why));
  }
  const path = `${field}.maxFailedIndexes`;
  if (completions !== undefined && failed !== undefined && failed > completions) {
    report(invalid(path, failed, 'must be less than or equal to completions'));
  }
  if (failed !== undefined && failed > manyCompletions) {
    report(invalid(path, failed, `must be less than or equal to ${manyCompletions}`));
  }
  if (completions === undefined || completions <= manyCompletions || !has(spec, 'backoffLimitPerIndex')) return;
  const many = `when completions are above ${manyCompletions} and used with backoff limit per index`;
  if (failed === undefined) report(required(path, `must be specified when completions is above ${manyCompletions}`));
  if (parallelism > manyLimit) {
    report(invalid(`${field}.parallelism`, parallelism, `must be less than or equal to ${manyLimit} ${many}`));
  }
  if (failed !== undefined && failed > manyLimit) {
    report(invalid(path, failed, `must be less than or equal to ${manyLimit} ${many}`));
  }
}

function checkFailurePolicy(spec: JsonObject, field: string, report: Report): void {
  const policy = objectAt(spec, 'podFailurePolicy');
  if (policy === undefined) return;
  const path = `${field}.podFailurePolicy`;
  const count = listAt(policy, 'rules').length;
  if (count > 20) report(tooMany(`${path}.rules`, count, 20));
  const pod = valueAt(spec, 'template', 'spec');
  const containers = ['containers', 'initContainers'].flatMap((list) =>
    listAt(pod, list).map((container) => stringAt(container, 'name')),
  );
  each(policy, 'rules', path, (rule, at) => {
    const action = stringAt(rule, 'action');
    if (action === 'FailIndex') {
      if (!has(spec, 'backoffLimitPerIndex')) {
        report(invalid(`${at}.action`, action, 'requires the backoffLimitPerIndex to be set'));
      }
    } else listedWord(rule, 'action', at, failureActions, report);
    const codes = objectAt(rule, 'onExitCodes');
    const conditions = listAt(rule, 'onPodConditions').length;
    if (codes !== undefined) checkExitCodes(codes, `${at}.onExitCodes`, containers, report);
    if (conditions > 20) report(tooMany(`${at}.onPodConditions`, conditions, 20));
    each(rule, 'onPodConditions', at, (pattern, where) => {
      says(labelKeyProblems(stringAt(pattern, 'type')), `${where}.type`, stringAt(pattern, 'type'), report);
      listedWord(pattern, 'status', where, conditionStatuses, report);
    });
    if (codes !== undefined && conditions > 0) {
      report(invalidWhole(at, 'specifying both OnExitCodes and OnPodConditions is not supported'));
    }
    if (codes === undefined && conditions === 0) {
      report(invalidWhole(at, 'specifying one of OnExitCodes and OnPodConditions is required'));
    }
  });
}

function checkExitCodes(codes: JsonObject, field: string, containers: readonly string[], report: Report): void {
  listedWord(codes, 'operator', field, exitOperators, report);
  const container = codes.containerName;
  if (typeof container === 'string' && !containers.includes(container)) {
    const why = 'must be one of the container or initContainer names in the pod template';
    report(invalid(`${field}.containerName`, container, why));
  }
  const values = listAt(codes, 'values').map(Number);
  const path = `${field}.values`;
  if (values.length === 0) report(invalid(path, codes.values ?? null, 'at least one value is required'));
  else if (values.length > 255) report(tooMany(path, values.length, 255));
  const seen = new Set<number>();
  values.forEach((value, index) => {
    if (stringAt(codes, 'operator') === 'In' && value === 0) {
      report(invalid(`${path}[${index}]`, value, 'must not be 0 for the In operator'));
    }
    if (seen.has(value)) report(duplicate(`${path}[${index}]`, value));
    seen.add(value);
  });
  if (values.some((value, index) => index > 0 && (values[index - 1] ?? 0) > value)) {
    report(invalid(path, values, 'must be ordered'));
  }
}

function checkSuccessPolicy(spec: JsonObject, field: string, report: Report): void {
  const policy = objectAt(spec, 'successPolicy');
  if (policy === undefined) return;
  const path = `${field}.successPolicy`;
  if (stringAt(spec, 'completionMode') !== 'Indexed') {
    report(invalidInternal(path, 'batch.SuccessPolicy', policy, 'requires indexed completion mode'));
    return;
  }
  const count = listAt(policy, 'rules').length;
  if (count === 0) {
    report(required(`${path}.rules`, 'at least one rules must be specified when the successPolicy is specified'));
  }
  if (count > 20) report(tooMany(`${path}.rules`, count, 20));
  const completions = numberAt(spec, 'completions') ?? 0;
  each(policy, 'rules', path, (rule, at) => {
    const [indexes, wanted] = [rule.succeededIndexes, numberAt(rule, 'succeededCount')];
    if (typeof indexes !== 'string' && wanted === undefined) {
      report(required(at, 'at least one of succeededCount or succeededIndexes must be specified'));
    }
    let total = 0;
    if (typeof indexes === 'string') {
      if (byteLength(indexes) > 64 * 1024) report(tooLong(`${at}.succeededIndexes`, 64 * 1024));
      const counted = countIndexes(indexes, completions);
      if (typeof counted === 'number') total = counted;
      else report(invalid(`${at}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${counted}`));
    }
    if (wanted === undefined) return;
    const where = `${at}.succeededCount`;
    if (wanted < 0) report(invalid(where, wanted, negativeMessage));
    if (wanted > completions) {
      const why = `must be less than or equal to ${completions} (the number of specified completions)`;
      report(invalid(where, wanted, why));
    }
    if (typeof indexes === 'string' && wanted > total) {
      const why = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`;
      report(invalid(where, wanted, why));
    }
  });
}

function checkRestart(spec: JsonObject, field: string, report: Report): void {
  const path = `${field}.template.spec.restartPolicy`;
  const policy = stringAt(spec, 'template', 'spec', 'restartPolicy');
  if (policy === 'Always' || policy === '') report(required(path, 'valid values: "OnFailure", "Never"'));
  else if (policy !== 'OnFailure' && policy !== 'Never') report(notSupported(path, policy, ['OnFailure', 'Never']));
  else if (has(spec, 'podFailurePolicy') && policy !== 'Never') {
    report(invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified'));
  }
}

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
];

/** What holds for jobs and for their templates. @see k8s.io/kubernetes pkg/apis/batch/validation `validateJobSpec` */
function checkJobTemplate(spec: JsonObject, field: string, report: Report): void {
  nonNegative(spec, counts, field, report);
  if (has(spec, 'maxFailedIndexes') && !has(spec, 'backoffLimitPerIndex')) {
    report(required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  checkManager(spec, field, report);
  const mode = stringAt(spec, 'completionMode');
  if (has(spec, 'completionMode')) {
    oneOf(spec, 'completionMode', field, ['NonIndexed', 'Indexed'], report, 'unsupported');
  }
  if (mode === 'Indexed') checkIndexed(spec, field, report);
  else if (mode === 'NonIndexed' || !has(spec, 'completionMode')) {
    for (const name of ['backoffLimitPerIndex', 'maxFailedIndexes']) {
      if (has(spec, name)) report(invalid(`${field}.${name}`, spec[name], 'requires indexed completion mode'));
    }
  }
  checkFailurePolicy(spec, field, report);
  checkSuccessPolicy(spec, field, report);
  const allowed = has(spec, 'podFailurePolicy') ? ['Failed'] : replacements;
  if (has(spec, 'podReplacementPolicy')) oneOf(spec, 'podReplacementPolicy', field, allowed, report, 'unsupported');
  checkPodTemplate(spec.template, `${field}.template`, report);
  checkRestart(spec, field, report);
}

function checkJobSpec(spec: JsonObject, report: Report): void {
  checkJobTemplate(spec, 'spec', report);
  if (!has(spec, 'selector')) report(required('spec.selector'));
  else checkLabelSelector(spec.selector, 'spec.selector', report);
  const labels = asSet(valueAt(spec, 'template', 'metadata'), 'labels');
  const matches = has(spec, 'selector')
    ? (asSelector(spec.selector)?.matches(textMapAt({ labels }, 'labels')) ?? true)
    : false;
  if (matches) return;
  const why = '`selector` does not match template `labels`';
  report(invalidInternal('spec.template.metadata.labels', 'map:string', labels, why));
}

/** Labels by which a job finds its pods, unless it has a selector of its own. */
const jobLabels = {
  uid: ['controller-uid', 'batch.kubernetes.io/controller-uid'],
  name: ['job-name', 'batch.kubernetes.io/job-name'],
} as const;

function checkGeneratedSelector(job: ServerObject, prefixed: boolean, report: Report): void {
  const spec = objectAt(job, 'spec') ?? {};
  if (spec.manualSelector === true || !has(spec, 'selector')) return;
  const { uid = '', name = '' } = job.metadata;
  const labels = textMapAt(spec, 'template', 'metadata', 'labels');
  const wanted: Record<string, string> = {};
  for (const index of prefixed ? [0, 1] : [0]) {
    for (const [label, value] of [
      [jobLabels.uid[index], uid],
      [jobLabels.name[index], name],
    ] as const) {
      if (label === undefined) continue;
      wanted[label] = value;
      const path = `spec.template.metadata.labels[${label}]`;
      if (labels[label] === undefined) report(required(path, `must be '${value}'`));
      else if (labels[label] !== value) report(invalidInternal(path, 'map:string', labels, `must be '${value}'`));
    }
  }
  if (asSelector(spec.selector)?.matches(wanted) === false) {
    report(invalidInternal('spec.selector', 'raw:LabelSelector', spec.selector, '`selector` not auto-generated'));
  }
}

/** @see k8s.io/kubernetes pkg/apis/batch/validation `ValidateJob` */
function checkJob(job: ServerObject, prefixed: boolean, report: Report): void {
  checkGeneratedSelector(job, prefixed, report);
  const spec = objectAt(job, 'spec') ?? {};
  checkJobSpec(spec, report);
  const completions = numberAt(spec, 'completions') ?? 0;
  const { name = '' } = job.metadata;
  const last = `${name}-${completions - 1}`;
  if (stringAt(spec, 'completionMode') !== 'Indexed' || completions <= 0 || dns1123LabelErrors(last).length === 0)
    return;
  report(invalid('metadata.name', name, `will not able to create pod with invalid DNS label: ${last}`));
}

/** What of the template may change while a job that has not started is suspended. */
function withSchedulingOf(old: JsonObject, now: JsonObject): JsonObject {
  const [spec, wanted] = [objectAt(old, 'spec') ?? {}, objectAt(now, 'spec') ?? {}];
  const { nodeAffinity: _old, ...otherAffinity } = objectAt(spec, 'affinity') ?? {};
  const nodeAffinity = valueAt(wanted, 'affinity', 'nodeAffinity');
  const affinity = { ...otherAffinity, ...(nodeAffinity === undefined ? {} : { nodeAffinity }) };
  const metadata = { ...objectAt(old, 'metadata') };
  for (const field of ['labels', 'annotations']) metadata[field] = valueAt(now, 'metadata', field);
  const moved = Object.fromEntries(
    ['nodeSelector', 'tolerations', 'schedulingGates'].map((field) => [field, wanted[field]]),
  );
  return {
    ...old,
    metadata,
    spec: { ...spec, ...moved, affinity: Object.keys(affinity).length > 0 ? affinity : undefined },
  };
}

function checkJobUpdate(job: ServerObject, old: ServerObject, report: Report): void {
  const [spec, before] = [objectAt(job, 'spec') ?? {}, objectAt(old, 'spec') ?? {}];
  checkJobSpec(spec, report);
  const [completions, wasCompletions] = [spec.completions, before.completions];
  if (stringAt(spec, 'completionMode') !== 'Indexed') {
    immutable(completions, wasCompletions, 'spec.completions', report);
  } else if (!same(completions, wasCompletions) && has(spec, 'completions') && completions !== spec.parallelism) {
    report(invalid('spec.completions', completions, 'can only be modified in tandem with spec.parallelism'));
  }
  const fixed = (field: string, type: string): void => {
    if (same(spec[field], before[field])) return;
    report(invalidInternal(`spec.${field}`, type, spec[field] ?? null, 'field is immutable'));
  };
  fixed('selector', '*raw:LabelSelector');
  const template = objectAt(spec, 'template') ?? {};
  const mayMove = before.suspend === true && !has(old, 'status', 'startTime');
  const oldTemplate = objectAt(before, 'template') ?? {};
  if (!same(template, mayMove ? withSchedulingOf(oldTemplate, template) : oldTemplate)) {
    report(invalidInternal('spec.template', 'core.PodTemplateSpec', template, 'field is immutable'));
  }
  fixed('completionMode', '*string');
  fixed('podFailurePolicy', '*batch.PodFailurePolicy');
  fixed('backoffLimitPerIndex', '*int');
  fixed('managedBy', '*string');
  fixed('successPolicy', '*batch.SuccessPolicy');
}

export const validateJob: Validator = (job, old, subresource) =>
  gather((report) => {
    if (old !== undefined && subresource === 'status') {
      checkJobStatus(job, old, report);
      return;
    }
    const had = textMapAt(old, 'spec', 'template', 'metadata', 'labels');
    const prefixed =
      old === undefined || [jobLabels.uid[1], jobLabels.name[1]].every((label) => had[label] !== undefined);
    if (old !== undefined) checkMetadataAgain(job, report);
    checkJob(job, prefixed, report);
    if (old !== undefined) checkJobUpdate(job, old, report);
  });

const concurrencies = ['Allow', 'Forbid', 'Replace'];

function checkSchedule(spec: JsonObject, old: ServerObject | undefined, report: Report): void {
  const schedule = stringAt(spec, 'schedule');
  if (schedule === '') {
    report(required('spec.schedule'));
    return;
  }
  const problem = cronProblem(schedule);
  if (problem !== undefined) report(invalid('spec.schedule', schedule, problem));
  if (!schedule.includes('TZ')) return;
  if (!stringAt(old, 'spec', 'schedule').includes('TZ')) {
    report(invalid('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  } else if (has(spec, 'timeZone')) {
    report(invalid('spec.schedule', schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
  }
}

function checkTimeZone(spec: JsonObject, old: ServerObject | undefined, report: Report): void {
  const zone = spec.timeZone;
  if (typeof zone !== 'string' || (old !== undefined && zone === valueAt(old, 'spec', 'timeZone'))) return;
  const path = 'spec.timeZone';
  const parts = zone.split('/');
  if (zone === '') report(invalid(path, zone, 'timeZone must be nil or non-empty string'));
  else if (parts.some((part) => ['.', '..'].includes(part) || !/^(?!-)[A-Za-z.\-_0-9+]{1,14}$/.test(part))) {
    report(invalid(path, zone, `unknown time zone ${zone}`));
  } else {
    if (zone.toLowerCase() === 'local') {
      const why = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
      report(invalid(path, zone, why));
    }
    const problem = timeZoneProblem(zone);
    if (problem !== undefined) report(invalid(path, zone, problem));
  }
}

/** @see k8s.io/kubernetes pkg/apis/batch/validation `validateCronJobSpec` */
export const validateCronJob: Validator = (cronJob, old, subresource) =>
  gather((report) => {
    if (subresource === 'status') return;
    const spec = objectAt(cronJob, 'spec') ?? {};
    checkSchedule(spec, old, report);
    nonNegative(spec, ['startingDeadlineSeconds'], 'spec', report);
    checkTimeZone(spec, old, report);
    oneOf(spec, 'concurrencyPolicy', 'spec', concurrencies, report);
    const template = objectAt(spec, 'jobTemplate', 'spec') ?? {};
    const path = 'spec.jobTemplate.spec';
    checkJobTemplate(template, path, report);
    if (has(template, 'selector')) {
      const why = '`selector` will be auto-generated';
      report(invalidInternal(`${path}.selector`, 'raw:LabelSelector', template.selector, why));
    }
    if (template.manualSelector === true) report(notSupported(`${path}.manualSelector`, true, ['nil', 'false']));
    nonNegative(spec, ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit'], 'spec', report);
    const { name = '' } = cronJob.metadata;
    if (old === undefined && byteLength(name) > 52) {
      report(invalid('metadata.name', name, 'must be no more than 52 characters'));
    }
  });
