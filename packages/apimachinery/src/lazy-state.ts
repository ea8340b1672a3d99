/** Where a lazily decoded object keeps what it has and has not read yet. Not enumerable: no copy of the object carries it. */
export const lazyState: unique symbol = Symbol('lazyState');
