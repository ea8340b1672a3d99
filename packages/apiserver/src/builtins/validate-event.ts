import { labelKeyProblems } from '@bowline/apimachinery';
import { invalid, required } from '../field-error.ts';
import { byteLength } from '../go-format.ts';
import { dns1123SubdomainErrors } from '../meta/formats.ts';
import { metadataUpdateErrors } from '../meta/validation.ts';
import { numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { invalidInternal } from './internal-form.ts';
import type { Validator } from './registry.ts';
import { gather, has, immutable, objectAt, type Report, same, says } from './validate-fields.ts';
import { checkMetadataAgain } from './validate-metadata.ts';

/** The names of fields that differ between the two versions in which events are served. */
interface Names {
  readonly subject: string;
  readonly controller: string;
  readonly instance: string;
  readonly message: string;
}

const core: Names = {
  subject: 'involvedObject',
  controller: 'reportingComponent',
  instance: 'reportingInstance',
  message: 'message',
};
const group: Names = {
  subject: 'regarding',
  controller: 'reportingController',
  instance: 'reportingInstance',
  message: 'note',
};

function checkLength(event: ServerObject, name: string, field: string, max: number, report: Report): void {
  if (byteLength(stringAt(event, name)) > max) report(invalid(field, '', `can have at most ${max} characters`));
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `legacyValidateEvent` */
function checkEvent(event: ServerObject, names: Names, report: Report): void {
  const own = event.metadata.namespace ?? '';
  const subject = stringAt(event, names.subject, 'namespace');
  const mismatch = (): void => report(invalid('involvedObject.namespace', subject, 'does not match event.namespace'));
  if (!has(event, 'eventTime')) {
    if (subject === '' ? !['', 'default'].includes(own) : own !== subject) mismatch();
  } else {
    if (subject === '' && !['default', 'kube-system'].includes(own)) mismatch();
    const controller = stringAt(event, names.controller);
    if (controller === '') report(required(names.controller));
    says(labelKeyProblems(controller), names.controller, controller, report);
    if (stringAt(event, names.instance) === '') report(required('reportingInstance'));
    checkLength(event, names.instance, 'reportingInstance', 128, report);
    for (const name of ['action', 'reason']) {
      if (stringAt(event, name) === '') report(required(name));
      checkLength(event, name, name, 128, report);
    }
    checkLength(event, names.message, 'message', 1_024, report);
  }
  says(dns1123SubdomainErrors(own), 'namespace', own, report);
}

function checkSeries(event: ServerObject, report: Report): void {
  const series = objectAt(event, 'series');
  if (series === undefined) return;
  if ((numberAt(series, 'count') ?? 0) < 2) report(invalid('series.count', '', 'should be at least 2'));
  if (!has(series, 'lastObservedTime')) report(required('series.lastObservedTime'));
}

/** Events as most clients send them. */
export const validateEvent: Validator = (event) => gather((report) => checkEvent(event, core, report));

/** What the newer version takes from the older one, and does not let clients set. */
const unset = ['deprecatedFirstTimestamp', 'deprecatedLastTimestamp', 'deprecatedCount', 'deprecatedSource'];
const unsetNames = ['firstTimestamp', 'lastTimestamp', 'count', 'source'];

function isUnset(value: unknown): boolean {
  if (value === undefined || value === null || value === 0) return true;
  return ['component', 'host'].every((name) => stringAt(value, name) === '') && typeof value === 'object';
}

/** Events of the newer version. @see k8s.io/kubernetes pkg/apis/core/validation `ValidateEventCreate` */
export const validateGroupEvent: Validator = (event, old) =>
  gather((report) => {
    checkEvent(event, group, report);
    if (old === undefined) {
      checkMetadataAgain(event, report);
      checkSeries(event, report);
      if (!has(event, 'eventTime')) report(required('eventTime'));
      const type = stringAt(event, 'type');
      if (!['Normal', 'Warning'].includes(type)) report(invalid('type', '', `has invalid value: ${type}`));
      unset.forEach((name, index) => {
        if (!isUnset(event[name])) report(invalid(unsetNames[index] ?? name, '', 'needs to be unset'));
      });
      return;
    }
    for (const error of metadataUpdateErrors(event.metadata, old.metadata)) report(error);
    if (!same(event.series, old.series)) checkSeries(event, report);
    const fixed = (name: string, field: string, type: string): void => {
      if (!same(event[name], old[name])) report(invalidInternal(field, type, event[name], 'field is immutable'));
    };
    fixed('regarding', 'involvedObject', 'core.ObjectReference');
    immutable(stringAt(event, 'reason'), stringAt(old, 'reason'), 'reason', report);
    immutable(stringAt(event, 'note'), stringAt(old, 'note'), 'message', report);
    fixed('deprecatedSource', 'source', 'core.EventSource');
    unset.slice(0, 3).forEach((name, index) => {
      immutable(event[name], old[name], unsetNames[index] ?? name, report);
    });
    for (const name of ['reason', 'type']) immutable(stringAt(event, name), stringAt(old, name), name, report);
    immutable(valueAt(event, 'eventTime'), valueAt(old, 'eventTime'), 'eventTime', report);
    immutable(stringAt(event, 'action'), stringAt(old, 'action'), 'action', report);
    fixed('related', 'related', '*core.ObjectReference');
    for (const name of ['reportingController', 'reportingInstance']) {
      immutable(stringAt(event, name), stringAt(old, name), name, report);
    }
  });
