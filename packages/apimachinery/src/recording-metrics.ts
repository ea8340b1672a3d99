import type { StringMap } from './object.ts';
import type { Counter, Gauge, Histogram, MetricDescription, Metrics } from './ports.ts';

interface Series {
  value: number;
  readonly observations: number[];
}

/** Keeps what is measured. */
export class RecordingMetrics implements Metrics {
  readonly #series = new Map<string, Series>();

  counter(description: MetricDescription): Counter {
    const series = this.#of(description);
    return {
      add(value = 1) {
        if (!(value >= 0)) throw new RangeError(`Cannot add to counter: value must be 0 or more, got ${value}`);
        series.value += value;
      },
    };
  }

  gauge(description: MetricDescription): Gauge {
    const series = this.#of(description);
    return {
      set(value) {
        series.value = value;
      },
    };
  }

  histogram(description: MetricDescription): Histogram {
    const { observations } = this.#of(description);
    return {
      observe(value) {
        observations.push(value);
      },
    };
  }

  remove(description: MetricDescription): void {
    this.#series.delete(identity(description.name, description.labels));
  }

  /** What a counter or gauge stands at; undefined when there is no such series. */
  value(name: string, labels?: StringMap): number | undefined {
    return this.#series.get(identity(name, labels))?.value;
  }

  /** What a histogram was given, in order; undefined when there is no such series. */
  observations(name: string, labels?: StringMap): readonly number[] | undefined {
    return this.#series.get(identity(name, labels))?.observations;
  }

  #of({ name, labels }: MetricDescription): Series {
    const key = identity(name, labels);
    let series = this.#series.get(key);
    if (!series) {
      series = { value: 0, observations: [] };
      this.#series.set(key, series);
    }
    return series;
  }
}

function identity(name: string, labels: StringMap = {}): string {
  return JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
