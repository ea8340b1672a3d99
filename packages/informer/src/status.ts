import type { ReflectorStatus, RelistCause } from '@bowline/listwatch';
import type { Absence } from './absence.ts';
import type { HandlerStatus } from './registration.ts';

/** What an informer says about itself: what its reflector says, and what it adds. Nothing in it is secret. */
export interface InformerStatus extends ReflectorStatus {
  /** How long ago something last came from the server, in milliseconds. */
  readonly lastEventAgeMs?: number | undefined;
  /**
   * Since when the server has not known the resource, in milliseconds since the Unix epoch; undefined when it does. The informer is then
   * at rest: it keeps what it holds, and starts by itself when the resource is back.
   */
  readonly missingSince?: number | undefined;
  /** How many objects the cache holds. */
  readonly objects: number;
  /** How many entries wait between server and cache. */
  readonly queued: number;
  /** How many objects the transform function failed for. */
  readonly transformErrors: number;
  readonly handlers: readonly HandlerStatus[];
}

/** What the reflector of now says, with what those before it did and met. */
export function continued(before: ReflectorStatus | undefined, now: ReflectorStatus): ReflectorStatus {
  if (!before) return now;
  const { lastError, lastErrorKind, lastErrorAdvice, lastErrorIsLasting, lastErrorAt } =
    now.lastError === undefined ? before : now;
  const causes = [...Object.keys(before.relists), ...Object.keys(now.relists)] as RelistCause[];
  const relists = Object.fromEntries(
    causes.map((cause) => [cause, (before.relists[cause] ?? 0) + (now.relists[cause] ?? 0)]),
  );
  const fullStates = Object.values(relists).reduce((sum, count) => sum + count, 0);
  return {
    ...now,
    lastError,
    lastErrorKind,
    lastErrorAdvice,
    lastErrorIsLasting,
    lastErrorAt,
    lastEventAt: now.lastEventAt ?? before.lastEventAt,
    lastSyncAt: now.lastSyncAt ?? before.lastSyncAt,
    relists,
    relistCount: Math.max(0, fullStates - 1),
    lastRelistCause: now.lastRelistCause ?? before.lastRelistCause,
    inconsistencies: before.inconsistencies + now.inconsistencies,
    undecodable: now.synced ? now.undecodable : before.undecodable,
  };
}

/** What is different while the server does not know the resource. */
export function atRest(
  { failures, lastErrorAt }: ReflectorStatus,
  absence: Pick<Absence<unknown>, 'nextProbeAt' | 'failures' | 'lastFailureAt'>,
): Pick<ReflectorStatus, 'state' | 'nextAttemptAt' | 'failures' | 'lastErrorAt'> {
  return {
    state: 'waiting',
    nextAttemptAt: absence.nextProbeAt,
    failures: failures + absence.failures,
    lastErrorAt: absence.lastFailureAt ?? lastErrorAt,
  };
}
