import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  JsonSyntaxError,
  OPEN_ARRAY,
  OPEN_OBJECT,
  ordinaryStringEnd,
  QUOTE,
  scalarLength,
} from './json-tokens.ts';

// What comes next, in the order in which one turn of the loop of `JsonScanner` goes through it, which knows some more.
export const FIRST_KEY = 0;
export const KEY = 1;
export const FIRST_ELEMENT = 5;
export const VALUE = 6;
export const AFTER_VALUE = 7;

/** Nesting beyond this is refused outright, whatever `maxDepth` says: the stack takes a byte for each level. */
const DEEPEST = 1 << 20;

/** Which containers are open around a byte of JSON; scans those in which nothing is looked for. */
export class ContainerScan {
  /** What comes next, and in how many containers, where `scan` has ended. */
  state: number = VALUE;
  depth = 0;
  /** One byte for each open container: 1 for an object. */
  #stack: Uint8Array = new Uint8Array(64);

  /** Whether the container at a depth is an object. */
  isObject(depth: number): boolean {
    return this.#stack[depth] === 1;
  }

  /** @throws {JsonSyntaxError} where a container is too deep. */
  open(depth: number, isObject: boolean, position: number): void {
    if (depth >= this.#stack.length) {
      if (depth >= DEEPEST) throw new JsonSyntaxError('Nested too deeply', position);
      const larger = new Uint8Array(this.#stack.length * 2);
      larger.set(this.#stack);
      this.#stack = larger;
    }
    this.#stack[depth] = isObject ? 1 : 0;
  }

  /**
   * Scans a container that was opened at `depth`, where nothing is looked for, as far as its bytes are those of compact JSON: up to the
   * bracket that ends it, or to the token before anything that is out of the ordinary, or cut off. Sets state and depth to what
   * they are there.
   */
  scan(window: Uint8Array, from: number, end: number, base: number, open: number, maxDepth: number): number {
    const stack = this.#stack;
    const deepest = Math.min(stack.length - 1, maxDepth);
    let depth = open;
    let inObject = stack[depth] === 1;
    let i = from;
    let state = inObject ? FIRST_KEY : FIRST_ELEMENT;
    if (i >= end || (inObject ? window[i] !== QUOTE : (window[i] as number) <= 0x20 || window[i] === CLOSE_ARRAY)) {
      this.state = state;
      this.depth = depth;
      return i;
    }
    scan: for (;;) {
      if (inObject) {
        if (window[i] !== QUOTE) break;
        const colon = ordinaryStringEnd(window, i + 1, end, base);
        if (colon >= end - 1 || window[colon] !== COLON) break;
        i = colon + 1;
        state = VALUE;
      }

      const c = window[i] as number;
      if (c === QUOTE) {
        const behind = ordinaryStringEnd(window, i + 1, end, base);
        if (behind >= end) break;
        i = behind;
      } else if (c === OPEN_OBJECT || c === OPEN_ARRAY) {
        if (depth >= deepest) break;
        inObject = c === OPEN_OBJECT;
        stack[++depth] = inObject ? 1 : 0;
        state = inObject ? FIRST_KEY : FIRST_ELEMENT;
        i++;
        if (i >= end) break;
        const first = window[i] as number;
        if (first !== (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) {
          if (inObject ? first !== QUOTE : first <= 0x20) break;
          continue;
        }
      } else {
        if (c <= 0x20) break;
        const length = scalarLength(window, i, end, base);
        if (length === 0) break;
        i += length;
      }

      while (i < end && window[i] !== COMMA) {
        state = AFTER_VALUE;
        if (window[i] !== (inObject ? CLOSE_OBJECT : CLOSE_ARRAY) || depth === open) break scan;
        inObject = stack[--depth] === 1;
        i++;
      }
      state = AFTER_VALUE;
      if (i >= end - 1) break;
      i++;
      state = inObject ? KEY : VALUE;
    }
    this.state = state;
    this.depth = depth;
    return i;
  }
}
