import {
  child,
  type FieldError,
  invalid,
  notSupported,
  required,
  root,
  tooLong,
  tooMany,
  typeInvalid,
} from './field-error.ts';
import { quote, showJson } from './go-text.ts';

/** One rule of a schema that a value broke. */
export interface Violation {
  /** The sentence that tells it apart: the server says each only once. */
  readonly message: string;
  /** As it becomes part of an answer; `base` is the path of the value that was validated. */
  readonly toFieldError: (base: string) => FieldError;
}

/**
 * What validating one value brought: the broken rules and how many checks passed, by which the closest of several alternatives is found.
 *
 * @see kube-openapi validation/validate/result.go
 */
export class Verdict {
  readonly violations: Violation[] = [];
  passed = 0;
  /** The sentences of the violations. */
  #messages: Set<string> | undefined;

  get isValid(): boolean {
    return this.violations.length === 0;
  }

  add(violation: Violation): void {
    this.#messages ??= new Set();
    if (this.#messages.has(violation.message)) return;
    this.#messages.add(violation.message);
    this.violations.push(violation);
  }

  merge(other: Verdict): void {
    for (const violation of other.violations) this.add(violation);
    this.passed += other.passed;
  }

  /** The broken rules count no more: the value has been like that before. */
  forgive(): void {
    this.violations.length = 0;
    this.#messages = undefined;
  }
}

// The sentences, from kube-openapi validation/errors/schema.go. The path in them is the path within the validated value.

export function wrongType(path: string, wanted: string, value: string): Violation {
  const message = `${path} in body must be of type ${wanted}: ${quote(value)}`;
  return { message, toFieldError: (base) => typeInvalid(at(base, path), value, message) };
}

export function missing(path: string): Violation {
  return { message: `${path} in body is required`, toFieldError: (base) => required(at(base, path)) };
}

export function notInEnum(path: string, value: unknown, values: readonly unknown[]): Violation {
  const texts = values.map((each) => (typeof each === 'string' ? each : showJson(each)));
  return {
    message: `${path} in body should be one of ${showJson(values)}`,
    toFieldError: (base) => notSupported(at(base, path), value, texts),
  };
}

export function longerThan(path: string, max: number): Violation {
  return {
    message: `${path} in body should be at most ${max} chars long`,
    toFieldError: (base) => tooLong(at(base, path), max),
  };
}

export function moreThan(path: string, what: 'items' | 'properties', max: number, size: number): Violation {
  return {
    message: `${path} in body should have at most ${max} ${what}`,
    toFieldError: (base) => tooMany(at(base, path), size, max),
  };
}

export function fewerThan(path: string, what: 'items' | 'properties', min: number, size: number): Violation {
  return broken(path, `should have at least ${min} ${what}`, size);
}

export function shorterThan(path: string, min: number, value: string): Violation {
  return broken(path, `should be at least ${min} chars long`, value);
}

export function noMatch(path: string, pattern: string, value: string): Violation {
  return broken(path, `should match '${pattern}'`, value);
}

/** @param limit As Go prints it. */
export function beyond(path: string, rule: string, limit: string, value: number): Violation {
  return broken(path, `should be ${rule} ${limit}`, value);
}

/** @param text The factor as Go prints it. */
export function badFactor(path: string, factor: number, text: string): Violation {
  const message = `factor MultipleOf declared for ${path} must be positive: ${text}`;
  return { message, toFieldError: (base) => invalid(at(base, path), factor, message) };
}

export function notAllowed(path: string, name: string): Violation {
  const message = `${path}.${name} in body is a forbidden property`;
  return { message, toFieldError: (base) => invalid(at(base, path), name, message) };
}

/** A rule about alternatives: its field is the validated value as a whole. */
export function junction(path: string, rule: string): Violation {
  const message = `${quote(path)} ${rule}`;
  return { message, toFieldError: (base) => invalid(base, '', message) };
}

function broken(path: string, rule: string, value: unknown): Violation {
  const message = `${path} in body ${rule}`;
  return { message, toFieldError: (base) => invalid(at(base, path), value, message) };
}

/** A member of a whole object that no property names has a path with a leading dot. */
function at(base: string, path: string): string {
  const inner = path.startsWith('.') ? path.slice(1) : path;
  return inner === '' ? base : base === root ? inner : child(base, inner);
}
