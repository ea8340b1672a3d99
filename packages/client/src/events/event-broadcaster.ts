import { hostname } from 'node:os';
import {
  type Clock,
  type Logger,
  labelKeyProblems,
  type Metrics,
  noMetrics,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
} from '@bowline/apimachinery';
import {
  checkOptions,
  checkValue,
  type OptionRules,
  oneOf,
  required,
  rules,
  valueRule,
  withMethods,
} from '@bowline/apimachinery/arguments';
import { portRules } from '../config/check-config.ts';
import { ClientError } from '../errors.ts';
import { CoreEventWriter } from './core-event-writer.ts';
import { EventNames } from './event-name.ts';
import { EventCounts, type EventPorts } from './event-ports.ts';
import { type EventConsumer, EventQueue } from './event-queue.ts';
import { type EventRecorder, factsOf, type RecordedEvent, type RecorderOptions } from './event-recorder.ts';
import type { EventWriter } from './event-writer.ts';
import { checkRecording, type EventSink, MAX_QUEUED, type RecordingOptions } from './options.ts';
import { SeriesEventWriter } from './series-event-writer.ts';

/** What a broadcaster is made with. Each has a default. */
export interface EventBroadcasterOptions {
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  /** @default silent */
  readonly logger?: Logger | undefined;
  /** @default none */
  readonly metrics?: Metrics | undefined;
}

export interface CloseOptions {
  /** How long what waits may take to be written, in milliseconds, 0 or more. @default 5_000 */
  readonly timeoutMs?: number | undefined;
}

/** Somebody who is given the events. */
export interface EventSubscription extends Disposable {
  /** Gives it no more events. What waits is dropped. */
  stop(): void;
}

interface Subscriber extends EventSubscription {
  readonly queue: EventQueue;
  flush(): Promise<void>;
  /** An event was not delivered because of the end. */
  lost(event: RecordedEvent): void;
}

/** events.k8s.io/v1 `reportingInstance` */
const LONGEST_INSTANCE = 128;
const CLOSE_TIMEOUT_MS = 5_000;

const controllerRule = valueRule(
  'a qualified name like "web-operator" or "example.com/web-operator"',
  (value) => typeof value === 'string',
  (value) => labelKeyProblems(value).length === 0,
);
const recorderRules: OptionRules<RecorderOptions> = {
  controller: required(controllerRule),
  instance: rules.nonEmptyString,
  host: rules.nonEmptyString,
};

/**
 * Takes events from recorders, and gives each to every sink and watcher. Nobody who records waits for it: each of them has a queue of its
 * own, and what finds no room in it is dropped and counted.
 *
 * @example
 * ```ts
 * import { EventBroadcaster } from '@bowline/client/events';
 *
 * await using events = new EventBroadcaster();
 * events.startEventWatcher(({ reason, note }) => console.log(reason, note));
 * const recorder = events.newRecorder({ controller: 'web-operator' });
 * recorder.event({ kind: 'Pod', name: 'web', namespace: 'default' }, { reason: 'Started', note: 'It runs' });
 * ```
 * @see client-go tools/events and tools/record `EventBroadcaster`
 */
export class EventBroadcaster implements AsyncDisposable {
  readonly #ports: EventPorts;
  readonly #names: EventNames;
  readonly #subscribers: Set<Subscriber> = new Set();
  #closed: Promise<void> | undefined;

  /** @throws {TypeError} when an option is unknown or wrong. */
  constructor(options: EventBroadcasterOptions = {}) {
    checkOptions<EventBroadcasterOptions>('create event broadcaster', options, {
      clock: rules.clock,
      random: rules.random,
      logger: portRules.logger,
      metrics: rules.metrics,
    });
    const { clock = systemClock, random = systemRandom, logger = silentLogger, metrics = noMetrics } = options;
    this.#ports = { clock, random, logger, metrics };
    this.#names = new EventNames(clock, random);
  }

  /**
   * A recorder that reports in the name of a controller.
   *
   * @throws {TypeError | RangeError} when an option is unknown or wrong.
   */
  newRecorder(options: RecorderOptions): EventRecorder {
    checkOptions<RecorderOptions>('create event recorder', options, recorderRules);
    const { controller, host, instance = `${controller}-${hostname()}` } = options;
    const reporter = { reportingController: controller, reportingInstance: instance.slice(0, LONGEST_INSTANCE), host };
    return {
      event: (regarding, details) => {
        const facts = factsOf(regarding, details);
        const name = this.#names.next(facts.regarding.name);
        this.#broadcast({ ...facts, ...reporter, name, atMs: this.#ports.clock.now() });
      },
    };
  }

  /**
   * Writes events to a server from now on. Each sink compares events for itself.
   *
   * @throws {TypeError | RangeError} when an argument is wrong. @throws {ClientError} `CLIENT_CLOSED` after `close`.
   */
  startRecordingToSink(sink: EventSink, options: RecordingOptions = {}): EventSubscription {
    const action = 'record events';
    checkValue(action, 'sink', sink, withMethods('a client', 'create', 'patch'));
    checkRecording(action, options);
    const { api = 'events.k8s.io/v1', maxQueued = MAX_QUEUED } = options;
    const counts = new EventCounts(this.#ports, api);
    const writer: EventWriter =
      api === 'v1'
        ? new CoreEventWriter(sink, this.#ports, counts, this.#names, options)
        : new SeriesEventWriter(sink, this.#ports, counts, options);
    const consumer: EventConsumer = {
      consume: (event) => this.#safely(() => writer.write(event)),
      waiting: (count) => counts.queued.set(count),
      dropped: (event) => counts.dropped('queue_full', event),
    };
    return this.#subscribe(action, consumer, maxQueued, {
      flush: () => writer.flush(),
      stop: () => writer.stop(),
      lost: (event) => counts.dropped('closed', event),
    });
  }

  /**
   * Gives each event to `listener`, in order, one after the other, in a turn of its own. At most 1,000 wait for it.
   *
   * @throws {TypeError} when it is no function. @throws {ClientError} `CLIENT_CLOSED` after `close`.
   */
  startEventWatcher(listener: (event: RecordedEvent) => void | Promise<void>): EventSubscription {
    const action = 'watch events';
    checkValue(action, 'listener', listener, rules.function);
    const counts = new EventCounts(this.#ports, 'watcher');
    const consumer: EventConsumer = {
      consume: (event) => this.#safely(() => listener(event)),
      dropped: (event) => counts.dropped('queue_full', event),
    };
    const lost = (event: RecordedEvent): void => counts.dropped('closed', event);
    return this.#subscribe(action, consumer, MAX_QUEUED, { flush: async () => {}, stop: () => {}, lost });
  }

  /**
   * Writes a line to the logger for each event.
   *
   * @throws {RangeError} when the level is none. @throws {ClientError} `CLIENT_CLOSED` after `close`.
   */
  startLogging(level: 'debug' | 'info' = 'info'): EventSubscription {
    checkValue('log events', 'level', level, oneOf('debug', 'info'));
    const { logger } = this.#ports;
    return this.startEventWatcher(({ regarding, type, reason, action, note, reportingController }) =>
      logger[level]({ regarding, type, reason, action, note, reportingController }, 'Event occurred'),
    );
  }

  /**
   * Takes no more events, writes those that wait, as many as it can in `timeoutMs`, and leaves nothing behind. Never rejects for what
   * the server says.
   *
   * @throws {TypeError | RangeError} when an option is wrong.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    checkOptions<CloseOptions>('close event broadcaster', options, { timeoutMs: rules.notNegative });
    this.#closed ??= this.#close(options.timeoutMs ?? CLOSE_TIMEOUT_MS);
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(timeoutMs: number): Promise<void> {
    const subscribers = [...this.#subscribers];
    const flushed = new AbortController();
    const flush = subscribers.map((subscriber) => subscriber.flush());
    await Promise.race([Promise.all(flush), this.#ports.clock.sleep(timeoutMs, flushed.signal)]);
    flushed.abort();
    for (const subscriber of subscribers) subscriber.stop();
  }

  #broadcast(event: RecordedEvent): void {
    if (this.#closed) {
      for (const subscriber of this.#subscribers) subscriber.lost(event);
      this.#ports.logger.debug({ regarding: event.regarding, reason: event.reason }, 'Event came after the end');
      return;
    }
    for (const subscriber of this.#subscribers) subscriber.queue.add(event);
  }

  #subscribe(
    action: string,
    consumer: EventConsumer,
    limit: number,
    { flush, stop, lost }: Pick<Subscriber, 'flush' | 'stop' | 'lost'>,
  ): EventSubscription {
    if (this.#closed) {
      throw new ClientError(`Cannot ${action}: the broadcaster was closed`, { code: 'CLIENT_CLOSED' });
    }
    const queue = new EventQueue(consumer, limit);
    const subscriber: Subscriber = {
      queue,
      lost,
      flush: async () => {
        await queue.idle();
        await flush();
      },
      stop: () => {
        this.#subscribers.delete(subscriber);
        for (const event of queue.takeAll()) lost(event);
        stop();
      },
      [Symbol.dispose]: () => subscriber.stop(),
    };
    this.#subscribers.add(subscriber);
    return subscriber;
  }

  /** What is called may fail, and must not end the queue. */
  async #safely(call: () => void | Promise<void>): Promise<void> {
    try {
      await call();
    } catch (error) {
      this.#ports.logger.error({ error }, 'An event could not be delivered');
    }
  }
}
