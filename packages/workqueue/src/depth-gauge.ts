import type { Gauge } from '@bowline/apimachinery';

/** How many keys wait that are counted together. */
export class DepthGauge {
  readonly #gauge: Gauge;
  #depth = 0;

  constructor(gauge: Gauge) {
    this.#gauge = gauge;
  }

  add(keys: number): void {
    this.#depth += keys;
    this.#gauge.set(this.#depth);
  }
}
