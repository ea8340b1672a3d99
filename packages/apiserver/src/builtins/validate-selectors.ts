import { LabelSelector, labelKeyProblems, labelValueProblems, SelectorError } from '@bowline/apimachinery';
import { duplicate, forbidden, invalid, required } from '../field-error.ts';
import { nameIsSubdomain } from '../meta/formats.ts';
import { labelErrors } from '../meta/validation.ts';
import { isObject, type JsonObject, stringAt } from '../object.ts';
import { type Check, each, eachText, objectAt, type Report, says, textMapAt, textsAt } from './validate-fields.ts';

const listed = ['In', 'NotIn'];
const unlisted = ['Exists', 'DoesNotExist'];
const noSelectorOperator = 'not a valid selector operator';

/** @see k8s.io/apimachinery meta/v1/validation `ValidateLabelSelector` */
export const checkLabelSelector: Check<unknown> = (selector, field, report) => {
  if (!isObject(selector)) return;
  for (const error of labelErrors(textMapAt(selector, 'matchLabels'), `${field}.matchLabels`)) report(error);
  each(selector, 'matchExpressions', field, (requirement, path) => {
    checkOperator(requirement, path, report);
    says(labelKeyProblems(stringAt(requirement, 'key')), `${path}.key`, stringAt(requirement, 'key'), report);
    eachText(requirement, 'values', path, (value, at) => says(labelValueProblems(value), at, value, report));
  });
};

function checkOperator(requirement: JsonObject, field: string, report: Report, more: readonly string[] = []): void {
  const operator = stringAt(requirement, 'operator');
  const count = textsAt(requirement, 'values').length;
  const path = `${field}.values`;
  if (listed.includes(operator)) {
    if (count === 0) report(required(path, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (unlisted.includes(operator)) {
    if (count > 0) report(forbidden(path, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else if (more.includes(operator)) {
    if (count !== 1) report(required(path, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
  } else report(invalid(`${field}.operator`, operator, noSelectorOperator));
}

/** The selector of an object, to match with; undefined when it cannot be one, for reasons that `checkLabelSelector` gives. */
export function asSelector(selector: unknown): LabelSelector | undefined {
  try {
    return LabelSelector.from((selector ?? {}) as Parameters<typeof LabelSelector.from>[0]);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

/** Whether a selector asks for nothing. */
export function isEmptySelector(selector: unknown): boolean {
  return Object.keys(textMapAt(selector, 'matchLabels')).length === 0 && !hasItems(selector, 'matchExpressions');
}

function hasItems(owner: unknown, name: string): boolean {
  const list = isObject(owner) ? owner[name] : undefined;
  return Array.isArray(list) && list.length > 0;
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateNodeSelector` */
export function checkNodeSelector(selector: JsonObject, field: string, report: Report, checkValues = true): void {
  if (!hasItems(selector, 'nodeSelectorTerms')) {
    report(required(`${field}.nodeSelectorTerms`, 'must have at least one node selector term'));
  }
  each(selector, 'nodeSelectorTerms', field, (term, path) => checkNodeSelectorTerm(term, path, report, checkValues));
}

/** @param checkValues Whether values must be label values; those of preferences need not. */
export function checkNodeSelectorTerm(term: JsonObject, field: string, report: Report, checkValues: boolean): void {
  each(term, 'matchExpressions', field, (requirement, path) => {
    checkOperator(requirement, path, report, ['Gt', 'Lt']);
    says(labelKeyProblems(stringAt(requirement, 'key')), `${path}.key`, stringAt(requirement, 'key'), report);
    if (!checkValues) return;
    eachText(requirement, 'values', path, (value, at) => says(labelValueProblems(value), at, value, report));
  });
  each(term, 'matchFields', field, (requirement, path) => {
    const operator = stringAt(requirement, 'operator');
    if (!listed.includes(operator)) report(invalid(`${path}.operator`, operator, noSelectorOperator));
    else if (textsAt(requirement, 'values').length !== 1) {
      const why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
      report(required(`${path}.values`, why));
    }
    const key = stringAt(requirement, 'key');
    if (key !== 'metadata.name') report(invalid(`${path}.key`, key, 'not a valid field selector key'));
    else eachText(requirement, 'values', path, (value, at) => says(nameIsSubdomain(value, false), at, value, report));
  });
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateTopologySelectorTerm` */
export function checkTopologySelectorTerm(term: JsonObject, field: string, report: Report): string {
  const keys = new Map<string, readonly string[]>();
  each(term, 'matchLabelExpressions', field, (requirement, path) => {
    const values = new Set<string>();
    if (textsAt(requirement, 'values').length === 0) report(required(`${path}.values`));
    eachText(requirement, 'values', path, (value, at) => {
      if (values.has(value)) report(duplicate(at, value));
      values.add(value);
    });
    const key = stringAt(requirement, 'key');
    says(labelKeyProblems(key), `${path}.key`, key, report);
    if (keys.has(key)) report(duplicate(`${path}.key`, key));
    keys.set(key, [...values].sort());
  });
  return JSON.stringify(Object.fromEntries([...keys].sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Label keys of pods that are added to a selector. @see k8s.io/kubernetes pkg/apis/core/validation `ValidateMatchLabelKeysAndMismatchLabelKeys` */
export function checkMatchLabelKeys(owner: JsonObject, field: string, report: Report): void {
  const selector = objectAt(owner, 'labelSelector');
  for (const name of ['matchLabelKeys', 'mismatchLabelKeys']) {
    const path = `${field}.${name}`;
    if (textsAt(owner, name).length === 0) continue;
    if (selector === undefined) report(forbidden(path, 'must not be specified when labelSelector is not set'));
    else eachText(owner, name, field, (key, at) => says(labelKeyProblems(key), at, key, report));
  }
  const wanted = textsAt(owner, 'matchLabelKeys');
  if (selector !== undefined) {
    const selected = new Set(Object.keys(textMapAt(selector, 'matchLabels')));
    each(selector, 'matchExpressions', field, (expression) => {
      const key = stringAt(expression, 'key');
      const index = wanted.lastIndexOf(key);
      if (index >= 0 && selected.has(key)) {
        report(invalid(`${field}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector'));
      }
      selected.add(key);
    });
  }
  const unwanted = textsAt(owner, 'mismatchLabelKeys');
  wanted.forEach((key, index) => {
    if (!unwanted.includes(key)) return;
    report(invalid(`${field}.matchLabelKeys[${index}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  });
}
