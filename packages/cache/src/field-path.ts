import { type ValueRule, valueRule } from '@bowline/apimachinery/arguments';

type Scalar = string | number | boolean;

/** How many fields a path may name. Bounds what the compiler works out. */
type Deepest = [0, 0, 0, 0, 0, 0];

/**
 * Paths to strings, numbers and booleans in a `T`: `spec.nodeName`, `metadata.labels.app`.
 * A path leads through arrays to the field of each element: `spec.volumes.configMap.name`.
 */
export type FieldPath<T> = PathIn<T, Deepest>;

type PathIn<T, Depth extends 0[]> = Depth extends [0, ...infer Rest extends 0[]]
  ? T extends readonly (infer Element)[]
    ? PathIn<Element, Depth>
    : string extends keyof T
      ? string
      : { [Name in keyof T & string]-?: PathFrom<Name, NonNullable<T[Name]>, Rest> }[keyof T & string]
  : never;

type PathFrom<Name extends string, Value, Depth extends 0[]> = unknown extends Value
  ? Name | `${Name}.${string}`
  : Value extends Scalar | readonly Scalar[]
    ? Name
    : `${Name}.${PathIn<Value, Depth>}`;

/** What a path must be. Brackets and braces are JSONPath's: a path with them would find nothing, without a word. */
export const pathRule: ValueRule = valueRule(
  'a field path (names separated by dots, no brackets)',
  (value) => typeof value === 'string',
  (path) => !path.split('.').includes('') && !/[[\]{}]/.test(path),
);

/** What an index files under what was read at a path: numbers and booleans as text, objects not at all. */
export function textsOf(value: unknown): string | readonly string[] | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? value.flatMap((each) => textsOf(each) ?? []) : undefined;
}
