/** Under this symbol `util.inspect` looks for how to show an object, and a lazily decoded one keeps what knows its fields. */
export const inspectSymbol: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

const accessors = new WeakSet<() => unknown>();

/** Makes `accessor` one that only lazily decoded objects have. */
export function markLazy<A extends (this: never) => unknown>(accessor: A): A {
  accessors.add(accessor as () => unknown);
  return accessor;
}

/** Whether fields of an object are decoded when they are read. */
export function isLazy(value: { readonly [inspectSymbol]?: unknown }): boolean {
  // A load is faster than `in`, which counts for every object of a cache.
  if (value[inspectSymbol] === undefined) return false;
  return Object.keys(value).some((name) => {
    const getter = Object.getOwnPropertyDescriptor(value, name)?.get;
    return getter !== undefined && accessors.has(getter);
  });
}
