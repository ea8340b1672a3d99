import type { Draft, Kind, KubernetesObject, ObjectKey } from '@bowline/apimachinery';
import { statusError } from '@bowline/apimachinery';
import { FakeClock, RecordingLogger, RecordingMetrics, seededRandom } from '@bowline/apimachinery/testing';
import { EventBroadcaster } from './event-broadcaster.ts';
import type { EventSink } from './options.ts';

/** What was asked of a sink. */
export interface Write {
  readonly verb: 'create' | 'patch';
  readonly apiVersion: string;
  readonly name: string;
  readonly namespace: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what was sent
  readonly body: any;
  readonly atMs: number;
}

/** A server's events. It keeps what it is told, and fails when it is told to. */
export class FakeSink implements EventSink {
  readonly writes: Write[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what is stored
  readonly stored: Map<string, any> = new Map();
  /** Thrown by the next calls, one after the other, before anything is stored. */
  readonly failures: unknown[] = [];
  /** When set, writes wait for it. */
  gate: Promise<void> | undefined;
  running = 0;
  mostRunning = 0;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  create<T extends KubernetesObject>(kind: Kind<T>, draft: Draft<T>): Promise<T> {
    const { name = '', namespace } = draft.metadata;
    return this.#answer(kind, 'create', { name, namespace }, draft, (present) => {
      if (present)
        throw statusError({ code: 409, reason: 'AlreadyExists', message: `events "${name}" already exists` });
      return draft;
    }) as Promise<T>;
  }

  patch<T extends KubernetesObject>(
    kind: Kind<T>,
    { name, namespace }: ObjectKey,
    patch: { readonly type: 'strategic'; readonly body: object },
  ): Promise<T> {
    return this.#answer(kind, 'patch', { name, namespace }, patch.body, (present) => {
      if (!present) throw notFound(name);
      return { ...present, ...patch.body };
    }) as Promise<T>;
  }

  get names(): string[] {
    return this.writes.map(({ verb }) => verb);
  }

  async #answer(
    kind: Kind<KubernetesObject>,
    verb: Write['verb'],
    { name, namespace }: ObjectKey,
    body: object,
    change: (present: object | undefined) => object,
  ): Promise<object> {
    const apiVersion = kind.group ? `${kind.group}/${kind.version}` : kind.version;
    this.writes.push({ verb, apiVersion, name, namespace, body, atMs: this.#clock.monotonic() });
    this.running++;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    try {
      await this.gate;
      if (this.failures.length > 0) throw this.failures.shift();
      const key = `${namespace}/${name}`;
      const next = change(this.stored.get(key));
      this.stored.set(key, next);
      return next;
    } finally {
      this.running--;
    }
  }
}

export function notFound(name: string): Error {
  return statusError({
    code: 404,
    reason: 'NotFound',
    message: `events "${name}" not found`,
    details: { name, kind: 'events' },
  });
}

export const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'shop', name: 'web', uid: 'u-1', resourceVersion: '7' },
} as const;

/** The start of all tests: 2026-01-01T00:00:00Z. */
export const START_MS = 1_767_225_600_000;

/** A broadcaster on a fake clock, and what it says. */
export function startEvents(): {
  clock: FakeClock;
  logger: RecordingLogger;
  metrics: RecordingMetrics;
  sink: FakeSink;
  events: EventBroadcaster;
} {
  const clock = new FakeClock(START_MS);
  const logger = new RecordingLogger();
  const metrics = new RecordingMetrics();
  const events = new EventBroadcaster({ clock, logger, metrics, random: seededRandom('events') });
  return { clock, logger, metrics, sink: new FakeSink(clock), events };
}
