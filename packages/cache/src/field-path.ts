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

/** Compiles a path into a function that collects the values it leads to, in order. Numbers and booleans become text. */
export function readerOf(path: string): (object: unknown) => readonly string[] {
  const names = path.split('.');
  if (names.includes('')) {
    throw new TypeError(`Cannot read field: path must be names separated by dots, got ${JSON.stringify(path)}`);
  }
  const rests = names.map((_, depth) => names.slice(depth).join('.'));
  return (object) => {
    const found: string[] = [];
    collect(object, 0);
    return found;

    function collect(value: unknown, depth: number): void {
      if (Array.isArray(value)) for (const element of value) collect(element, depth);
      else if (typeof value === 'object' && value !== null) {
        // The rest may be one name with dots in it: the key of a label.
        for (const [name, next] of [
          [rests[depth], names.length],
          [names[depth], depth + 1],
        ] as const) {
          if (name === undefined || !Object.hasOwn(value, name)) continue;
          collect((value as Readonly<Record<string, unknown>>)[name], next);
          return;
        }
      } else if (depth === names.length && value !== undefined && value !== null) found.push(String(value));
    }
  };
}
