import type { JSONSchemaProps, ValidationRule } from '@bowline/api/apiextensions/v1';
import { anyOf, checkOptions, checkValue, oneOf, rules, type ValueRule } from '@bowline/apimachinery/arguments';
import { celRule, defaultRule, keywords } from './keyword-rules.ts';

/** Whether a member of an object must be there: `required`, may be missing: `optional`, or is filled in: `defaulted`. */
export type Presence = 'required' | 'optional' | 'defaulted';

declare const outputType: unique symbol;
declare const inputType: unique symbol;
declare const presenceType: unique symbol;

/** Any schema of the builder. */
export type AnySchema = Schema<unknown, unknown, Presence>;

/** What the server returns for a schema: defaults are filled in. */
export type OutputOf<S extends AnySchema> = S[typeof outputType];

/** What may be sent for a schema: members with defaults may be left out. */
export type InputOf<S extends AnySchema> = S[typeof inputType];

/** Carries the types of a schema; nothing of it exists at run time. */
interface Typed<Output, Input, P> {
  readonly [outputType]: Output;
  readonly [inputType]: Input;
  readonly [presenceType]: P;
}

export interface Schema<Output, Input = Output, P extends Presence = 'required'> extends Typed<Output, Input, P> {}

/** Beside a whole rule it would be passed over. */
const inTheRule: ValueRule = { text: 'a member of the rule when that is an object', problem: () => 'type' };

/**
 * A schema and the TypeScript type that it describes. Made by `s`; every method returns a new one.
 *
 * @example
 * ```ts
 * import { type OutputOf, s } from '@bowline/crd';
 *
 * const Port = s.object({ number: s.integer({ minimum: 1 }), protocol: s.enum(['TCP', 'UDP']).default('TCP') });
 * const port: OutputOf<typeof Port> = { number: 80, protocol: 'TCP' };
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds what only the compiler sees, the types
export class Schema<Output, Input = Output, P extends Presence = 'required'> {
  /** The schema as OpenAPI v3, as it stands in a CustomResourceDefinition. */
  readonly json: JSONSchemaProps;
  readonly presence: P;

  constructor(json: JSONSchemaProps, presence: P) {
    checkValue('make a schema', 'json', json, rules.object);
    checkValue('make a schema', 'presence', presence, oneOf('required', 'optional', 'defaulted'));
    this.json = json;
    this.presence = presence;
  }

  /** The member may be missing. */
  optional(): Schema<Output, Input, 'optional'> {
    return new Schema(this.json, 'optional');
  }

  /**
   * The member may be missing; then the server fills in `value`. It is always there when read.
   *
   * @throws {TypeError} {RangeError} when the value is not of the schema's type, or null, which the server takes for no default.
   */
  default(value: Exclude<Input, null>): Schema<Output, Input, 'defaulted'> {
    checkValue('set a default', 'value', value, defaultRule(this.json));
    return new Schema({ ...this.json, default: value }, 'defaulted');
  }

  /** The value may be null. */
  nullable(): Schema<Output | null, Input | null, P> {
    return this.keywords({ nullable: true });
  }

  /** What `kubectl explain` says of it. */
  describe(description: string): Schema<Output, Input, P> {
    checkValue('describe a schema', 'description', description, rules.string);
    return this.keywords({ description });
  }

  /**
   * Adds a rule in CEL, which the API server evaluates (`x-kubernetes-validations`).
   *
   * @param rule An expression over `self`, or the whole rule.
   * @param message What the user is told when the rule is broken. @default the rule itself
   */
  rule(rule: string | ValidationRule, message?: string): Schema<Output, Input, P> {
    const action = 'add a rule to a schema';
    const isText = typeof rule === 'string';
    checkValue(action, 'rule', rule, isText ? rules.nonEmptyString : anyOf(rules.string, celRule));
    if (!isText) checkValue(action, 'rule', rule, celRule);
    if (message !== undefined) checkValue(action, 'message', message, isText ? rules.string : inTheRule);
    const added: ValidationRule =
      typeof rule === 'string' ? { rule, ...(message === undefined ? {} : { message }) } : rule;
    return this.keywords({ 'x-kubernetes-validations': [...(this.json['x-kubernetes-validations'] ?? []), added] });
  }

  /** Adds keywords for which there is no method: `anyOf`, `oneOf`, `not`, `x-kubernetes-map-type` … The type stays. */
  keywords<O = Output, I = Input>(more: JSONSchemaProps): Schema<O, I, P> {
    checkOptions<JSONSchemaProps>('add keywords to a schema', more, keywords, 'keywords');
    return new Schema({ ...this.json, ...more }, this.presence);
  }
}

/** The members of an object. */
export type Members = Readonly<Record<string, AnySchema>>;

/** Shows a type's members where it is displayed. */
export type Shown<T> = { [K in keyof T]: T[K] } & {};

/** What an object with these members looks like when it is read. */
export type ObjectOutput<M extends Members> = Shown<
  { readonly [K in keyof M as M[K]['presence'] extends 'optional' ? never : K]: OutputOf<M[K]> } & {
    readonly [K in keyof M as M[K]['presence'] extends 'optional' ? K : never]?: OutputOf<M[K]> | undefined;
  }
>;

/** What may be sent for an object with these members. */
export type ObjectInput<M extends Members> = Shown<
  { readonly [K in keyof M as M[K]['presence'] extends 'required' ? K : never]: InputOf<M[K]> } & {
    readonly [K in keyof M as M[K]['presence'] extends 'required' ? never : K]?: InputOf<M[K]> | undefined;
  }
>;
