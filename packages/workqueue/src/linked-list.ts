/** A place in a linked list. It is in one list at a time. */
export class Link<T> {
  readonly value: T;
  before: Link<T> | undefined = undefined;
  after: Link<T> | undefined = undefined;

  constructor(value: T) {
    this.value = value;
  }
}

/**
 * A list from which any place can be taken out.
 *
 * | | cost |
 * |---|---|
 * | push, remove, first | O(1) |
 */
export class LinkedList<T> {
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;

  get first(): Link<T> | undefined {
    return this.#first;
  }

  /** Appends `link`, which must be in no list. */
  push(link: Link<T>): void {
    link.before = this.#last;
    if (this.#last) this.#last.after = link;
    else this.#first = link;
    this.#last = link;
  }

  /** Takes out `link`, which must be in this list. */
  remove(link: Link<T>): void {
    const { before, after } = link;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    link.before = undefined;
    link.after = undefined;
  }
}
