import type { JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import type { Draft, Kind, ObjectMeta, ObjectOf } from '@bowline/apimachinery';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { CrdError, defineCrd, s } from './index.ts';

const TsTest = defineCrd({
  group: 'stable.example.com',
  version: 'v1',
  kind: 'TsTest',
  shortNames: ['ts'],
  spec: s.object({
    deploymentName: s.string(),
    replicas: s.integer({ minimum: 0 }).default(1),
    image: s.string().default('nginx'),
    cronSpec: s.string().optional(),
  }),
  status: s.object({
    readyReplicas: s.integer().optional(),
    observedGeneration: s.integer().optional(),
    conditions: s.conditions().optional(),
  }),
  subresources: { scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.readyReplicas' } },
  printerColumns: [
    { name: 'Deployment', type: 'string', jsonPath: '.spec.deploymentName' },
    { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
  ],
});
type TsTest = ObjectOf<typeof TsTest>;

const draft: Draft<TsTest> = { metadata: { name: 'web', namespace: 'default' }, spec: { deploymentName: 'web' } };

function caught(run: () => unknown): CrdError {
  try {
    run();
  } catch (error) {
    if (error instanceof CrdError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('defineCrd gives a handle: One source for kind, manifest and behaviour', () => {
  expect(TsTest).toMatchObject({
    group: 'stable.example.com',
    version: 'v1',
    kind: 'TsTest',
    resource: 'tstests',
    apiVersion: 'stable.example.com/v1',
    scope: 'Namespaced',
    subresources: ['scale', 'status'],
  });
  expect(TsTest.manifest()).toEqual({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'tstests.stable.example.com' },
    spec: {
      group: 'stable.example.com',
      names: { kind: 'TsTest', listKind: 'TsTestList', plural: 'tstests', singular: 'tstest', shortNames: ['ts'] },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              required: ['spec'],
              properties: {
                spec: {
                  type: 'object',
                  required: ['deploymentName'],
                  properties: {
                    deploymentName: { type: 'string' },
                    replicas: { type: 'integer', minimum: 0, default: 1 },
                    image: { type: 'string', default: 'nginx' },
                    cronSpec: { type: 'string' },
                  },
                },
                status: expect.objectContaining({ type: 'object' }),
              },
            },
          },
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.readyReplicas' },
          },
          additionalPrinterColumns: [
            { name: 'Deployment', type: 'string', jsonPath: '.spec.deploymentName' },
            { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
          ],
        },
      ],
    },
  });
});

test('defineCrd infers types: Typed both ways, defaults are there when read and may be left out when sent', () => {
  expectTypeOf(TsTest).toExtend<Kind<TsTest>>();
  expectTypeOf<TsTest['apiVersion']>().toEqualTypeOf<'stable.example.com/v1'>();
  expectTypeOf<TsTest['kind']>().toEqualTypeOf<'TsTest'>();
  expectTypeOf<TsTest['metadata']>().toEqualTypeOf<ObjectMeta>();
  expectTypeOf<TsTest['spec']>().toEqualTypeOf<{
    readonly deploymentName: string;
    readonly replicas: number;
    readonly image: string;
    readonly cronSpec?: string | undefined;
  }>();
  expectTypeOf<NonNullable<TsTest['status']>['readyReplicas']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Draft<TsTest>['spec']>().toEqualTypeOf<{
    readonly deploymentName: string;
    readonly replicas?: number | undefined;
    readonly image?: string | undefined;
    readonly cronSpec?: string | undefined;
  }>();
  // @ts-expect-error: deploymentName is missing
  const missing: Draft<TsTest> = { metadata: {}, spec: { replicas: 1 } };
  // @ts-expect-error: replicas is a number
  const wrong: Draft<TsTest> = { metadata: {}, spec: { deploymentName: 'web', replicas: '1' } };
  // @ts-expect-error: image is not known to be there in a draft
  const image: string = draft.spec.image;
  expect([missing, wrong, image]).toHaveLength(3);
});

describe('CustomKind', () => {
  test('default fills in what the schema says and the type fields', () => {
    expect(TsTest.default(draft)).toEqual({
      apiVersion: 'stable.example.com/v1',
      kind: 'TsTest',
      metadata: { name: 'web', namespace: 'default' },
      spec: { deploymentName: 'web', replicas: 1, image: 'nginx' },
    });
  });

  test('prune takes away what has no schema', () => {
    const odd = { ...draft, spec: { ...draft.spec, colour: 'red' } };
    expect(TsTest.prune(odd)).toEqual(draft);
  });

  test('validate says what is wrong with an object, scale paths included', () => {
    const errors = TsTest.validate({ ...draft, spec: { deploymentName: 'web', replicas: -1 } });
    expect(errors.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or equal to 0',
      '.spec.replicas: Invalid value: -1: should be a non-negative integer',
    ]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'Sendable: validate and parse refuse %d with the name of the field: JSON has no such number',
    (number) => {
      const Ratio = defineCrd({
        ...{ group: 'example.com', version: 'v1', kind: 'Ratio' },
        spec: s.object({
          ...{ ratio: s.number(), count: s.integer({ minimum: 0 }), list: s.array(s.number()), map: s.map(s.number()) },
          ...{ either: s.intOrString(), any: s.preserveUnknown() },
        }),
      });
      const spec = { ratio: number, count: number, list: [1, number], map: { x: number }, either: number };
      const object = { metadata: { generation: number }, spec: { ...spec, any: { deep: [{ x: number }] } } };
      const message = `Invalid value: ${number}: must be a finite number: JSON has no other`;
      expect(Ratio.validate(object).map((error) => [error.field, error.message])).toEqual(
        [
          ...['metadata.generation', 'spec.ratio', 'spec.count', 'spec.list[1]', 'spec.map.x', 'spec.either'],
          'spec.any.deep[0].x',
        ].map((field) => [field, message]),
      );
      expect(Ratio.validate(object, object)).toHaveLength(7);
      expect(caught(() => Ratio.parse(object)).errors.map(({ field }) => field)).toContain('spec.ratio');
    },
  );

  test('validate ends at a cycle where anything goes', () => {
    const Any = defineCrd({
      ...{ group: 'example.com', version: 'v1', kind: 'Any', spec: s.object({ any: s.preserveUnknown() }) },
    });
    const any: Record<string, unknown> = { number: Number.NaN };
    any.self = any;
    expect(Any.validate({ spec: { any } }).map(({ field }) => field)).toEqual(['spec.any.number']);
  });

  test('parse does what a server does to a new object', () => {
    const test = TsTest.parse({ ...draft, spec: { deploymentName: 'web', colour: 'red' } });
    expectTypeOf(test).toEqualTypeOf<TsTest>();
    expect(test.spec).toEqual({ deploymentName: 'web', replicas: 1, image: 'nginx' });
  });

  test('parse throws CRD_INVALID_OBJECT with every error', () => {
    const error = caught(() => TsTest.parse({ metadata: {}, spec: { replicas: 'two' } }));
    expect(error.code).toBe('CRD_INVALID_OBJECT');
    expect(error.errors.map(({ type, field }) => [type, field])).toEqual([
      ['FieldValueTypeInvalid', 'spec.replicas'],
      ['FieldValueRequired', 'spec.deploymentName'],
      ['FieldValueInvalid', '.spec.replicas'],
    ]);
    expect(error.message).toContain(
      'Cannot parse TsTest: [spec.replicas: Invalid value: "string": spec.replicas in body',
    );
  });

  test('its methods leave what they are given Untouched, and the manifest is frozen', () => {
    const given = Object.freeze({
      metadata: Object.freeze({}),
      spec: Object.freeze({ deploymentName: 'web', odd: 1 }),
    });
    TsTest.default(given);
    TsTest.prune(given);
    TsTest.parse(given);
    expect(given).toEqual({ metadata: {}, spec: { deploymentName: 'web', odd: 1 } });
    expect(Object.isFrozen(TsTest.manifest().spec.versions[0]?.schema)).toBe(true);
  });
});

describe('defineCrd', () => {
  const plain = { group: 'example.com', version: 'v1', kind: 'Thing', spec: s.object({ a: s.string() }) } as const;

  test('refuses what a server would refuse: Refused early', () => {
    const bad = caught(() => defineCrd({ ...plain, spec: s.object({ a: s.integer().keywords({ default: 'x' }) }) }));
    expect(bad.code).toBe('CRD_INVALID_DEFINITION');
    expect(bad.message).toBe(
      'Cannot define Thing: spec.validation.openAPIV3Schema.properties[spec].properties[a].default: Invalid value: "string":  in body must be of type integer: "string"',
    );
    expect(() => defineCrd({ ...plain, group: 'example' })).toThrow('should be a domain with at least one dot');
    expect(() => defineCrd({ ...plain, spec: s.object({ a: s.string({ pattern: '(?=x)' }) }) })).toThrow(
      'error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    );
    expect(() => defineCrd({ ...plain, shortNames: ['T T'] })).toThrow('spec.names.shortNames[0]');
  });

  test('finds plurals, unless it is told', () => {
    const plural = (kind: string): string => defineCrd({ ...plain, kind }).resource;
    expect(['Thing', 'Policy', 'Ingress', 'Gateway', 'Box', 'Batch'].map(plural)).toEqual([
      ...['things', 'policies', 'ingresses', 'gateways', 'boxes', 'batches'],
    ]);
    expect(defineCrd({ ...plain, plural: 'thingies', singular: 'thingy' }).manifest().spec.names).toMatchObject({
      ...{ plural: 'thingies', singular: 'thingy', kind: 'Thing', listKind: 'ThingList' },
    });
  });

  test('takes a cluster scope, categories, labels, rules, selectable fields and deprecation', () => {
    const manifest = defineCrd({
      ...plain,
      scope: 'Cluster',
      categories: ['all'],
      labels: { team: 'a' },
      annotations: { note: 'b' },
      description: 'A thing.',
      rules: [{ rule: 'self.spec.a != ""', message: 'a must not be empty' }],
      selectableFields: [{ jsonPath: '.spec.a' }],
      deprecated: 'use v2',
    }).manifest();
    expect(manifest.metadata).toMatchObject({ labels: { team: 'a' }, annotations: { note: 'b' } });
    expect(manifest.spec).toMatchObject({ scope: 'Cluster', names: { categories: ['all'] } });
    expect(manifest.spec.versions[0]).toMatchObject({
      deprecated: true,
      deprecationWarning: 'use v2',
      selectableFields: [{ jsonPath: '.spec.a' }],
      schema: {
        openAPIV3Schema: {
          description: 'A thing.',
          'x-kubernetes-validations': [{ rule: 'self.spec.a != ""', message: 'a must not be empty' }],
        },
      },
    });
  });

  test('has the status subresource when status has a schema, unless it is told', () => {
    const status = s.object({ ready: s.boolean().optional() });
    expect(defineCrd(plain).subresources).toEqual([]);
    expect(defineCrd({ ...plain, status }).subresources).toEqual(['status']);
    expect(defineCrd({ ...plain, status, subresources: { status: false } }).subresources).toEqual([]);
  });

  test('asks for the spec unless it is optional or has a default', () => {
    const optional = defineCrd({ ...plain, spec: plain.spec.optional() });
    const defaulted = defineCrd({ ...plain, spec: s.object({ a: s.string().default('x') }).default({}) });
    expectTypeOf<ObjectOf<typeof optional>['spec']>().toEqualTypeOf<{ readonly a: string } | undefined>();
    expectTypeOf<ObjectOf<typeof defaulted>['spec']>().toEqualTypeOf<{ readonly a: string }>();
    expectTypeOf<Draft<ObjectOf<typeof defaulted>>['spec']>().toEqualTypeOf<
      { readonly a?: string | undefined } | undefined
    >();
    expect(
      defineCrd(plain)
        .validate({})
        .map(({ field }) => field),
    ).toEqual(['spec']);
    expect(optional.validate({})).toEqual([]);
    expect(defaulted.parse({ metadata: {} }).spec).toEqual({ a: 'x' });
  });

  test('takes members beside spec and status', () => {
    const Role = defineCrd({
      ...{ group: 'example.com', version: 'v1', kind: 'Thing' },
      properties: { rules: s.array(s.string()), note: s.string().optional() },
    });
    type Role = ObjectOf<typeof Role>;
    expectTypeOf<Pick<Role, 'rules' | 'note'>>().toEqualTypeOf<{
      readonly rules: readonly string[];
      readonly note?: string | undefined;
    }>();
    expect(Role.validate({ rules: 5 }).map(({ field }) => field)).toEqual(['rules']);
    expect(Role.validate({}).map(({ field }) => field)).toEqual(['rules']);
  });

  test('takes several versions, each with its own handle and type', () => {
    const Multi = defineCrd({
      ...{ group: 'example.com', kind: 'Thing', storage: 'v1' },
      versions: {
        v1: { spec: s.object({ name: s.string() }) },
        v1beta1: { spec: s.object({ title: s.string() }), deprecated: true, served: false },
      },
    });
    type Multi = ObjectOf<typeof Multi>;
    const Beta = Multi.at('v1beta1');
    type Beta = ObjectOf<typeof Beta>;
    expectTypeOf<Multi['spec']>().toEqualTypeOf<{ readonly name: string }>();
    expectTypeOf<Beta['spec']>().toEqualTypeOf<{ readonly title: string }>();
    expectTypeOf<Beta['apiVersion']>().toEqualTypeOf<'example.com/v1beta1'>();
    expect([Multi.apiVersion, Beta.apiVersion, Multi.versions]).toEqual([
      ...['example.com/v1', 'example.com/v1beta1', ['v1', 'v1beta1']],
    ]);
    expect(Multi.manifest().spec.versions.map(({ name, storage, served }) => [name, storage, served])).toEqual([
      ['v1', true, true],
      ['v1beta1', false, false],
    ]);
    expect(Beta.validate({ spec: { title: 5 } }).map(({ field }) => field)).toEqual(['spec.title']);
    // @ts-expect-error: there is no such version
    expect(() => Multi.at('v2')).toThrow('Cannot find Thing: version must be one of v1, v1beta1, got v2');
    expect(() => defineCrd({ group: 'example.com', kind: 'Thing', storage: 'v2', versions: { v1: {} } })).toThrow(
      'Cannot define Thing: storage must be one of v1, got v2',
    );
  });
});

describe('defineCrd takes Any schema', () => {
  test('of zod, by Standard JSON Schema', () => {
    const Backup = defineCrd({
      group: 'example.com',
      version: 'v1',
      kind: 'Backup',
      spec: z.object({
        volume: z.string().min(1),
        keep: z.int().min(1).default(7),
        tags: z.record(z.string(), z.string()).optional(),
        mode: z.enum(['full', 'delta']).nullable(),
        port: z.union([z.literal('a'), z.literal('b')]),
      }),
    });
    type Backup = ObjectOf<typeof Backup>;
    expectTypeOf<Backup['spec']['keep']>().toEqualTypeOf<number>();
    expectTypeOf<Draft<Backup>['spec']['keep']>().toEqualTypeOf<number | undefined>();
    expect(Backup.manifest().spec.versions[0]?.schema?.openAPIV3Schema?.properties?.spec).toEqual({
      type: 'object',
      required: ['volume', 'mode', 'port'],
      properties: {
        volume: { type: 'string', minLength: 1 },
        keep: { type: 'integer', minimum: 1, default: 7 },
        tags: { type: 'object', additionalProperties: { type: 'string' } },
        mode: { type: 'string', enum: ['full', 'delta'], nullable: true },
        port: { type: 'string', enum: ['a', 'b'] },
      },
    });
    expect(Backup.parse({ metadata: {}, spec: { volume: 'v', mode: 'full', port: 'a' } }).spec.keep).toBe(7);
  });

  test('plain JSON Schema, typed from the literal', () => {
    const Job = defineCrd({
      group: 'example.com',
      version: 'v1',
      kind: 'Job',
      spec: {
        type: 'object',
        required: ['name', 'level'],
        properties: {
          name: { type: 'string' },
          level: { type: 'string', enum: ['low', 'high'] },
          retries: { type: 'integer', default: 3 },
          hosts: { type: 'array', items: { 'x-kubernetes-int-or-string': true } },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
          note: { type: 'string', nullable: true },
        },
      },
    });
    type Job = ObjectOf<typeof Job>;
    expectTypeOf<Job['spec']>().toEqualTypeOf<{
      readonly name: string;
      readonly level: 'low' | 'high';
      readonly retries: number;
      readonly hosts?: readonly (number | string)[] | undefined;
      readonly labels?: Readonly<Record<string, string>> | undefined;
      readonly note?: string | null | undefined;
    }>();
    expectTypeOf<Draft<Job>['spec']['retries']>().toEqualTypeOf<number | undefined>();
    expect(Job.parse({ metadata: {}, spec: { name: 'a', level: 'low' } }).spec.retries).toBe(3);
  });

  test('of zod with notes of any name, and what zod writes as JSON Schema', () => {
    const spec = z
      .object({ a: z.string().meta({ examples: ['x'], colour: 'red' }), b: z.record(z.string(), z.int()) })
      .meta({ id: 'Spec', title: 'Spec', deprecated: true });
    const names = { group: 'example.com', version: 'v1', kind: 'Noted' } as const;
    const properties = {
      a: { type: 'string' },
      b: { type: 'object', additionalProperties: { type: 'integer' } },
    };
    const written = z.toJSONSchema(
      z.object({ a: z.string().meta({ examples: ['x'] }), b: z.record(z.string(), z.int()) }),
    );
    for (const source of [spec, z.toJSONSchema(spec), { ...written }]) {
      const root = defineCrd({ ...names, spec: source }).manifest().spec.versions[0]?.schema?.openAPIV3Schema;
      expect(root?.properties?.spec).toMatchObject({ type: 'object', properties });
    }
  });

  test('Nothing dropped in silence: no members that nobody wrapped in an object schema, not when it compiles, and not when it runs', () => {
    const names = { group: 'example.com', version: 'v1', kind: 'Raw' } as const;
    const several = { group: 'example.com', kind: 'Raw', storage: 'v1' } as const;
    const calls: (() => unknown)[] = [
      // @ts-expect-error: members, not wrapped in s.object
      () => defineCrd({ ...names, spec: { replicas: s.integer() } }),
      // @ts-expect-error: members of zod, not wrapped in z.object
      () => defineCrd({ ...names, status: { ready: z.boolean() } }),
      // @ts-expect-error: no keyword of JSON Schema
      () => defineCrd({ ...names, spec: { a: 1 } }),
      // @ts-expect-error: members, not wrapped in s.object
      () => defineCrd({ ...names, properties: { rules: { a: s.string() } } }),
      // @ts-expect-error: members, not wrapped in s.object
      () => defineCrd({ ...several, versions: { v1: { spec: { replicas: s.integer() } } } }),
    ];
    for (const call of calls) expect(call).toThrow(TypeError);
    const untyped: Record<string, unknown> = { type: 'object' };
    const typed: JSONSchemaProps = { type: 'object' };
    expect([untyped, typed].map((spec) => defineCrd({ ...names, spec }).resource)).toEqual(['raws', 'raws']);
  });
});
