type Maker = new () => Record<string, unknown>;

/** Objects with more members are seldom; they begin as `{}`. */
const MOST_MEMBERS = 48;

/**
 * Makes plain objects that have room for exactly so many members. `{}` has room for four, grows by three, and becomes a hash table when it is
 * filled with more than sixteen by name; a constructor of its own has V8 learn how large its objects become.
 */
export class ObjectMakers {
  readonly #makers: (Maker | undefined)[] = [];

  /** An empty object that is to be given `count` members. */
  make(count: number): Record<string, unknown> {
    if (count > MOST_MEMBERS || count === 0) return {};
    let maker = this.#makers[count];
    if (maker === undefined) {
      maker = newMaker();
      this.#makers[count] = maker;
    }
    return new maker();
  }
}

/** A constructor whose objects are indistinguishable from `{}`. Each has its own family of hidden classes. */
function newMaker(): Maker {
  function Plain(this: Record<string, unknown>): void {
    if (new.target !== undefined) return;
    // Never reached: V8 counts the members that are named here to know how much room the first objects need.
    this.a = this.b = this.c = this.d = this.e = this.f = this.g = this.h = this.i = this.j = this.k = this.l = 0;
    this.m = this.n = this.o = this.p = this.q = this.r = this.s = this.t = this.u = this.v = this.w = this.x = 0;
    this.y = this.z = this.a1 = this.b1 = this.c1 = this.d1 = this.e1 = this.f1 = this.g1 = this.h1 = this.i1 = 0;
    this.j1 = this.k1 = this.l1 = this.m1 = this.n1 = this.o1 = this.p1 = this.q1 = this.r1 = this.s1 = this.t1 = 0;
  }
  Plain.prototype = Object.prototype;
  return Plain as unknown as Maker;
}
