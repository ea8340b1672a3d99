import { parseTime } from '@bowline/apimachinery';
import { duplicate, type FieldError, invalid, required } from '../field-error.ts';
import { listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { countIndexes, firstCommonIndex } from './indexes.ts';
import { invalidInternal } from './internal-form.ts';
import { eachText, has, nonNegative, objectAt, type Report, same, textsAt } from './validate-fields.ts';

const conditions = 'status.conditions';

function whole(detail: string): FieldError {
  return { type: 'FieldValueInvalid', field: conditions, message: `Invalid value: ${detail}` };
}

/** What the conditions of a job say. */
function stateOf(
  job: ServerObject,
): Readonly<Record<'complete' | 'failed' | 'target' | 'criteria' | 'finished', boolean>> {
  const isTrue = (type: string): boolean =>
    listAt(job, 'status', 'conditions').some(
      (one) => stringAt(one, 'type') === type && stringAt(one, 'status') === 'True',
    );
  const [complete, failed] = [isTrue('Complete'), isTrue('Failed')];
  const [target, criteria] = [isTrue('FailureTarget'), isTrue('SuccessCriteriaMet')];
  return { complete, failed, target, criteria, finished: complete || failed };
}

function checkUncounted(job: ServerObject, report: Report): void {
  const seen = new Set<string>();
  const uncounted = valueAt(job, 'status', 'uncountedTerminatedPods');
  for (const list of ['succeeded', 'failed']) {
    eachText(uncounted, list, 'status.uncountedTerminatedPods', (uid, path) => {
      if (uid === '') report(invalid(path, uid, 'must not be empty'));
      else if (seen.has(uid)) report(duplicate(path, uid));
      seen.add(uid);
    });
  }
}

function checkIndexes(job: ServerObject, old: ServerObject, report: Report): void {
  const completions = numberAt(job, 'spec', 'completions');
  const done = stringAt(job, 'status', 'completedIndexes');
  const failed = valueAt(job, 'status', 'failedIndexes');
  const doneChanged = done !== stringAt(old, 'status', 'completedIndexes');
  const failedChanged = failed !== valueAt(old, 'status', 'failedIndexes');
  const [donePath, failedPath] = ['status.completedIndexes', 'status.failedIndexes'];
  const limited = has(job, 'spec', 'backoffLimitPerIndex');
  const problemOf = (text: string): string | undefined => {
    const counted = completions === undefined ? 0 : countIndexes(text, completions);
    return typeof counted === 'string' ? counted : undefined;
  };
  if (doneChanged && problemOf(done) !== undefined) {
    report(invalid(donePath, done, `error parsing completedIndexes: ${problemOf(done)}`));
  }
  if (failedChanged && limited && typeof failed === 'string' && problemOf(failed) !== undefined) {
    report(invalid(failedPath, failed, `error parsing failedIndexes: ${problemOf(failed)}`));
  }
  if (doneChanged && done !== '' && stringAt(job, 'spec', 'completionMode') !== 'Indexed') {
    report(invalid(donePath, done, 'cannot set non-empty completedIndexes when non-indexed completion mode'));
  }
  if (typeof failed !== 'string') return;
  if (failedChanged && !limited) {
    report(invalid(failedPath, failed, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'));
  }
  if ((!failedChanged && !doneChanged) || completions === undefined) return;
  const common = firstCommonIndex(done, failed, completions);
  if (common === undefined) return;
  report(invalid(failedPath, failed, `failedIndexes and completedIndexes overlap at index: ${common}`));
}

/** What a job's status must be in itself, as far as it has changed. @see k8s.io/kubernetes pkg/apis/batch/validation `validateJobStatus` */
function checkState(job: ServerObject, old: ServerObject, report: Report): void {
  const status = objectAt(job, 'status') ?? {};
  const [now, before] = [stateOf(job), stateOf(old)];
  const changed = (field: string): boolean => !same(status[field], valueAt(old, 'status', field));
  const [active, ready] = [numberAt(status, 'active') ?? 0, numberAt(status, 'ready')];
  const [startTime, completionTime] = [stringAt(status, 'startTime'), stringAt(status, 'completionTime')];
  const completeChanged = now.complete !== before.complete;
  const failedChanged = now.failed !== before.failed;
  const finishedChanged = now.finished !== before.finished;
  const timeChanged = changed('completionTime');
  const rules: readonly (readonly [boolean, FieldError])[] = [
    [
      (completeChanged || failedChanged) && now.complete && now.failed,
      whole('cannot set Complete=True and Failed=true conditions'),
    ],
    [
      (completeChanged || now.target !== before.target) && now.complete && now.target,
      whole('cannot set Complete=True and FailureTarget=true conditions'),
    ],
    [
      (completeChanged || timeChanged) && completionTime !== '' && !now.complete,
      invalid(
        'status.completionTime',
        completionTime,
        'cannot set completionTime when there is no Complete=True condition',
      ),
    ],
    [
      (completeChanged || timeChanged) && completionTime === '' && now.complete,
      required('status.completionTime', 'completionTime is required for Complete jobs'),
    ],
    [
      (changed('startTime') || timeChanged) &&
        startTime !== '' &&
        completionTime !== '' &&
        parseTime(completionTime) < parseTime(startTime),
      invalid('status.completionTime', completionTime, 'must be equal to or after `startTime`'),
    ],
    [
      (failedChanged || changed('failedIndexes')) && now.failed && !now.target,
      whole('cannot set Failed=True condition without the FailureTarget=true condition'),
    ],
    [
      (completeChanged || now.criteria !== before.criteria) && now.complete && !now.criteria,
      whole('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'),
    ],
    [
      (finishedChanged || changed('active')) && active > 0 && now.finished,
      invalid('status.active', active, 'active>0 is invalid for finished job'),
    ],
    [
      (finishedChanged || changed('startTime')) && !isSuspendedAndEmpty(job) && startTime === '' && now.finished,
      required('status.startTime', 'startTime is required for finished job'),
    ],
    [
      (finishedChanged || changed('uncountedTerminatedPods')) && now.finished && hasUncounted(job),
      invalidInternal(
        'status.uncountedTerminatedPods',
        '*batch.UncountedTerminatedPods',
        status.uncountedTerminatedPods,
        'must be empty for finished job',
      ),
    ],
  ];
  for (const [broken, error] of rules) if (broken) report(error);
  checkIndexes(job, old, report);
  const terminating = numberAt(status, 'terminating') ?? 0;
  if ((finishedChanged || changed('terminating')) && terminating > 0 && now.finished) {
    report(invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job'));
  }
  if ((changed('ready') || changed('active')) && ready !== undefined && ready > active) {
    report(invalid('status.ready', ready, 'cannot set more ready pods than active'));
  }
  if (now.criteria && now.failed) report(whole('cannot set SuccessCriteriaMet=True and Failed=true conditions'));
  if (now.criteria && now.target) report(whole('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'));
  if (has(job, 'spec', 'successPolicy') && !now.criteria && now.complete) {
    report(whole('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'));
  }
}

function isSuspendedAndEmpty(job: ServerObject): boolean {
  return valueAt(job, 'spec', 'suspend') === true && numberAt(job, 'spec', 'completions') === 0;
}

function hasUncounted(job: ServerObject): boolean {
  return ['failed', 'succeeded'].some((list) => textsAt(job, 'status', 'uncountedTerminatedPods', list).length > 0);
}

/** What of a job's status only goes one way. @see k8s.io/kubernetes pkg/apis/batch/validation `ValidateJobStatusUpdate` */
function checkProgress(job: ServerObject, old: ServerObject, report: Report): void {
  const [now, before] = [stateOf(job), stateOf(old)];
  const [status, was] = [objectAt(job, 'status') ?? {}, objectAt(old, 'status') ?? {}];
  for (const [type, name] of [
    ['failed', 'Failed'],
    ['complete', 'Complete'],
    ['target', 'FailureTarget'],
  ] as const) {
    if (before[type] && !now[type]) report(whole(`cannot disable the terminal ${name}=True condition`));
  }
  const spec = objectAt(job, 'spec') ?? {};
  const elastic = stringAt(spec, 'completionMode') === 'Indexed' && same(spec.completions, spec.parallelism);
  for (const name of elastic ? ['failed'] : ['failed', 'succeeded']) {
    const count = numberAt(status, name) ?? 0;
    if (count < (numberAt(was, name) ?? 0)) {
      report(invalid(`status.${name}`, count, `cannot decrease the ${name} counter`));
    }
  }
  const [time, oldTime] = [stringAt(status, 'completionTime'), stringAt(was, 'completionTime')];
  if (time !== '' && oldTime !== '' && time !== oldTime) {
    report(invalid('status.completionTime', time, 'field is immutable'));
  }
  const suspended = (one: ServerObject): string => {
    const found = listAt(one, 'status', 'conditions').find((condition) => stringAt(condition, 'type') === 'Suspended');
    return stringAt(found, 'status');
  };
  const resuming = suspended(old) === 'True' && suspended(job) === 'False';
  const startTime = stringAt(was, 'startTime');
  if (startTime !== '' && startTime !== stringAt(status, 'startTime') && spec.suspend !== true && !resuming) {
    report(required('status.startTime', 'startTime cannot be removed for unsuspended job'));
  }
  if (before.criteria && !now.criteria) report(whole('cannot disable the SuccessCriteriaMet=True condition'));
  if (before.complete && !before.criteria && now.criteria) {
    report(whole('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'));
  }
}

export function checkJobStatus(job: ServerObject, old: ServerObject, report: Report): void {
  nonNegative(job.status, ['active', 'succeeded', 'failed', 'ready', 'terminating'], 'status', report);
  checkUncounted(job, report);
  checkState(job, old, report);
  checkProgress(job, old, report);
}
