import type { Undecodable } from '@bowline/apimachinery';
import { badResponse, ClientError } from '../errors.ts';
import type { SplitFrame } from './split-item.ts';

const changes: ReadonlyMap<string, 'added' | 'modified' | 'deleted'> = new Map([
  ['ADDED', 'added'],
  ['MODIFIED', 'modified'],
  ['DELETED', 'deleted'],
]);

/** What an event's type says of its object; undefined for events that are no change. */
export function changeOf(type: string): 'added' | 'modified' | 'deleted' | undefined {
  return changes.get(type);
}

/** Half an event at the end: never lost in silence. */
export function cutOff<T>(): SplitFrame<T> {
  const error = new ClientError('The watch ended within an event', {
    code: 'CLIENT_CONNECTION_FAILED',
    retryable: true,
  });
  return { type: 'error', error };
}

/** An event whose object cannot be used; the watch goes on. */
export function unusable<T>(undecodable: Undecodable): SplitFrame<T> {
  const subject = undecodable.key === undefined ? 'an object' : `"${undecodable.key}"`;
  return {
    type: 'error',
    error: badResponse(`The watch sent ${subject} that cannot be used: ${undecodable.message}`),
    undecodable,
  };
}

/** Whether a bookmark with these annotations says that all has been sent that existed when the watch began. */
export function initialEventsEnd(annotations: unknown): boolean {
  return (annotations as Readonly<Record<string, unknown>> | undefined)?.['k8s.io/initial-events-end'] === 'true';
}
