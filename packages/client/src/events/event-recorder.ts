import type { ObjectReference } from '@bowline/api/core/v1';
import {
  checkOptions,
  checkValue,
  type OptionRules,
  oneOf,
  recordOf,
  required,
  rules,
  valueRule,
} from '@bowline/apimachinery/arguments';
import { type Regarding, referenceOf } from './object-reference.ts';

/** Servers take no other. */
export type EventType = 'Normal' | 'Warning';

/** What happened. */
export interface EventDetails {
  /** `Warning` when somebody should look at it. @default 'Normal' */
  readonly type?: EventType | undefined;
  /** Why, in one word for machines: `FailedScheduling`. At most 128 characters. */
  readonly reason: string;
  /** What was done, or failed, in one word for machines: `Binding`. At most 128 characters. @default the reason */
  readonly action?: string | undefined;
  /** The same for people. In `events.k8s.io/v1` it is cut to 1,024 bytes. */
  readonly note: string;
  /** Another object that has to do with it. */
  readonly related?: Regarding | undefined;
  /** Annotations of the event. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** Tells users of a cluster what a controller does, beside the object it does it to: `kubectl describe` shows it. */
export interface EventRecorder {
  /**
   * Takes note of what happened to `regarding`. Returns at once: the event is written later, together with others like it, or dropped when
   * too many wait. Never throws for what the server says.
   *
   * @throws {TypeError | RangeError} when an argument is wrong.
   */
  event(regarding: Regarding, details: EventDetails): void;
}

/** In whose name events are recorded. */
export interface RecorderOptions {
  /** The name of the controller, as in `example.com/web-operator`. */
  readonly controller: string;
  /** Which process of it. Cut to 128 characters. @default the controller and the name of the host */
  readonly instance?: string | undefined;
  /** The node that the events of `v1` come from, for what runs one per node. */
  readonly host?: string | undefined;
}

/** An event as it was recorded, before it was compared with others. */
export interface RecordedEvent extends Omit<Required<EventDetails>, 'related' | 'annotations'> {
  readonly name: string;
  readonly namespace: string;
  /** Wall time, in milliseconds. */
  readonly atMs: number;
  readonly regarding: ObjectReference & { readonly name: string };
  readonly related: ObjectReference | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly reportingController: string;
  readonly reportingInstance: string;
  readonly host: string | undefined;
}

/** What an event is without the one who reports it. */
export type EventFacts = Pick<RecordedEvent, 'regarding' | 'related' | 'namespace' | 'annotations'> &
  Pick<RecordedEvent, 'type' | 'reason' | 'action' | 'note'>;

/** k8s.io/kubernetes pkg/apis/core/validation/events.go `ActionLengthLimit`, `ReasonLengthLimit` */
const LONGEST_WORD = 128;
/** meta/v1 `NamespaceDefault`: where events about what is in no namespace go. */
const NAMESPACE_OF_CLUSTER_SCOPED = 'default';

const word = valueRule(
  `a string of 1 to ${LONGEST_WORD} characters`,
  (value) => typeof value === 'string',
  (value) => value !== '' && value.length <= LONGEST_WORD,
);
const details: OptionRules<EventDetails> = {
  type: oneOf('Normal', 'Warning'),
  reason: required(word),
  action: word,
  note: required(rules.nonEmptyString),
  related: rules.object,
  annotations: recordOf(rules.string),
};

/**
 * Checks what a recorder is told, and completes it.
 *
 * @throws {TypeError | RangeError}
 */
export function factsOf(regarding: unknown, what: unknown): EventFacts {
  const action = 'record event';
  const about = referenceOf(action, 'regarding', regarding);
  checkValue(action, 'details', what, { ...rules.object, text: 'an object with reason and note' });
  checkOptions<EventDetails>(action, what, details, 'details');
  const { type = 'Normal', reason, action: done = reason, note, related, annotations } = what as EventDetails;
  return {
    regarding: about,
    related: related && referenceOf(action, 'details.related', related),
    namespace: about.namespace || NAMESPACE_OF_CLUSTER_SCOPED,
    annotations: annotations && { ...annotations },
    type,
    reason,
    action: done,
    note,
  };
}
