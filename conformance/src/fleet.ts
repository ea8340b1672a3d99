import { ConfigMap, Namespace } from '@bowline/api/core/v1';
import { formatKey, silentLogger, systemClock } from '@bowline/apimachinery';
import { RecordingMetrics, seededRandom } from '@bowline/apimachinery/testing';
import type { Client } from '@bowline/client';
import { type Handler, type RunningInformer, type StartInformerOptions, startInformer } from '@bowline/informer';
import { expect } from 'vitest';
import { History } from './history.ts';
import { randomWrites } from './random-writes.ts';
import { Staleness } from './staleness.ts';
import { eventually } from './world.ts';

/** What a fleet is made of. */
export interface FleetSettings {
  /** Writes and lists; nothing disturbs it but the server itself. */
  readonly writer: Client;
  /** Watches, through whatever is disturbed. */
  readonly watcher: Client;
  readonly name: string;
  /** How many informers, each with a namespace of its own. */
  readonly size: number;
  readonly objectsEach: number;
  /** When its watches count as dead. */
  readonly watchdog: Pick<
    NonNullable<StartInformerOptions<ConfigMap>['reflector']>,
    'idleTimeoutMs' | 'pingAfterMs' | 'pingTimeoutMs'
  >;
  readonly seed: number;
}

/** Informers with a checked history each, and somebody who writes at random under them. */
export class Fleet {
  readonly stop: AbortController = new AbortController();
  readonly staleness: Staleness = new Staleness();
  readonly informers: RunningInformer<ConfigMap>[] = [];
  readonly #settings: FleetSettings;
  readonly #namespaces: readonly string[];
  readonly #histories: readonly History[];
  readonly #metrics = new RecordingMetrics();
  readonly #random: ReturnType<typeof seededRandom>;

  constructor(settings: FleetSettings) {
    this.#settings = settings;
    this.#random = seededRandom(settings.seed);
    this.#namespaces = Array.from({ length: settings.size }, (_, index) => `${settings.name}-${index}`);
    this.#histories = this.#namespaces.map(() => new History((key, version) => this.staleness.seen(key, version)));
  }

  /** Creates the objects, then starts the informers. */
  async start(): Promise<void> {
    const { writer, watcher, objectsEach, watchdog } = this.#settings;
    for (const name of this.#namespaces) await writer.create(Namespace, { metadata: { name } });
    await Promise.all(
      this.#namespaces.map(async (namespace) => {
        for (let index = 0; index < objectsEach; index += 1)
          await writer.create(ConfigMap, { metadata: { namespace, name: `object-${index}` } });
      }),
    );
    const reflector = { ...watchdog, minBackoffMs: 100, maxBackoffMs: 2_000 };
    const starting = this.#namespaces.map((namespace, index) =>
      startInformer(watcher, ConfigMap, {
        namespace,
        reflector,
        handler: this.#histories[index] as Handler<ConfigMap>,
        signal: this.stop.signal,
        logger: silentLogger,
        metrics: this.#metrics,
        identity: { name: 'fleet', group: '', version: 'v1', resource: 'configmaps' },
      }),
    );
    this.informers.push(...(await Promise.all(starting)));
  }

  /** Writes while `work` does what it does, and then sees whether every informer equals the server. */
  async under(fault: string, work: () => Promise<void>): Promise<void> {
    this.staleness.fault = fault;
    const stop = new AbortController();
    const writing = this.#writeUntil(stop.signal);
    try {
      await systemClock.sleep(500);
      await work();
      await systemClock.sleep(500);
    } finally {
      stop.abort();
    }
    expect(await writing).toBeGreaterThan(0);
    await this.#expectEqual();
  }

  /** How often each informer's list-watch failed in this way. */
  failures(...kinds: readonly string[]): readonly number[] {
    return this.#namespaces.map((namespace) => {
      const name = `fleet: configmaps in namespace "${namespace}"`;
      return kinds.reduce(
        (sum, kind) => sum + (this.#metrics.value('reflector_failures_total', { name, kind }) ?? 0),
        0,
      );
    });
  }

  /** How often the full state was read for this reason. */
  relists(cause: string): number {
    return this.informers.reduce((sum, informer) => sum + (Reflect.get(informer.status().relists, cause) ?? 0), 0);
  }

  /** What handlers were told against the rules. */
  get violations(): readonly string[] {
    return this.#histories.flatMap(({ violations }) => violations);
  }

  /** Ends the informers; the signal that they were started with stays as it is. */
  async end(): Promise<void> {
    for (const informer of this.informers) await informer[Symbol.asyncDispose]();
  }

  /** Writes at random until `signal` aborts; what fails because the server is away is tried again with something else. */
  async #writeUntil(signal: AbortSignal): Promise<number> {
    const { writer } = this.#settings;
    let written = 0;
    while (!signal.aborted) {
      try {
        await randomWrites(writer, this.#random, this.#namespaces, 10);
        const namespace = this.#namespaces[(written / 10) % this.#namespaces.length] ?? '';
        await this.#write(namespace, 'probe-');
        written += 10;
      } catch {
        await systemClock.sleep(100); // the server is away: that is what the day is about
      }
    }
    return written;
  }

  async #write(namespace: string, generateName: string): Promise<void> {
    const { signal } = this.stop;
    const { metadata } = await this.#settings.writer.create(
      ConfigMap,
      { metadata: { namespace, generateName } },
      { signal },
    );
    this.staleness.written(formatKey(metadata), metadata.resourceVersion ?? '');
  }

  /** A marker in each namespace reaches each informer, and every cache and what every handler knows then equals a fresh list. */
  async #expectEqual(): Promise<void> {
    for (const namespace of this.#namespaces) await this.#write(namespace, 'marker-');
    await Promise.all(
      this.informers.map((informer, index) =>
        eventually(
          `informer ${index} equals the server`,
          async () => {
            const { items } = await this.#settings.writer.list(ConfigMap, { namespace: this.#namespaces[index] ?? '' });
            const present = versionsOf(items);
            expect(sorted(versionsOf(informer.list()))).toEqual(sorted(present));
            expect(this.#histories[index]?.differences(present)).toEqual([]);
            return true;
          },
          120_000,
        ),
      ),
    );
  }
}

function versionsOf(objects: Iterable<ConfigMap>): Map<string, string> {
  return new Map([...objects].map(({ metadata }) => [formatKey(metadata), metadata.resourceVersion ?? '']));
}

function sorted(versions: ReadonlyMap<string, string>): [string, string][] {
  return [...versions].sort();
}
