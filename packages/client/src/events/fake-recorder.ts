import { type EventDetails, type EventRecorder, factsOf } from './event-recorder.ts';
import type { Regarding } from './object-reference.ts';

/**
 * Keeps what it is told, for tests of what records events. It refuses what a real recorder refuses.
 *
 * @example
 * ```ts
 * import { FakeRecorder } from '@bowline/client/testing';
 *
 * const recorder = new FakeRecorder();
 * recorder.event({ kind: 'Pod', namespace: 'shop', name: 'web' }, { reason: 'Started', note: 'It runs' });
 * recorder.lines; // ['Normal Started Pod shop/web: It runs']
 * ```
 * @see client-go tools/record/fake.go
 */
export class FakeRecorder implements EventRecorder {
  /** What happened, to what, in order. */
  readonly events: { readonly regarding: Regarding; readonly details: EventDetails }[] = [];

  /** The same as text: type, reason, kind, key, note. */
  get lines(): string[] {
    return this.events.map(({ regarding: subject, details }) => {
      const { type, reason, note, regarding } = factsOf(subject, details);
      const key = regarding.namespace ? `${regarding.namespace}/${regarding.name}` : regarding.name;
      return `${type} ${reason} ${regarding.kind} ${key}: ${note}`;
    });
  }

  event(regarding: Regarding, details: EventDetails): void {
    factsOf(regarding, details);
    this.events.push({ regarding, details });
  }
}
