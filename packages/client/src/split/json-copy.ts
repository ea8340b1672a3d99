import type { JsonContents, JsonMembers } from './json-contents.ts';
import type { JsonLayouts } from './json-layout.ts';
import { MemberWalk, spaceEnd, valueEnd } from './json-members.ts';
import type { DropTree } from './json-path.ts';
import { CLOSE_ARRAY, COMMA, OPEN_ARRAY, OPEN_OBJECT } from './json-tokens.ts';

/** Copies one object whose syntax was checked, without some of its members. */
export class JsonCopy {
  readonly #json: Buffer;
  readonly #start: number;
  readonly #end: number;
  readonly #target: Buffer;
  readonly #from: number;
  /** Where the next bytes go. */
  #at: number;
  /** Up to where the object was copied or cut. */
  #done: number;
  /** How many bytes were cut. */
  #missing = 0;

  constructor(json: Buffer, start: number, end: number, target: Buffer, at: number) {
    this.#json = json;
    this.#start = start;
    this.#end = end;
    this.#target = target;
    this.#from = at;
    this.#at = at;
    this.#done = start;
  }

  /** @returns how many bytes the copy has. */
  without(drop: DropTree): number {
    this.#object(this.#start, drop, drop.size);
    this.#cut(this.#end, this.#end);
    return this.#at - this.#from;
  }

  /**
   * The same of an object whose contents are known: only what has something in it that goes is walked through.
   *
   * @param contents Afterwards those of the copy.
   */
  knownWithout(drop: DropTree, contents: JsonContents): number {
    this.#members(this.#start, drop, contents.top, contents.layouts, contents);
    this.#cut(this.#end, this.#end);
    return this.#at - this.#from;
  }

  /** @param contents Of the object, unless that is its `metadata`. */
  #members(at: number, drop: DropTree, members: JsonMembers, layouts: JsonLayouts, contents?: JsonContents): void {
    const { layout, lengths } = members;
    const { trees, layout: left } = layout.without(drop, layouts);
    let quote = at + 1;
    let kept = 0;
    for (let member = 0; member < trees.length; member++) {
      const tree = trees[member];
      const value = quote + (layout.keyLengths[member] as number) + 3;
      const to = value + (lengths[member] as number);
      if (tree === null) {
        if (kept > 0) this.#cut(quote - 1, to);
        else this.#cut(quote, member + 1 < trees.length ? to + 1 : to);
      } else {
        const missing = this.#missing;
        if (tree === undefined) {
        } else if (contents?.hasMetadata && layout.names[member] === 'metadata') {
          this.#members(value, tree, contents.metadata, contents.metadataLayouts);
        } else this.#value(value, tree);
        lengths[kept++] = to - value - (this.#missing - missing);
      }
      quote = to + 1;
    }
    members.layout = left;
    if (contents !== undefined) contents.hasMetadata &&= left.members.has('metadata');
  }

  /**
   * @param sought How many members are looked for: the rest of the object is not walked through when there were so many.
   * @returns where the object ends, unless all were found.
   */
  #object(at: number, drop: DropTree, sought: number = Number.POSITIVE_INFINITY): number {
    const walk = new MemberWalk(this.#json, at);
    let isAnyKept = false;
    let isCommaLeft = false;
    let missing = sought;
    let behind = at + 1;
    while (missing > 0 && walk.next()) {
      if (isCommaLeft) this.#cut(behind, walk.keyFrom - 1);
      isCommaLeft = false;
      const branch = drop.branches.find(({ name }) => walk.isNamed(name));
      if (drop.cuts.some((name) => walk.isNamed(name))) {
        this.#cut(isAnyKept ? behind : walk.keyFrom - 1, walk.valueTo);
        isCommaLeft = !isAnyKept;
        missing--;
      } else {
        isAnyKept = true;
        if (branch) {
          walk.endValue(this.#value(walk.valueFrom, branch.tree));
          missing--;
        }
      }
      behind = walk.valueTo;
    }
    if (isCommaLeft && missing === 0 && walk.next()) this.#cut(behind, walk.keyFrom - 1);
    return spaceEnd(this.#json, behind) + 1;
  }

  /** @returns where the value ends. */
  #value(at: number, drop: DropTree): number {
    const json = this.#json;
    if (json[at] === OPEN_OBJECT) return this.#object(at, drop);
    if (json[at] !== OPEN_ARRAY) return valueEnd(json, at);
    let i = spaceEnd(json, at + 1);
    while (json[i] !== CLOSE_ARRAY) {
      i = spaceEnd(json, this.#value(i, drop));
      if (json[i] === COMMA) i = spaceEnd(json, i + 1);
    }
    return i + 1;
  }

  #cut(from: number, to: number): void {
    this.#at += this.#json.copy(this.#target, this.#at, this.#done, from);
    this.#missing += to - from;
    this.#done = to;
  }
}
