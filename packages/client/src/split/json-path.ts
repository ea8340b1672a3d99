import { JsonName } from './json-members.ts';

/** A field path as `valueAt` reads it, for looking up in bytes. */
export class JsonPath {
  /** Each name of the path. */
  readonly names: readonly JsonName[];
  /** What is left of the path from each name on, as one name with dots. */
  readonly rests: readonly JsonName[];

  constructor(path: readonly string[]) {
    this.names = path.map((name) => new JsonName(name));
    this.rests = path.map((_, depth) => new JsonName(path.slice(depth).join('.')));
  }
}

/**
 * What is dropped of an object, and of what is in it. Below the first, the last names of a path may be one name with dots, and where there
 * is an array the path goes on in each of its elements.
 */
export class DropTree {
  /** Members that go. */
  readonly cuts: readonly JsonName[];
  /** Members of which something may go. */
  readonly branches: readonly { readonly name: JsonName; readonly tree: DropTree }[];

  constructor(paths: readonly (readonly string[])[], isTop: boolean) {
    const below = new Map<string, string[][]>();
    const cuts = new Set<string>();
    for (const [name, ...rest] of paths) {
      if (name === undefined) continue;
      if (rest.length === 0 || !isTop) cuts.add([name, ...rest].join('.'));
      if (rest.length > 0) below.set(name, [...(below.get(name) ?? []), rest]);
    }
    for (const name of cuts) below.delete(name);
    this.cuts = [...cuts].map((name) => new JsonName(name));
    this.branches = [...below].map(([name, rests]) => ({ name: new JsonName(name), tree: new DropTree(rests, false) }));
  }

  /** How many members it names. */
  get size(): number {
    return this.cuts.length + this.branches.length;
  }
}

const compiledPaths: WeakMap<readonly string[], JsonPath> = new WeakMap();
const compiledDrops: WeakMap<readonly (readonly string[])[], DropTree> = new WeakMap();

/** The same for the same array. */
export function pathOf(path: readonly string[]): JsonPath {
  let compiled = compiledPaths.get(path);
  if (compiled === undefined) {
    compiled = new JsonPath(path);
    compiledPaths.set(path, compiled);
  }
  return compiled;
}

/** The same for the same array. */
export function dropTreeOf(drop: readonly (readonly string[])[]): DropTree {
  let compiled = compiledDrops.get(drop);
  if (compiled === undefined) {
    compiled = new DropTree(drop, true);
    compiledDrops.set(drop, compiled);
  }
  return compiled;
}
