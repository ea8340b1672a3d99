import { deepFreeze, StatusError } from '@bowline/apimachinery';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { builtinSchema, crdSchema, emptyBuiltin } from '../schema/index.ts';
import { type ApiObject, FieldManager } from './field-manager.ts';

const kind = { group: '', version: 'v1', kind: 'ConfigMap' };
const start = Date.UTC(2024, 0, 1);

function configMaps(clock = { now: () => start }, subresource = ''): FieldManager {
  const schema = builtinSchema(kind);
  return new FieldManager(
    { clock },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      subresource,
      schema: (at) => (at === 'v1' ? schema : undefined),
      empty: emptyBuiltin(kind),
    },
  );
}

function configMap(data: Record<string, string>, metadata: ApiObject = {}): ApiObject {
  return { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a', uid: 'u', ...metadata }, data };
}

function entries(object: ApiObject): ApiObject[] {
  return ((object.metadata as ApiObject).managedFields ?? []) as ApiObject[];
}

function edited(object: ApiObject, data: Record<string, string>): ApiObject {
  return { ...object, data };
}

describe('FieldManager', () => {
  test('FieldManager notes who created what', () => {
    const created = configMaps().update(undefined, configMap({ x: '1' }), 'me');
    expect(entries(created)).toEqual([
      {
        manager: 'me',
        operation: 'Update',
        apiVersion: 'v1',
        time: '2024-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { '.': {}, 'f:x': {} } },
      },
    ]);
  });

  test('FieldManager moves the time of an entry only when what it owns changes', () => {
    let now = start;
    const manager = configMaps({ now: () => now });
    const created = manager.update(undefined, configMap({ x: '1' }), 'me');
    now += 60_000;
    expect(entries(manager.update(created, created, 'me'))).toEqual(entries(created));
    const changed = manager.update(created, edited(created, { x: '2' }), 'me');
    expect(entries(changed)).toMatchObject([{ time: '2024-01-01T00:01:00Z' }]);
  });

  test('FieldManager calls whoever gives no name unknown', () => {
    expect(entries(configMaps().update(undefined, configMap({ x: '1' }), ''))).toMatchObject([{ manager: 'unknown' }]);
  });

  test('FieldManager ignores entries that are sent to a subresource', () => {
    const created = configMaps().update(undefined, configMap({ x: '1' }), 'me');
    const forged = { ...created, metadata: { ...(created.metadata as ApiObject), managedFields: [{}] } };
    expect(entries(configMaps(undefined, 'status').update(created, forged, 'other'))).toEqual(entries(created));
    expect(entries(configMaps().update(created, forged, 'other'))).toEqual([]);
  });

  test('FieldManager falls back on the entries that it had when those that are sent make no sense', () => {
    const created = configMaps().update(undefined, configMap({ x: '1' }), 'me');
    for (const managedFields of [
      [{ operation: 'Nope' }],
      [{ operation: 'Update', apiVersion: 'v1', fieldsType: 'X' }],
      undefined,
    ]) {
      const sent = { ...created, metadata: { ...(created.metadata as ApiObject), managedFields } };
      expect(entries(configMaps().update(created, sent, 'me'))).toEqual(entries(created));
    }
  });

  test('FieldManager drops the entries of versions that are no longer served', () => {
    const created = configMaps().update(undefined, configMap({ x: '1' }), 'me');
    const old = { ...entries(created)[0], apiVersion: 'v0', manager: 'old' };
    const live = {
      ...created,
      metadata: { ...(created.metadata as ApiObject), managedFields: [...entries(created), old] },
    };
    expect(
      entries(configMaps().apply(live, configMap({ x: '1' }), { manager: 'b', force: false })).map(
        (one) => one.manager,
      ),
    ).toEqual(['b', 'me']);
  });

  test('FieldManager changes no object that it is given', () => {
    const live = deepFreeze(configMaps().update(undefined, deepFreeze(configMap({ x: '1', y: '1' })), 'me'));
    const config = deepFreeze(configMap({ x: '2' }));
    const applied = configMaps().apply(live, config, { manager: 'b', force: true });
    expect(applied.data).toEqual({ x: '2', y: '1' });
    expect(live.data).toEqual({ x: '1', y: '1' });
  });

  test('FieldManager applies the same configuration twice as once', () => {
    const values = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), fc.constantFrom('1', '2'), {
      maxKeys: 4,
    });
    fc.assert(
      fc.property(values, values, fc.boolean(), (before, config, created) => {
        const manager = configMaps();
        const live = created ? manager.update(undefined, configMap(before), 'me') : undefined;
        const options = { manager: 'b', force: true };
        const once = manager.apply(live, configMap(config), options);
        expect(manager.apply(once, configMap(config), options)).toEqual(once);
      }),
    );
  });

  test('FieldManager removes what an applier gives up, unless somebody else owns it', () => {
    const values = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), { maxKeys: 3 });
    fc.assert(
      fc.property(values, values, (mine, theirs) => {
        const manager = configMaps();
        const first = manager.apply(undefined, configMap(mine, { uid: undefined }), { manager: 'a', force: true });
        const both = manager.apply(first, configMap(theirs), { manager: 'b', force: true });
        const left = manager.apply(both, configMap({}), { manager: 'a', force: true });
        expect(left.data ?? {}).toEqual(theirs);
      }),
    );
  });

  test('FieldManager refuses to apply what is of another kind, or brings entries', () => {
    const apply = (config: ApiObject): unknown => {
      try {
        return configMaps().apply(undefined, config, { manager: 'a', force: false });
      } catch (error) {
        return error instanceof StatusError ? [error.httpStatus, error.message] : error;
      }
    };
    expect(apply({ ...configMap({}), kind: 'Secret' })).toEqual([400, 'invalid object type: /v1, Kind=Secret']);
    expect(apply(configMap({}, { managedFields: [] }))).toEqual([400, 'metadata.managedFields must be nil']);
    expect(apply({ ...configMap({}), nope: 1 })).toEqual([
      500,
      'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .nope: field not declared in schema',
    ]);
  });

  test('FieldManager writes an object without entries when its fields cannot be told apart', () => {
    const schema = crdSchema({
      type: 'object',
      properties: {
        list: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: { type: 'object', properties: { k: { type: 'string' } } },
        },
      },
    });
    const empty = { apiVersion: 'ex.io/v1', kind: 'W' };
    const manager = new FieldManager({ clock: { now: () => 0 } }, { ...empty, schema: () => schema, empty });
    const object = { ...empty, metadata: { name: 'a' }, list: [{}] };
    expect(manager.update(undefined, object, 'me')).toEqual(object);
  });

  test('FieldManager turns granular owners into owners of the whole when a list has become one unit', () => {
    const of = (listType: string): FieldManager => {
      const schema = crdSchema({
        type: 'object',
        properties: {
          spec: {
            type: 'object',
            properties: { set: { type: 'array', 'x-kubernetes-list-type': listType, items: { type: 'string' } } },
          },
        },
      });
      const empty = { apiVersion: 'ex.io/v1', kind: 'W' };
      return new FieldManager({ clock: { now: () => 0 } }, { ...empty, schema: () => schema, empty });
    };
    const object = (set: string[]): ApiObject => ({
      apiVersion: 'ex.io/v1',
      kind: 'W',
      metadata: { name: 'a' },
      spec: { set },
    });
    const live = of('set').apply(undefined, object(['x']), { manager: 'a', force: false });
    expect(entries(live)).toMatchObject([{ fieldsV1: { 'f:spec': { 'f:set': { 'v:"x"': {} } } } }]);
    const later = of('atomic').apply(live, object(['x']), { manager: 'b', force: false });
    expect(entries(later)).toMatchObject([
      { manager: 'a', fieldsV1: { 'f:spec': { 'f:set': {} } } },
      { manager: 'b', fieldsV1: { 'f:spec': { 'f:set': {} } } },
    ]);
  });
});
