/** Randomness in the range [0, 1), and identifiers made from it. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A version 4 UUID. */
  uuid(): string;
}

/** Structured fields of a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/** What we need of a logger: pino's shape, which bunyan and a three-line console adapter satisfy too. */
export interface Logger {
  trace(fields: LogFields, message: string): void;
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
}

export interface Counter {
  add(value?: number): void;
}

export interface Gauge {
  set(value: number): void;
}

export interface Histogram {
  observe(value: number): void;
}

/** What a metric is: its name and help are upstream's, its labels fixed per series. */
export interface MetricDescription {
  readonly name: string;
  readonly help: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[] | undefined;
}

/** Makes series; asking twice for the same name and labels gives the same series. */
export interface Metrics {
  counter(description: MetricDescription): Counter;
  gauge(description: MetricDescription): Gauge;
  histogram(description: MetricDescription): Histogram;
  /** Forgets a series, so that what ended is no longer reported. */
  remove(description: MetricDescription): void;
}

/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;
