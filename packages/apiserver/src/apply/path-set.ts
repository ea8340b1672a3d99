import { isJsonObject, setMember } from '@bowline/apimachinery';
import type { TypeSchema } from '../schema/index.ts';
import { compareElements, type Path, type PathElement, parseElement } from './path-element.ts';

/**
 * A set of paths, as a tree. A path is a member only if it was put in: neither its parents nor its children are with it.
 * Sets that were given away are never changed.
 *
 * | | cost |
 * |---|---|
 * | add, has | O(length of the path) |
 * | union, difference, … | O(size of both), subtrees that only one has are shared |
 *
 * @see sigs.k8s.io/structured-merge-diff fieldpath/set.go
 */
export class PathSet {
  /** Steps that end a path here, by text. */
  readonly #members: Map<string, PathElement>;
  /** Where paths go on. No subtree is empty. */
  readonly #children: Map<string, Child>;

  private constructor(members: Map<string, PathElement>, children: Map<string, Child>) {
    this.#members = members;
    this.#children = children;
  }

  static of(...paths: Path[]): PathSet {
    const set = new PathSet(new Map(), new Map());
    for (const path of paths) set.add(path);
    return set;
  }

  /** Adds a path while the set is being built. The root itself is nobody's and is ignored. */
  add(path: Path): void {
    let set: PathSet = this;
    for (const [index, element] of path.entries()) {
      if (index === path.length - 1) {
        set.#members.set(element.text, element);
        return;
      }
      let child = set.#children.get(element.text);
      if (child === undefined) {
        child = { element, set: PathSet.of() };
        set.#children.set(element.text, child);
      }
      set = child.set;
    }
  }

  get isEmpty(): boolean {
    return this.#members.size === 0 && this.#children.size === 0;
  }

  has(path: Path): boolean {
    let set: PathSet | undefined = this;
    for (const [index, element] of path.entries()) {
      if (index === path.length - 1) return set.hasMember(element);
      set = set.below(element);
      if (set === undefined) return false;
    }
    return false;
  }

  /** Whether the path that is just this step is a member. */
  hasMember(element: PathElement): boolean {
    return this.#members.has(element.text);
  }

  /** The paths that go on from this step. */
  below(element: PathElement): PathSet | undefined {
    return this.#children.get(element.text)?.set;
  }

  union(other: PathSet): PathSet {
    const members = new Map([...this.#members, ...other.#members]);
    const children = new Map(this.#children);
    for (const [text, child] of other.#children) {
      const own = children.get(text);
      children.set(text, own === undefined ? child : { element: child.element, set: own.set.union(child.set) });
    }
    return new PathSet(members, children);
  }

  intersection(other: PathSet): PathSet {
    const members = filtered(this.#members, (_, text) => other.#members.has(text));
    return new PathSet(
      members,
      mapped(this.#children, (child, text) => {
        const theirs = other.#children.get(text);
        return theirs === undefined ? undefined : child.set.intersection(theirs.set);
      }),
    );
  }

  /** Without the members of `other`. Below a member of `other` what is here stays. */
  difference(other: PathSet): PathSet {
    const members = filtered(this.#members, (_, text) => !other.#members.has(text));
    return new PathSet(
      members,
      mapped(this.#children, (child, text) => {
        const theirs = other.#children.get(text);
        return theirs === undefined ? child.set : child.set.difference(theirs.set);
      }),
    );
  }

  /** Without the members of `other` and all below them. */
  recursiveDifference(other: PathSet): PathSet {
    const members = filtered(this.#members, (_, text) => !other.#members.has(text));
    return new PathSet(
      members,
      mapped(this.#children, (child, text) => {
        if (other.#members.has(text)) return undefined;
        const theirs = other.#children.get(text);
        return theirs === undefined ? child.set : child.set.recursiveDifference(theirs.set);
      }),
    );
  }

  /** The paths of which each step is in a pattern, or starts with one that is. A pattern is a list of names; `*` stands for any step. */
  within(patterns: readonly (readonly string[])[]): PathSet {
    if (patterns.some((pattern) => pattern.length === 0)) return this;
    const matching = (element: PathElement): readonly (readonly string[])[] => {
      const fits = patterns.filter(([head]) => head === '*' || (element.type === 'field' && element.name === head));
      return fits.map(([, ...rest]) => rest);
    };
    const members = filtered(this.#members, (element) => matching(element).length > 0);
    return new PathSet(
      members,
      mapped(this.#children, ({ element, set }) => {
        const rest = matching(element);
        return rest.length === 0 ? undefined : set.within(rest);
      }),
    );
  }

  /** With the declared fields of structures that are passed through, which nobody owns by themselves. */
  withNamedFields(type: TypeSchema | undefined): PathSet {
    const members = new Map(this.#members);
    const children = new Map<string, Child>();
    for (const [text, { element, set }] of this.#children) {
      let below: TypeSchema | undefined;
      if (element.type === 'field' && type?.map !== undefined) {
        const field = type.map.fields.get(element.name);
        if (field !== undefined) members.set(text, element);
        below = field?.type ?? type.map.values;
      } else if (element.type === 'key') {
        below = type?.list?.element;
      }
      children.set(text, { element, set: set.withNamedFields(below) });
    }
    return new PathSet(members, children);
  }

  equals(other: PathSet): boolean {
    if (this.#members.size !== other.#members.size || this.#children.size !== other.#children.size) return false;
    for (const text of this.#members.keys()) if (!other.#members.has(text)) return false;
    for (const [text, { set }] of this.#children) {
      const theirs = other.#children.get(text);
      if (theirs === undefined || !set.equals(theirs.set)) return false;
    }
    return true;
  }

  /** All paths: at each step its members first, then what is below; sorted. */
  *paths(prefix: Path = []): Generator<Path> {
    for (const element of sorted(this.#members.values())) yield [...prefix, element];
    for (const { element, set } of sortedChildren(this.#children)) yield* set.paths([...prefix, element]);
  }

  /** Steps that end a path here, sorted. */
  members(): PathElement[] {
    return sorted(this.#members.values());
  }

  /** Where paths go on, sorted. */
  children(): { readonly element: PathElement; readonly set: PathSet }[] {
    return sortedChildren(this.#children);
  }

  /** The set as `fieldsV1` holds it: members are `{}`, subtrees objects, in which `.` says that the step is a member too. */
  toFieldsV1(): Record<string, unknown> {
    return this.#write(false);
  }

  #write(isMember: boolean): Record<string, unknown> {
    const fields: Record<string, unknown> = {};
    if (isMember && !this.isEmpty) fields['.'] = {};
    const elements = new Map(this.#members);
    for (const [text, { element }] of this.#children) elements.set(text, element);
    for (const element of sorted(elements.values())) {
      const child = this.#children.get(element.text);
      setMember(fields, element.text, child === undefined ? {} : child.set.#write(this.#members.has(element.text)));
    }
    return fields;
  }

  /**
   * Reads `fieldsV1`. Steps of unknown types are dropped.
   *
   * @throws {SyntaxError} when it is no set.
   */
  static fromFieldsV1(fields: unknown): PathSet {
    return read(fields)?.set ?? PathSet.of();
  }

  /** A set from parts that the caller no longer uses. */
  static assemble(members: Map<string, PathElement>, children: Map<string, Child>): PathSet {
    return new PathSet(members, children);
  }
}

interface Child {
  readonly element: PathElement;
  readonly set: PathSet;
}

/** Undefined: null, which holds nothing. */
function read(fields: unknown): { readonly set: PathSet; readonly isMember: boolean } | undefined {
  if (fields === null || fields === undefined) return undefined;
  if (!isJsonObject(fields)) throw new SyntaxError('expect { or n');
  const members = new Map<string, PathElement>();
  const children = new Map<string, Child>();
  let isMember = false;
  for (const [text, below] of Object.entries(fields)) {
    if (text === '.') {
      isMember = true;
      continue;
    }
    const element = parseElement(text);
    if (element === undefined) continue;
    const child = read(below);
    if (child === undefined || child.isMember || child.set.isEmpty) members.set(element.text, element);
    if (child !== undefined && !child.set.isEmpty) children.set(element.text, { element, set: child.set });
  }
  return { set: PathSet.assemble(members, children), isMember };
}

function sorted(elements: Iterable<PathElement>): PathElement[] {
  return [...elements].sort(compareElements);
}

function sortedChildren(children: ReadonlyMap<string, Child>): Child[] {
  return [...children.values()].sort((a, b) => compareElements(a.element, b.element));
}

function filtered(
  members: ReadonlyMap<string, PathElement>,
  keep: (element: PathElement, text: string) => boolean,
): Map<string, PathElement> {
  const kept = new Map<string, PathElement>();
  for (const [text, element] of members) if (keep(element, text)) kept.set(text, element);
  return kept;
}

/** Children whose new subtree is neither undefined nor empty. */
function mapped(
  children: ReadonlyMap<string, Child>,
  change: (child: Child, text: string) => PathSet | undefined,
): Map<string, Child> {
  const kept = new Map<string, Child>();
  for (const [text, child] of children) {
    const set = change(child, text);
    if (set !== undefined && !set.isEmpty) kept.set(text, set === child.set ? child : { element: child.element, set });
  }
  return kept;
}
