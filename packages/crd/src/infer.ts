import type { Keyword } from './keyword-rules.ts';
import type { AnySchema, InputOf, OutputOf, Shown } from './schema.ts';

/**
 * A schema of another library that can say itself as JSON Schema: zod, valibot, arktype …
 *
 * @see https://standardschema.dev/json-schema
 */
export interface StandardJsonSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly jsonSchema: {
      readonly input: (options: { readonly target: string }) => Record<string, unknown>;
    };
  };
}

/**
 * Plain JSON Schema. It has no index signature, so that an object without a single keyword, such as members that nobody wrapped in
 * `s.object(…)`, does not compile.
 */
export type PlainJsonSchema = { readonly [K in Keyword]?: unknown };

/** Where a schema may come from: the builder, another library, or plain JSON Schema. */
export type SchemaSource = AnySchema | StandardJsonSchema | PlainJsonSchema;

/** What an object by this schema looks like when it is read. */
export type Output<S> = S extends AnySchema
  ? OutputOf<S>
  : S extends StandardJsonSchema<unknown, infer O>
    ? O
    : FromJson<S, 'output'>;

/** What may be sent for this schema. */
export type Input<S> = S extends AnySchema
  ? InputOf<S>
  : S extends StandardJsonSchema<infer I, unknown>
    ? I
    : FromJson<S, 'input'>;

type Direction = 'input' | 'output';

/** The type that a JSON Schema literal describes; `unknown` where it does not say. */
export type FromJson<S, D extends Direction> = S extends { readonly nullable: true }
  ? NotNull<S, D> | null
  : NotNull<S, D>;

type NotNull<S, D extends Direction> = S extends { readonly 'x-kubernetes-int-or-string': true }
  ? number | string
  : S extends { readonly enum: readonly (infer V)[] }
    ? V
    : S extends { readonly const: infer V }
      ? V
      : S extends { readonly type: 'string' }
        ? string
        : S extends { readonly type: 'integer' | 'number' }
          ? number
          : S extends { readonly type: 'boolean' }
            ? boolean
            : S extends { readonly type: 'array'; readonly items: infer I }
              ? readonly FromJson<I, D>[]
              : S extends { readonly type: 'object'; readonly properties: infer M }
                ? ObjectFromJson<M, S, D>
                : S extends { readonly type: 'object'; readonly additionalProperties: infer V }
                  ? Readonly<Record<string, FromJson<V, D>>>
                  : unknown;

type ObjectFromJson<M, S, D extends Direction> = Shown<
  { readonly [K in keyof M as K extends Present<M, S, D> ? K : never]: FromJson<M[K], D> } & {
    readonly [K in keyof M as K extends Present<M, S, D> ? never : K]?: FromJson<M[K], D> | undefined;
  }
>;

/** Members that are there: when read, also those with defaults; when sent, only the required ones without. */
type Present<M, S, D extends Direction> = D extends 'output'
  ? Required<S> | Defaulted<M>
  : Exclude<Required<S>, Defaulted<M>>;
type Required<S> = S extends { readonly required: readonly (infer K)[] } ? K : never;
type Defaulted<M> = { [K in keyof M]: M[K] extends { readonly default: unknown } ? K : never }[keyof M];
