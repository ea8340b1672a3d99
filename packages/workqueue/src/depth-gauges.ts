import type { Gauge } from '@bowline/apimachinery';

/** So many priorities have a series each, the others share one. controller-runtime pkg/internal/metrics/workqueue.go */
const maxPriorities = 25;

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

/** Finds the gauge of a priority: the same one for ever, so that what was added to it is also taken from it. */
export class DepthGauges {
  readonly #create: (label: string) => Gauge;
  readonly #byPriority = new Map<number, DepthGauge>();
  #shared: DepthGauge | undefined;

  constructor(create: (label: string) => Gauge) {
    this.#create = create;
  }

  of(priority: number): DepthGauge {
    let gauge = this.#byPriority.get(priority);
    if (gauge) return gauge;
    if (this.#byPriority.size >= maxPriorities) {
      this.#shared ??= new DepthGauge(this.#create('exceeded_cardinality_limit'));
      return this.#shared;
    }
    gauge = new DepthGauge(this.#create(String(priority)));
    this.#byPriority.set(priority, gauge);
    return gauge;
  }
}
