import { labelKeyProblems, labelValueProblems } from './label-syntax.ts';
import type { StringMap } from './object.ts';

/** How a requirement relates a label to its values. The names are upstream's. @see k8s.io/apimachinery selection `Operator` */
export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

/** One condition on the labels of an object. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** Sorted, without repetition. One for `=`, `==`, `!=`, `gt`, `lt`; at least one for `in`, `notin`; none for `exists`, `!`. */
  readonly values: readonly string[];
}

const allOperators: readonly LabelOperator[] = ['in', 'notin', '=', '==', '!=', 'gt', 'lt', 'exists', '!'];

/** A requirement in its canonical form. */
export function canonicalRequirement(
  key: string,
  operator: LabelOperator,
  values: readonly string[],
): LabelRequirement {
  return Object.freeze({ key, operator, values: Object.freeze([...new Set(values)].sort()) });
}

/** What is wrong with a requirement, in the server's words, or undefined. */
export function requirementProblem(requirement: LabelRequirement): string | undefined {
  const { key, operator, values } = requirement;
  const problems: string[] = [];
  const keyProblems = labelKeyProblems(key);
  if (keyProblems.length > 0) problems.push(invalid('key', key, keyProblems));
  if (!allOperators.includes(operator)) {
    const supported = allOperators.map((name) => `"${name}"`).join(', ');
    problems.push(`operator: Unsupported value: "${operator}": supported values: ${supported}`);
  } else {
    const countProblem = valueCountProblem(operator, values.length);
    if (countProblem) problems.push(`values: Invalid value: ${JSON.stringify(values)}: ${countProblem}`);
  }
  if (operator === 'gt' || operator === 'lt') {
    for (const [index, value] of values.entries()) {
      if (int64(value) !== undefined) continue;
      problems.push(invalid(`values[${index}]`, value, ["for 'Gt', 'Lt' operators, the value must be an integer"]));
    }
  }
  for (const [index, value] of values.entries()) {
    const valueProblems = labelValueProblems(value);
    if (valueProblems.length > 0) problems.push(invalid(`values[${index}][${key}]`, value, valueProblems));
  }
  return problems.length > 1 ? `[${problems.join(', ')}]` : problems[0];
}

function invalid(field: string, value: string, problems: readonly string[]): string {
  return `${field}: Invalid value: ${JSON.stringify(value)}: ${problems.join('; ')}`;
}

function valueCountProblem(operator: LabelOperator, count: number): string | undefined {
  switch (operator) {
    case 'in':
    case 'notin':
      return count > 0 ? undefined : "for 'in', 'notin' operators, values set can't be empty";
    case '=':
    case '==':
    case '!=':
      return count === 1 ? undefined : 'exact-match compatibility requires one single value';
    case 'gt':
    case 'lt':
      return count === 1 ? undefined : "for 'Gt', 'Lt' operators, exactly one value is required";
    case 'exists':
    case '!':
      return count === 0 ? undefined : 'values set must be empty for exists and does not exist';
  }
}

/** Whether labels meet a requirement. `!=` and `notin` are met by an absent label. */
export function meetsRequirement({ key, operator, values }: LabelRequirement, labels: StringMap): boolean {
  const label = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return label !== undefined && values.includes(label);
    case '!=':
    case 'notin':
      return label === undefined || !values.includes(label);
    case 'exists':
      return label !== undefined;
    case '!':
      return label === undefined;
    case 'gt':
    case 'lt': {
      const left = label === undefined ? undefined : int64(label);
      const right = int64(values[0] ?? '');
      if (left === undefined || right === undefined) return false;
      return operator === 'gt' ? left > right : left < right;
    }
  }
}

const LEAST_INT64 = -(2n ** 63n);
const GREATEST_INT64 = 2n ** 63n - 1n;

function int64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]{1,64}$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value >= LEAST_INT64 && value <= GREATEST_INT64 ? value : undefined;
}

/** The canonical text of a requirement. */
export function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    case 'gt':
      return `${key}>${values.join(',')}`;
    case 'lt':
      return `${key}<${values.join(',')}`;
    default:
      return `${key}${operator}${values.join(',')}`;
  }
}
