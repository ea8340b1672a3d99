import { apiVersion, type GroupVersionKind } from '@bowline/apimachinery';
import { checkOptions, checkValue, oneOf, rules } from '@bowline/apimachinery/arguments';
import type { EventApi } from './options.ts';

/** Which object events are asked for. */
interface RegardingQuery {
  /** @default of any kind */
  readonly kind?: GroupVersionKind | undefined;
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
}

/**
 * The field selector that lists or watches the events about one object, in the words of one of the two APIs.
 *
 * @throws {TypeError | RangeError} when an argument is wrong.
 * @example
 * ```ts
 * import { Pod } from '@bowline/api/core/v1';
 * import { eventFieldSelector } from '@bowline/client/events';
 *
 * eventFieldSelector('v1', { kind: Pod, name: 'web' }); // 'involvedObject.kind=Pod,involvedObject.apiVersion=v1,involvedObject.name=web'
 * ```
 * @see client-go tools/events/helper.go `GetFieldSelector`
 */
export function eventFieldSelector(api: EventApi, regarding: RegardingQuery): string {
  const action = 'select events';
  checkValue(action, 'api', api, oneOf('v1', 'events.k8s.io/v1'));
  const known = { kind: rules.object, name: rules.nonEmptyString, uid: rules.nonEmptyString };
  checkOptions<RegardingQuery>(action, regarding, known, 'regarding');
  const { kind, name, uid } = regarding;
  if (kind) checkValue(action, 'regarding.kind.kind', kind.kind, rules.nonEmptyString);
  const prefix = api === 'v1' ? 'involvedObject' : 'regarding';
  return [
    ...(kind ? [['kind', kind.kind] as const, ['apiVersion', apiVersion(kind)] as const] : []),
    ...(name === undefined ? [] : [['name', name] as const]),
    ...(uid === undefined ? [] : [['uid', uid] as const]),
  ]
    .map(([field, value]) => `${prefix}.${field}=${value.replaceAll(/[\\,=]/g, '\\$&')}`)
    .join(',');
}
