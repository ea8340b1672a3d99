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

/** What a path must be. */
export const pathRule: ValueRule = valueRule(
  'a field path (names separated by dots)',
  (value) => typeof value === 'string',
  (path) => !path.split('.').includes(''),
);

/**
 * Compiles a path into a function that collects the values it leads to, in order: none, one, or several in an array.
 * Numbers and booleans become text. The path must be as `pathRule` says.
 */
export function readerOf(path: string): (object: unknown) => string | readonly string[] | undefined {
  const names = path.split('.');
  const steps = names.map((name, depth) => ({ name, rest: names.slice(depth).join('.') }));
  return (object) => valuesAt(object, steps, 0);
}

interface Step {
  readonly name: string;
  /** This name and all that follow. */
  readonly rest: string;
}

function valuesAt(start: unknown, steps: readonly Step[], from: number): string | readonly string[] | undefined {
  let value = start;
  let depth = from;
  while (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) {
      const here = depth;
      return value.flatMap((element) => valuesAt(element, steps, here) ?? []);
    }
    const step = steps[depth];
    if (step === undefined) return undefined;
    // The rest may be one name with dots in it: the key of a label.
    const isRest = Object.hasOwn(value, step.rest);
    if (!isRest && !Object.hasOwn(value, step.name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[isRest ? step.rest : step.name];
    depth = isRest ? steps.length : depth + 1;
  }
  return depth === steps.length && value !== undefined && value !== null ? String(value) : undefined;
}
