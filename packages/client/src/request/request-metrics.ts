import type { Counter, Histogram, HttpRequest, Metrics } from '@bowline/apimachinery';

type Method = HttpRequest['method'];

/** client-go tools/metrics and component-base metrics/prometheus/restclient */
const SECONDS: readonly number[] = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
const BYTES: readonly number[] = [
  64, 256, 512, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
];
const NO_ANSWER = '<error>';

/** What is measured of requests, under the names of client-go. The labels are host, method and status: never a path. */
export class RequestMetrics {
  readonly #metrics: Metrics;
  readonly #host: string;
  readonly #counters: Map<string, Counter> = new Map();
  readonly #histograms: Map<string, Histogram> = new Map();

  constructor(metrics: Metrics, host: string) {
    this.#metrics = metrics;
    this.#host = host;
  }

  /** A try is over: the head of its answer has come, or will not come. */
  tried(method: Method, status: number | undefined, durationMs: number): void {
    const code = status === undefined ? NO_ANSWER : String(status);
    const help = 'Number of HTTP requests, partitioned by status code, method, and host.';
    this.#count('rest_client_requests_total', help, { code, method, host: this.#host });
    const what = 'Request latency in seconds. Broken down by verb, and host.';
    this.#observe('rest_client_request_duration_seconds', what, SECONDS, method, durationMs / 1_000);
  }

  /** It will be tried again. */
  repeated(verb: Method, status: number | undefined): void {
    const code = status === undefined ? NO_ANSWER : String(status);
    const help = 'Number of request retries, partitioned by status code, verb, and host.';
    this.#count('rest_client_request_retries_total', help, { code, verb, host: this.#host });
  }

  /** It has waited for the rate limit. */
  limited(verb: Method, waitMs: number): void {
    const help = 'Client side rate limiter latency in seconds. Broken down by verb, and host.';
    this.#observe('rest_client_rate_limiter_duration_seconds', help, SECONDS, verb, waitMs / 1_000);
  }

  sent(verb: Method, bytes: number): void {
    const help = 'Request size in bytes. Broken down by verb and host.';
    this.#observe('rest_client_request_size_bytes', help, BYTES, verb, bytes);
  }

  received(verb: Method, bytes: number): void {
    const help = 'Response size in bytes. Broken down by verb and host.';
    this.#observe('rest_client_response_size_bytes', help, BYTES, verb, bytes);
  }

  #count(name: string, help: string, labels: Readonly<Record<string, string>>): void {
    const key = `${name} ${labels.code} ${labels.method ?? labels.verb}`;
    let counter = this.#counters.get(key);
    if (!counter) {
      counter = this.#metrics.counter({ name, help, labels });
      this.#counters.set(key, counter);
    }
    counter.add();
  }

  #observe(name: string, help: string, buckets: readonly number[], verb: Method, value: number): void {
    const key = `${name} ${verb}`;
    let histogram = this.#histograms.get(key);
    if (!histogram) {
      histogram = this.#metrics.histogram({ name, help, labels: { verb, host: this.#host }, buckets });
      this.#histograms.set(key, histogram);
    }
    histogram.observe(value);
  }
}
