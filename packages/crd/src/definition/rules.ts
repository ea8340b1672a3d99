import type { JSONSchemaProps, ValidationRule } from '@bowline/api/apiextensions/v1';
import { at, child, type FieldError, invalid, notSupported, required } from '../field-error.ts';
import { followPath } from './field-path.ts';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

/** What is wrong with validation rules around their CEL expressions, which are not looked at. */
export function ruleErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  return rules.flatMap((rule, index) => [
    ...textErrors(rule, at(child(path, 'x-kubernetes-validations'), index)),
    ...fieldErrors(rule, schema, at(child(path, 'x-kubernetes-validations'), index)),
  ]);
}

function textErrors(rule: ValidationRule, path: string): FieldError[] {
  const { message = '', messageExpression = '' } = rule;
  const expression = (rule.rule ?? '').trim();
  const errors: FieldError[] = [];
  const place = child(path, 'message');
  if (expression === '') errors.push(required(child(path, 'rule'), 'rule is not specified'));
  else if (message !== '' && message.trim() === '')
    errors.push(invalid(place, message, 'must be non-empty if specified'));
  else if (hasLineBreak(message.trim())) errors.push(invalid(place, message, 'must not contain line breaks'));
  else if (hasLineBreak(expression) && message === '') {
    errors.push(required(place, 'message must be specified if rule contains line breaks'));
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(required(child(path, 'messageExpression'), 'messageExpression must be non-empty if specified'));
  }
  return errors;
}

function fieldErrors(rule: ValidationRule, schema: JSONSchemaProps, path: string): FieldError[] {
  const { fieldPath = '', reason } = rule;
  const place = child(path, 'fieldPath');
  const errors: FieldError[] = [];
  if (reason !== undefined && !reasons.includes(reason)) {
    errors.push(notSupported(child(path, 'reason'), reason, reasons));
  }
  if (fieldPath === '') return errors;
  if (fieldPath.trim() === '') errors.push(invalid(place, fieldPath, 'must be non-empty if specified'));
  if (hasLineBreak(fieldPath)) errors.push(invalid(place, fieldPath, 'must not contain line breaks'));
  if ('problem' in followPath(fieldPath, schema, true)) errors.push(invalid(place, fieldPath, 'must be a valid path'));
  return errors;
}

function hasLineBreak(text: string): boolean {
  return /[\n\r]/.test(text);
}
