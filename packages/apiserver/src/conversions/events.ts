import type { Conversion } from '../codec/builtin-codec.ts';
import type { JsonObject, ServerObject } from '../object.ts';
import { readBuiltin } from '../schema/index.ts';

/** Fields of `events.k8s.io/v1` by their names in `v1`, which is what is stored. Others have the same name in both. */
const renamed: Readonly<Record<string, string>> = {
  count: 'deprecatedCount',
  firstTimestamp: 'deprecatedFirstTimestamp',
  involvedObject: 'regarding',
  lastTimestamp: 'deprecatedLastTimestamp',
  message: 'note',
  reportingComponent: 'reportingController',
  source: 'deprecatedSource',
};

const back: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(renamed).map(([stored, shown]) => [shown, stored]),
);

function rename(object: ServerObject, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [names[name] ?? name, value]));
}

/** Events have two APIs and one place. @see k8s.io/kubernetes pkg/apis/events/v1/conversion.go */
export const eventConversion: Conversion = {
  fromStored: (object) =>
    readBuiltin({ group: 'events.k8s.io', version: 'v1', kind: 'Event' }, rename(object, renamed))
      .object as ServerObject,
  toStored: (object) =>
    readBuiltin({ group: '', version: 'v1', kind: 'Event' }, rename(object, back)).object as ServerObject,
};
