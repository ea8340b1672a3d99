import { describe, expect, test } from 'vitest';
import { builtinDefinition, builtinGroups, serverVersion, structTable } from '../data/index.ts';
import { builtinSchema, crdSchema, definitionSchema, parseJson, type TypeSchema } from './index.ts';

function at(type: TypeSchema | undefined, ...names: string[]): TypeSchema | undefined {
  let current = type;
  for (const name of names)
    current = name === '*' ? current?.list?.element : (current?.map?.fields.get(name)?.type ?? current?.map?.values);
  return current;
}

describe('tables', () => {
  test('builtinGroups lists the groups of kube-apiserver 1.35 in its order, core first', () => {
    const groups = builtinGroups();
    expect(groups.slice(0, 4).map(({ name }) => name)).toEqual(['', 'apiregistration.k8s.io', 'apps', 'events.k8s.io']);
    expect(groups.flatMap(({ versions }) => versions).length).toBe(22);
    expect(groups.find(({ name }) => name === 'autoscaling')?.versions.map(({ version }) => version)).toEqual([
      'v2',
      'v1',
    ]);
    expect(serverVersion()).toMatchObject({ major: '1', minor: '35', gitVersion: 'v1.35.4' });
  });

  test('builtinSchema and structTable know every kind that is served', () => {
    for (const { name, versions } of builtinGroups()) {
      for (const { version, resources } of versions) {
        const apiVersion = name === '' ? version : `${name}/${version}`;
        for (const { kind, verbs } of resources) {
          expect(builtinSchema({ group: name, version, kind }), `${apiVersion} ${kind}`).toBeDefined();
          expect(structTable().kinds[apiVersion]?.[kind], `${apiVersion} ${kind}`).toBeDefined();
          if (verbs.includes('list')) expect(structTable().kinds[apiVersion]?.[`${kind}List`]).toBeDefined();
        }
      }
    }
  });

  test('structTable and builtinDefinition agree about the fields of every structure', () => {
    const { types } = structTable();
    for (const { n: name, f: fields } of types) {
      const definition = name === undefined ? undefined : builtinDefinition(name);
      if (definition?.properties === undefined) continue;
      const flat = (list: typeof fields): string[] =>
        (list ?? []).flatMap(([field, type, flags]) => ((flags & 8) === 0 ? [field] : flat(types[type]?.f)));
      expect(flat(fields).sort(), name).toEqual(Object.keys(definition.properties).sort());
    }
  });
});

describe('builtinSchema', () => {
  const deployment = builtinSchema({ group: 'apps', version: 'v1', kind: 'Deployment' });
  const podSpec = at(deployment, 'spec', 'template', 'spec');

  test('builtinSchema tells keyed lists, sets and units apart', () => {
    expect(at(podSpec, 'containers', '*', 'ports')?.list).toMatchObject({
      relationship: 'map',
      keys: ['containerPort', 'protocol'],
    });
    expect(at(podSpec, 'containers', '*', 'ports', '*')?.map?.fields.get('protocol')?.default).toBe('TCP');
    expect(at(podSpec, 'tolerations')?.list?.relationship).toBe('atomic');
    expect(at(deployment, 'metadata', 'finalizers')?.list).toMatchObject({ relationship: 'set', keys: [] });
    expect(at(deployment, 'spec', 'selector')?.map?.atomic).toBe(true);
    expect(at(podSpec, 'nodeSelector')?.map?.atomic).toBe(true);
    expect(at(deployment, 'metadata', 'labels')?.map).toMatchObject({ atomic: false });
  });

  test('builtinSchema carries the rules of strategic merge', () => {
    expect(podSpec?.map?.fields.get('volumes')).toMatchObject({
      patchStrategies: ['merge', 'retainKeys'],
      patchMergeKey: 'name',
    });
    expect(at(deployment, 'spec')?.map?.fields.get('strategy')?.patchStrategies).toEqual(['retainKeys']);
  });

  test('builtinSchema takes any scalar for quantities and int-or-string, and anything for raw values', () => {
    expect(at(podSpec, 'containers', '*', 'resources', 'limits', 'cpu')).toMatchObject({ scalar: 'untyped' });
    const revision = builtinSchema({ group: 'apps', version: 'v1', kind: 'ControllerRevision' });
    expect(at(revision, 'data')?.map).toMatchObject({ atomic: true });
  });

  test('builtinSchema knows types that contain themselves', () => {
    const props = definitionSchema('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps');
    expect(at(props, 'not', 'not', 'properties', 'x', 'not')?.name).toBe(props.name);
    expect(builtinSchema({ group: 'ex.io', version: 'v1', kind: 'Widget' })).toBeUndefined();
    expect(() => definitionSchema('nope')).toThrow(RangeError);
  });
});

describe('crdSchema', () => {
  test('crdSchema adds what every object has, at the root and in embedded resources', () => {
    const type = crdSchema({
      type: 'object',
      properties: { e: { type: 'object', 'x-kubernetes-embedded-resource': true } },
    });
    expect(at(type, 'metadata', 'finalizers')?.list?.relationship).toBe('set');
    expect(at(type, 'e', 'metadata', 'labels')?.map).toBeDefined();
    expect(type.map?.values).toBeUndefined();
  });

  test('crdSchema lets unknown fields be where they are preserved, and below', () => {
    const type = crdSchema({
      type: 'object',
      properties: {
        a: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { b: { type: 'object', properties: { c: { type: 'string' } } } },
        },
      },
    });
    expect(at(type, 'a')?.map?.values).toBeDefined();
    expect(at(type, 'a', 'b')?.map?.values).toBeDefined();
    expect(type.map?.values).toBeUndefined();
    expect(crdSchema(undefined).map?.values).toBeDefined();
    expect(crdSchema({ type: 'object', properties: {} }, { preserveUnknownFields: true }).map?.values).toBeDefined();
  });

  test('crdSchema takes numbers and strings for an int-or-string', () => {
    const type = crdSchema({ type: 'object', properties: { p: { 'x-kubernetes-int-or-string': true } } });
    expect(at(type, 'p')?.scalar).toBe('untyped');
  });
});

describe('parseJson', () => {
  test('parseJson says which members are written twice', () => {
    const { value, duplicates } = parseJson('{"a":1,"b":{"x":[{"y":1,"y":2}]}, "a":"\\u0061","c":{"\\u0064":1,"d":2}}');
    expect(value).toEqual({ a: 'a', b: { x: [{ y: 2 }] }, c: { d: 2 } });
    expect([...duplicates.values()].flat()).toEqual([
      { name: 'y', after: 1 },
      { name: 'a', after: 2 },
      { name: 'd', after: 1 },
    ]);
  });

  test('parseJson finds nothing where nothing is written twice', () => {
    for (const text of [
      '{}',
      '[]',
      '1',
      ' {"a" : [ {"b" : -1.5e3, "c":"\\"}{" } , null ] }',
      '{"__proto__":1,"constructor":2}',
    ]) {
      expect(parseJson(text)).toEqual({ value: JSON.parse(text), duplicates: new Map() });
    }
    expect(() => parseJson('{')).toThrow(SyntaxError);
  });

  test('parseJson takes texts of any depth', () => {
    const depth = 3000;
    const text = `${'{"a": '.repeat(depth)}{"b":1,"b":2}${'}'.repeat(depth)}`;
    expect([...parseJson(text).duplicates.values()].flat()).toEqual([{ name: 'b', after: 1 }]);
  });
});
