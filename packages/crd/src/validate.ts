import { equal, isJsonObject } from '@bowline/apimachinery';
import type { Correlation } from './correlation.ts';
import { compareStrings, isInt64, runeCount, showFloat } from './go-text.ts';
import type { SchemaNode } from './schema-node.ts';
import {
  badFactor,
  beyond,
  fewerThan,
  junction,
  longerThan,
  missing,
  moreThan,
  noMatch,
  notAllowed,
  notInEnum,
  shorterThan,
  Verdict,
  wrongType,
} from './verdict.ts';

/**
 * Validates a value by its schema. What is equal to its old value is forgiven.
 *
 * @param path The path within the validated object; `''` is the object.
 * @param old The value's old self, where there is one.
 * @see kube-openapi validation/validate/schema.go, apiextensions-apiserver apiserver/validation/ratcheting.go
 */
export function validateValue(value: unknown, node: SchemaNode, path: string, old?: Correlation): Verdict {
  const verdict = check(value, node, path, old);
  if (!verdict.isValid && old?.isUnchanged()) verdict.forgive();
  return verdict;
}

function check(value: unknown, node: SchemaNode, path: string, old: Correlation | undefined): Verdict {
  const verdict = new Verdict();
  if (value === null || value === undefined) {
    checkNull(node, path, verdict);
    checkEnum(null, node, path, verdict);
    return verdict;
  }
  const run = (rule: (result: Verdict) => void): void => {
    const result = new Verdict();
    rule(result);
    verdict.merge(result);
    verdict.passed++;
  };
  if (node.types.length > 0 || node.formatCheck) run((result) => checkType(value, node, path, result));
  run((result) => checkJunctions(value, node, path, result));
  if (typeof value === 'string') {
    run((result) => checkString(value, node, path, result));
    if (node.formatCheck) run((result) => checkFormat(value, node, path, result));
  } else if (typeof value === 'number') run((result) => checkNumber(value, node, path, result));
  else if (Array.isArray(value)) run((result) => checkArray(value, node, path, old, result));
  run((result) => checkEnum(value, node, path, result));
  if (isJsonObject(value)) run((result) => checkObject(value, node, path, old, result));
  verdict.passed++;
  return verdict;
}

function checkNull(node: SchemaNode, path: string, verdict: Verdict): void {
  if (node.types.length > 0 && !node.nullable) verdict.add(wrongType(path, node.types.join(','), 'null'));
  else verdict.passed++;
}

/** A formatted text is left to its format, whatever the type says. */
function checkType(value: unknown, node: SchemaNode, path: string, verdict: Verdict): void {
  const type = typeOf(value);
  const isNumeric = node.types.includes('number') || node.types.includes('integer');
  const isText = type === 'string' || type === 'array';
  const fits =
    node.types.includes(type) || (type === 'integer' && node.types.includes('number')) || isWhole(value, node);
  if (node.formatCheck && !isText && !fits) {
    verdict.add(wrongType(path, node.source.format ?? '', goFormat(type)));
  } else if (!(node.formatCheck && isText && !isNumeric) && !fits) {
    verdict.add(wrongType(path, node.types.join(','), type));
  } else verdict.passed++;
}

/** A float may count as an integer: when it is one, or nearly so. */
function isWhole(value: unknown, node: SchemaNode): boolean {
  return typeof value === 'number' && node.types.includes('integer') && isNearInteger(value);
}

function typeOf(value: unknown): string {
  if (typeof value === 'number') return isInt64(value) ? 'integer' : 'number';
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value;
  return Array.isArray(value) ? 'array' : 'object';
}

function goFormat(type: string): string {
  return type === 'integer' ? 'int64' : type === 'number' ? 'float64' : '';
}

/** What alternatives refuse is forgiven only when the value as a whole is unchanged. */
function checkJunctions(value: unknown, node: SchemaNode, path: string, verdict: Verdict): void {
  const validate = (alternative: SchemaNode): Verdict => check(value, alternative, path, undefined);
  if (node.anyOf.length > 0) {
    const { closest, valid } = compare(node.anyOf, validate, true);
    if (valid === 0) verdict.add(junction(path, 'must validate at least one schema (anyOf)'));
    if (closest) verdict.merge(closest);
  }
  if (node.oneOf.length > 0) {
    const { closest, valid } = compare(node.oneOf, validate, false);
    if (valid === 1 && closest) verdict.merge(closest);
    if (valid !== 1) {
      const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
      verdict.add(junction(path, `must validate one and only one schema (oneOf). ${found}`));
      if (valid === 0 && closest) verdict.merge(closest);
    }
  }
  if (node.allOf.length > 0) {
    let valid = 0;
    for (const part of node.allOf) {
      const result = validate(part);
      if (result.isValid) valid++;
      verdict.merge(result);
    }
    if (valid !== node.allOf.length) {
      verdict.add(junction(path, `must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`));
    }
  }
  if (node.not && validate(node.not).isValid) verdict.add(junction(path, 'must not validate the schema (not)'));
  verdict.passed++;
}

/** How many alternatives are valid, and the first of them; else the one with the most passed checks. */
function compare(
  alternatives: readonly SchemaNode[],
  validate: (alternative: SchemaNode) => Verdict,
  firstIsEnough: boolean,
): { closest: Verdict | undefined; valid: number } {
  let closest: Verdict | undefined;
  let valid = 0;
  for (const alternative of alternatives) {
    const result = validate(alternative);
    if (result.isValid) {
      valid++;
      if (valid === 1) closest = result;
      if (firstIsEnough) break;
    } else if (valid === 0 && (!closest || result.passed > closest.passed)) closest = result;
  }
  return { closest, valid };
}

function checkString(value: string, node: SchemaNode, path: string, verdict: Verdict): void {
  const { maxLength, minLength, pattern } = node.source;
  const length = maxLength === undefined && minLength === undefined ? 0 : runeCount(value);
  if (maxLength !== undefined && length > maxLength) verdict.add(longerThan(path, maxLength));
  else if (minLength !== undefined && length < minLength) verdict.add(shorterThan(path, minLength, value));
  else if (node.pattern && !node.pattern.matches(value)) verdict.add(noMatch(path, pattern ?? '', value));
}

function checkFormat(value: string, node: SchemaNode, path: string, verdict: Verdict): void {
  if (node.formatCheck && !node.formatCheck(value)) verdict.add(wrongType(path, node.source.format ?? '', value));
}

function checkNumber(value: number, node: SchemaNode, path: string, verdict: Verdict): void {
  const { multipleOf, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = node.source;
  // Go compares integers with integers: the fraction of a limit is cut off.
  const isInteger = isInt64(value);
  const bound = (limit: number): number => (isInteger ? Math.trunc(limit) : limit);
  const show = (limit: number): string => (isInteger ? String(limit) : showFloat(limit));
  if (multipleOf !== undefined) {
    const factor = bound(multipleOf);
    if (factor <= 0) verdict.add(badFactor(path, factor, show(factor)));
    else if (!isMultiple(value, factor)) verdict.add(beyond(path, 'a multiple of', show(factor), value));
  }
  if (minimum !== undefined) {
    const low = bound(minimum);
    if (exclusiveMinimum ? value <= low : value < low) {
      verdict.add(beyond(path, exclusiveMinimum ? 'greater than' : 'greater than or equal to', show(low), value));
    }
  }
  if (maximum !== undefined) {
    const high = bound(maximum);
    if (exclusiveMaximum ? value >= high : value > high) {
      verdict.add(beyond(path, exclusiveMaximum ? 'less than' : 'less than or equal to', show(high), value));
    }
  }
  verdict.passed++;
}

function isMultiple(value: number, factor: number): boolean {
  if (isInt64(value)) return value % factor === 0;
  return isNearInteger(factor < 1 ? (1 / factor) * value : value / factor);
}

/** @see go-openapi/swag `IsFloat64AJSONInteger` */
function isNearInteger(value: number): boolean {
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) return false;
  if (Number.isInteger(value)) return true;
  const whole = Math.trunc(value);
  return value > 1 && (value - whole) / (value + whole) < 1e-9;
}

function checkArray(
  value: readonly unknown[],
  node: SchemaNode,
  path: string,
  old: Correlation | undefined,
  verdict: Verdict,
): void {
  const { minItems, maxItems } = node.source;
  if (node.items) {
    for (const [index, item] of value.entries()) {
      verdict.merge(validateValue(item, node.items, `${path}[${index}]`, old?.item(index)));
    }
  }
  if (minItems !== undefined && value.length < minItems) verdict.add(fewerThan(path, 'items', minItems, value.length));
  if (maxItems !== undefined && value.length > maxItems) verdict.add(moreThan(path, 'items', maxItems, value.length));
  verdict.passed++;
}

/** Members in byte order: the server's order is random. */
function checkObject(
  value: Readonly<Record<string, unknown>>,
  node: SchemaNode,
  path: string,
  old: Correlation | undefined,
  verdict: Verdict,
): void {
  const { minProperties, maxProperties } = node.source;
  const names = Object.keys(value);
  if (minProperties !== undefined && names.length < minProperties) {
    verdict.add(fewerThan(path, 'properties', minProperties, names.length));
  }
  if (maxProperties !== undefined && names.length > maxProperties) {
    verdict.add(moreThan(path, 'properties', maxProperties, names.length));
  }
  if (node.additional === false || typeof node.additional === 'object') {
    const others = names.filter((name) => !node.properties.has(name)).sort(compareStrings);
    for (const name of others) {
      if (node.additional === false) verdict.add(notAllowed(path, name));
      else verdict.merge(validateValue(value[name], node.additional, `${path}.${name}`, old?.member(name, path)));
    }
  }
  for (const [name, member] of node.properties) {
    if (!Object.hasOwn(value, name)) continue;
    verdict.merge(validateValue(value[name], member, path === '' ? name : `${path}.${name}`, old?.member(name, path)));
  }
  for (const name of node.source.required ?? []) {
    if (!Object.hasOwn(value, name)) verdict.add(missing(`${path}.${name}`));
  }
}

function checkEnum(value: unknown, node: SchemaNode, path: string, verdict: Verdict): void {
  const values = node.source.enum;
  if (!values || values.length === 0 || values.some((each) => isSameValue(value, each))) return;
  verdict.add(notInEnum(path, value, values));
}

/** Go converts before it compares: a float to an integer loses its fraction, an integer to a text becomes a character. */
function isSameValue(value: unknown, allowed: unknown): boolean {
  if (value === null || allowed === null) return false;
  if (typeof value === 'number' && typeof allowed === 'number') {
    return value === allowed || (isInt64(allowed) && Math.trunc(value) === allowed);
  }
  if (typeof value === 'number' && typeof allowed === 'string') {
    return isInt64(value) && value >= 0 && value <= 0x10ffff && String.fromCodePoint(value) === allowed;
  }
  return equal(value, allowed);
}
