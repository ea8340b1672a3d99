import { deepFreeze } from './json.ts';
import { lazyState } from './lazy-state.ts';

/** Where the fields of a lazily decoded object come from. */
export interface FieldSource {
  /** Decodes a field, which nobody else has: what is frozen is deeply so. Called at most once for each name. Does not throw. */
  read(name: string): unknown;
}

/** Fields that need no decoding. */
export interface KnownFields {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
}

/**
 * An object that looks plain, is frozen, and decodes each of its fields when that is first read: it has own enumerable accessors for
 * exactly `names`, in that order, and `Object.prototype`. What `source` gives is deeply frozen and kept; once all was read, `source` is let
 * go. Copies of the object (spread, `clone`, `structuredClone`, `JSON.stringify`, immer's drafts) are plain data.
 *
 * Its own symbols are not enumerable: one holds its state, one makes `util.inspect` show plain data.
 *
 * | | cost |
 * |---|---|
 * | creation | 0.1 µs for each name; less for those in `known` |
 * | first read of a field | `source.read`, and freezing |
 * | later reads | a property access and a call |
 *
 * @param names No name twice. What is worked out for an array of names is kept as long as it: give the same array for objects of the same shape.
 * @param known Those of `names` whose values are known at once, as plain properties.
 */
export function lazyObject<T>(names: readonly string[], source: FieldSource, known?: KnownFields): T {
  const { accessors, knownAs } = shapeOf(names);
  const object: Record<PropertyKey, unknown> = {};
  let unread = 0;
  for (let index = 0; index < names.length; index++) {
    const field = knownAs[index];
    const value = field === undefined || known === undefined ? undefined : known[field];
    if (value !== undefined) object[field as string] = value;
    else {
      // A third of the time that `Object.defineProperty` takes; freezing makes it equal to that.
      defineGetter.call(object, names[index] as string, accessors[index] as Accessor);
      unread++;
    }
  }
  slot.value = new State(unread === 0 ? undefined : source, names.length, unread);
  Object.defineProperty(object, lazyState, slot);
  slot.value = undefined;
  Object.defineProperty(object, inspectSymbol, inspection);
  return Object.freeze(object) as T;
}

type Accessor = (this: { readonly [lazyState]?: State }) => unknown;

/** What objects with the same names share. */
interface Shape {
  readonly accessors: readonly Accessor[];
  readonly knownAs: readonly (keyof KnownFields | undefined)[];
}

/** What stands for a field that was not read yet. */
const UNREAD = Symbol('unread');

class State {
  #source: FieldSource | undefined;
  readonly #length: number;
  #unread: number;
  #values: unknown[] | undefined;

  constructor(source: FieldSource | undefined, length: number, unread: number) {
    this.#source = source;
    this.#length = length;
    this.#unread = unread;
  }

  get(index: number, name: string): unknown {
    this.#values ??= new Array<unknown>(this.#length).fill(UNREAD);
    const value = this.#values[index];
    return value === UNREAD ? this.#read(index, name, this.#values) : value;
  }

  #read(index: number, name: string, values: unknown[]): unknown {
    const decoded = this.#source?.read(name);
    const value = Object.isFrozen(decoded) ? decoded : deepFreeze(decoded);
    values[index] = value;
    if (--this.#unread === 0) this.#source = undefined;
    return value;
  }
}

const defineGetter = ({} as { readonly __defineGetter__: (this: object, name: string, accessor: Accessor) => void })
  .__defineGetter__;

const inspectSymbol: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** Used again and again: a descriptor for each object would cost as much as the object. */
const slot: { value: State | undefined } = { value: undefined };
const inspection: { readonly value: (this: object) => object } = {
  value(): object {
    return { ...this };
  },
};

const shapes: WeakMap<readonly string[], Shape> = new WeakMap();

function shapeOf(names: readonly string[]): Shape {
  let shape = shapes.get(names);
  if (shape === undefined) {
    shape = {
      accessors: names.map(accessorOf),
      knownAs: names.map((name) => (name === 'apiVersion' || name === 'kind' ? name : undefined)),
    };
    shapes.set(names, shape);
  }
  return shape;
}

/** Beyond this, accessors are made for one shape each: servers choose the names of fields, so they may be without end, each and all. */
const MOST_ACCESSORS = 10_000;
const LONGEST_SHARED_NAME = 64;
const sharedAccessors: Map<string, Accessor> = new Map();

/** The same function for the same name at the same place: with any other, V8 would take objects of two shapes apart, slowly. */
function accessorOf(name: string, index: number): Accessor {
  const id = `${index} ${name}`;
  const shared = sharedAccessors.get(id);
  if (shared !== undefined) return shared;
  const accessor: Accessor = function () {
    return this[lazyState]?.get(index, name);
  };
  if (sharedAccessors.size < MOST_ACCESSORS && name.length <= LONGEST_SHARED_NAME) sharedAccessors.set(id, accessor);
  return accessor;
}
