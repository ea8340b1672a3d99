import { checkValue, rules } from '@bowline/apimachinery/arguments';
import { quote, showJson, showNumber } from './go-text.ts';

/** Why a field is refused: the `reason` of a cause in a Status. @see k8s.io/apimachinery util/validation/field `ErrorType` */
export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueTypeInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueNotFound'
  | 'InternalError';

/**
 * One thing that is wrong with an object, in the server's words.
 *
 * @see k8s.io/apimachinery util/validation/field `Error`
 */
export interface FieldError {
  readonly type: FieldErrorType;
  /** `spec.containers[0].name`; `<nil>` for the object as a whole. */
  readonly field: string;
  /** What is wrong, without the field: `Invalid value: "x": must be …`. */
  readonly message: string;
  /** The value that was refused. */
  readonly badValue: unknown;
}

const words: Readonly<Record<FieldErrorType, string>> = {
  FieldValueRequired: 'Required value',
  FieldValueInvalid: 'Invalid value',
  FieldValueTypeInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueForbidden: 'Forbidden',
  FieldValueNotFound: 'Not found',
  InternalError: 'Internal error',
};

/** The path of a whole object; its members have paths without a leading dot. */
export const root = '';

/** `spec` → `spec.name`. */
export function child(path: string, ...names: readonly string[]): string {
  return names.reduce((parent, name) => (parent === root ? name : `${parent}.${name}`), path);
}

/** `items` → `items[0]`, `labels[app]`. */
export function at(path: string, key: string | number): string {
  return `${path}[${key}]`;
}

export function required(path: string, detail = ''): FieldError {
  return bare('FieldValueRequired', path, detail, '');
}

export function forbidden(path: string, detail: string): FieldError {
  return bare('FieldValueForbidden', path, detail, '');
}

export function tooLong(path: string, maxBytes: number): FieldError {
  const unit = maxBytes === 1 ? 'byte' : 'bytes';
  return bare('FieldValueTooLong', path, `may not be more than ${maxBytes} ${unit}`, '<value omitted>');
}

export function invalid(path: string, value: unknown, detail: string): FieldError {
  return withValue('FieldValueInvalid', path, value, detail);
}

/** For values that the server shows as JSON although they are plain texts: those it holds by reference. */
export function invalidReference(path: string, value: string, detail: string): FieldError {
  return {
    ...invalid(path, value, detail),
    message: sentence(`${words.FieldValueInvalid}: ${showJson(value)}`, detail),
  };
}

export function typeInvalid(path: string, value: unknown, detail: string): FieldError {
  return withValue('FieldValueTypeInvalid', path, value, detail);
}

export function notSupported(path: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? '' : `supported values: ${supported.map(quote).join(', ')}`;
  return withValue('FieldValueNotSupported', path, value, detail);
}

export function duplicate(path: string, value: unknown): FieldError {
  return withValue('FieldValueDuplicate', path, value, '');
}

export function tooMany(path: string, actual: number, max: number): FieldError {
  return withValue('FieldValueTooMany', path, actual, `must have at most ${max} ${max === 1 ? 'item' : 'items'}`);
}

/** One error as text: the field, then what is wrong. */
export function fieldErrorText(error: FieldError): string {
  checkValue('say what is wrong', 'error', error, rules.object);
  return `${error.field}: ${error.message}`;
}

/** All errors as one text: each said once, several in brackets. @see k8s.io/apimachinery util/errors `Aggregate` */
export function aggregateText(errors: readonly FieldError[]): string {
  checkValue('say what is wrong', 'errors', errors, rules.array);
  const texts = [...new Set(errors.map(fieldErrorText))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

function bare(type: FieldErrorType, path: string, detail: string, badValue: unknown): FieldError {
  return { type, field: path === root ? '<nil>' : path, message: sentence(words[type], detail), badValue };
}

function withValue(type: FieldErrorType, path: string, badValue: unknown, detail: string): FieldError {
  return {
    type,
    field: path === root ? '<nil>' : path,
    message: sentence(`${words[type]}: ${shown(badValue)}`, detail),
    badValue,
  };
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return showNumber(value);
  return showJson(value ?? null);
}

function sentence(start: string, detail: string): string {
  return detail === '' ? start : `${start}: ${detail}`;
}
