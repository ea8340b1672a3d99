import type { Scale } from '@bowline/api/autoscaling/v1';
import { type KubernetesObject, type ObjectKey, statusOf } from '@bowline/apimachinery';
import type { Deletion, Resource } from '@bowline/client';
import type { Cache } from './cache/cache.ts';
import type { WriteAnswer } from './cache/partition.ts';
import type { PendingWrite } from './cache/pending-writes.ts';
import type { LiveClient } from './live-client.ts';
import { kindOf } from './resource-kind.ts';

/** One write. */
export interface OwnWrite<R> {
  readonly resource: Resource<KubernetesObject>;
  /** What it writes; an object that is created may have no name yet. */
  readonly key: Partial<ObjectKey>;
  /** It changes nothing. */
  readonly isDryRun: boolean;
  /** What may end it. */
  readonly signal: AbortSignal | undefined;
  readonly send: () => Promise<R>;
  readonly read: ReadAnswer<R>;
}

/** What an answer says about the object, whose name is known now. */
type ReadAnswer<R> = (answer: R) => { readonly key: ObjectKey; readonly answer: WriteAnswer };

/** How a write is sent, and what its answer says. */
export interface WriteParts<R, O> {
  readonly send: (live: LiveClient, call: O) => Promise<R>;
  readonly read: ReadAnswer<R>;
}

/** The answer is the object as it is stored now. */
export function stored(object: KubernetesObject): ReturnType<ReadAnswer<KubernetesObject>> {
  return { key: object.metadata, answer: { type: 'object', object } };
}

/** The answer is the object on its way out, or says which one has gone. */
export function deleted(key: ObjectKey): ReadAnswer<Deletion<KubernetesObject>> {
  return (deletion) => ({
    key,
    answer:
      deletion.type === 'object' ? { type: 'object', object: deletion.object } : { type: 'gone', uid: deletion.uid },
  });
}

/** The answer is the scale of the object, with the object's version. */
export function scaled(key: ObjectKey): ReadAnswer<Scale> {
  return ({ metadata }) => ({ key, answer: { type: 'version', resourceVersion: metadata.resourceVersion } });
}

/** Sends the writes of one client, and lets reads of the cache show them. */
export class OwnWrites {
  readonly #cache: Cache;
  /** What the cache does not show yet. */
  readonly #pending = new Set<PendingWrite>();

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  /** Resolves once the cache shows them, or when `signal` aborts. Undefined when it does already. */
  visible(signal: AbortSignal): Promise<void> | undefined {
    return this.#pending.size === 0 ? undefined : this.#cache.untilVisible([...this.#pending], signal);
  }

  /** Sends a write, and notes its answer; or, when there is none, that nobody knows whether it happened. */
  async send<R>({ resource, key, isDryRun, signal, send, read }: OwnWrite<R>): Promise<R> {
    if (isDryRun) return send();
    let received: R;
    try {
      received = await send();
    } catch (error) {
      const { namespace, name } = key;
      if (name && isAmbiguous(error, signal)) this.#cache.doubt(kindOf(resource), { namespace, name });
      throw error;
    }
    const noted = read(received);
    for (const write of this.#cache.written(kindOf(resource), noted.key, noted.answer)) {
      this.#pending.add(write);
      void write.visible.then(() => this.#pending.delete(write));
    }
    return received;
  }
}

/**
 * Whether a failed write may have happened all the same: the server gave no answer, or gave up on it. A wrong argument is refused before
 * anything is sent; a client tells of what failed on the way with errors of its own.
 */
function isAmbiguous(error: unknown, signal: AbortSignal | undefined): boolean {
  const isRefusal = error instanceof TypeError || error instanceof RangeError;
  if (isRefusal && !(signal?.aborted && error === signal.reason)) return false;
  const code = statusOf(error)?.code;
  return code === undefined || code >= 500;
}
