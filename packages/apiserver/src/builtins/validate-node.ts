import { labelKeyProblems, labelValueProblems } from '@bowline/apimachinery';
import { forbidden, internalFieldError, invalid, required } from '../field-error.ts';
import { listAt, type ServerObject, stringAt } from '../object.ts';
import { internalText } from './internal-form.ts';
import { parseCidr } from './ip-address.ts';
import type { Validator } from './registry.ts';
import { gather, type Report, says, textMapAt, textsAt } from './validate-fields.ts';
import { cidrErrors } from './validate-formats.ts';
import { checkMetadataAgain } from './validate-metadata.ts';
import { checkResourceAmount } from './validate-resources.ts';
import { checkTaintEffect } from './validate-scheduling.ts';

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateNodeTaints` */
function checkTaints(node: ServerObject, report: Report): void {
  const seen = new Set<string>();
  listAt(node, 'spec', 'taints').forEach((taint, index) => {
    // The real server takes them for a part of the metadata.
    const path = `metadata.taints[${index}]`;
    const [key, value, effect] = [stringAt(taint, 'key'), stringAt(taint, 'value'), stringAt(taint, 'effect')];
    says(labelKeyProblems(key), `${path}.key`, key, report);
    const problems = labelValueProblems(value);
    if (problems.length > 0) report(invalid(`${path}.value`, value, problems.join(';')));
    if (effect === '') report(required(`${path}.effect`));
    else checkTaintEffect(effect, `${path}.effect`, report);
    const pair = `${effect} ${key}`;
    if (seen.has(pair)) {
      const shown = internalText('core.Taint', taint);
      const message = `Duplicate value: ${shown}: taints must be unique by key and effect pair`;
      report({ type: 'FieldValueDuplicate', field: path, message });
    }
    seen.add(pair);
  });
}

function checkAmounts(node: ServerObject, report: Report): void {
  for (const kind of ['capacity', 'allocatable']) {
    for (const [name, amount] of Object.entries(textMapAt(node, 'status', kind))) {
      checkResourceAmount(name, amount, `status.${kind}.${name}`, report);
    }
  }
}

function checkPodRanges(node: ServerObject, report: Report): void {
  const ranges = textsAt(node, 'spec', 'podCIDRs');
  const path = 'spec.podCIDRs';
  for (const [index, range] of ranges.entries()) says(cidrErrors(range), `${path}[${index}]`, range, report);
  if (ranges.length < 2) return;
  const networks = ranges.map(parseCidr);
  const wrong = networks.indexOf(undefined);
  if (wrong >= 0) {
    const why = `invalid CIDR[${wrong}]: <nil> (invalid CIDR address: ${ranges[wrong]})`;
    report(internalFieldError(path, `invalid PodCIDRs. failed to check with dual stack with error:${why}`));
  }
  const families = new Set(networks.map((network) => network?.address.family));
  if (wrong >= 0 || families.size < 2 || ranges.length > 2) {
    report(invalid(path, ranges, 'may specify no more than one CIDR for each IP family'));
  }
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateNodeUpdate` */
function checkUpdate(node: ServerObject, old: ServerObject, report: Report): void {
  checkAmounts(node, report);
  const seen = new Set<string>();
  listAt(node, 'status', 'addresses').forEach((address, index) => {
    const shown = { Type: stringAt(address, 'type'), Address: stringAt(address, 'address') };
    const text = JSON.stringify(shown);
    const field = `status.addresses[${index}]`;
    if (seen.has(text)) report({ type: 'FieldValueDuplicate', field, message: `Duplicate value: ${text}` });
    seen.add(text);
  });
  const [now, before] = [textsAt(node, 'spec', 'podCIDRs'), textsAt(old, 'spec', 'podCIDRs')];
  const rangeFixed = forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid');
  if (before.length > 0 && before.length !== now.length) report(rangeFixed);
  else for (const [index, range] of before.entries()) if (range !== now[index]) report(rangeFixed);
  const provider = stringAt(old, 'spec', 'providerID');
  if (provider !== '' && provider !== stringAt(node, 'spec', 'providerID')) {
    report(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  }
  checkTaints(node, report);
  if (stringAt(node, 'spec', 'externalID') !== stringAt(old, 'spec', 'externalID')) {
    report(forbidden('spec.externalID', 'may not be updated'));
  }
}

export const validateNode: Validator = (node, old, subresource) =>
  gather((report) => {
    if (subresource !== 'status') {
      if (old !== undefined) checkMetadataAgain(node, report, undefined, false);
      checkTaints(node, report);
      checkAmounts(node, report);
      checkPodRanges(node, report);
    }
    if (old !== undefined) checkUpdate(node, old, report);
  });
