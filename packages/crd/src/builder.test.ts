import type { Condition } from '@bowline/apimachinery';
import { expect, expectTypeOf, test } from 'vitest';
import { type InputOf, type OutputOf, s } from './index.ts';

test('s builds every kind of schema that a definition can have', () => {
  const schema = s.object(
    {
      text: s.string({ minLength: 1, maxLength: 5, pattern: '^a', format: 'ipv4', description: 'A text.' }),
      whole: s.integer({ minimum: 0, maximum: 9, exclusiveMaximum: true, multipleOf: 3, format: 'int32' }),
      real: s.number({ minimum: 0.5 }).optional(),
      flag: s.boolean().default(false),
      choice: s.enum(['A', 'B']).describe('One of two.'),
      list: s.array(s.string(), { minItems: 1, maxItems: 2, listType: 'set' }),
      keyed: s.array(s.object({ name: s.string() }), { listType: 'map', listMapKeys: ['name'] }),
      labels: s.map(s.string().nullable(), { maxProperties: 3 }),
      port: s.intOrString(),
      size: s.quantity(),
      when: s.dateTime(),
      any: s.preserveUnknown(),
      template: s.embeddedResource(),
      own: s.json<`x-${string}`>({ type: 'string', pattern: '^x-' }),
    },
    { minProperties: 1, mapType: 'atomic', preserveUnknown: true },
  );
  expect(schema.json).toEqual({
    type: 'object',
    minProperties: 1,
    'x-kubernetes-map-type': 'atomic',
    'x-kubernetes-preserve-unknown-fields': true,
    required: [
      ...['text', 'whole', 'choice', 'list', 'keyed', 'labels', 'port', 'size', 'when', 'any', 'template', 'own'],
    ],
    properties: {
      text: { type: 'string', minLength: 1, maxLength: 5, pattern: '^a', format: 'ipv4', description: 'A text.' },
      whole: { type: 'integer', minimum: 0, maximum: 9, exclusiveMaximum: true, multipleOf: 3, format: 'int32' },
      real: { type: 'number', minimum: 0.5 },
      flag: { type: 'boolean', default: false },
      choice: { type: 'string', enum: ['A', 'B'], description: 'One of two.' },
      list: {
        ...{ type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 2 },
        'x-kubernetes-list-type': 'set',
      },
      keyed: {
        type: 'array',
        items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      },
      labels: { type: 'object', additionalProperties: { type: 'string', nullable: true }, maxProperties: 3 },
      port: { 'x-kubernetes-int-or-string': true },
      size: {
        'x-kubernetes-int-or-string': true,
        anyOf: [{ type: 'integer' }, { type: 'string' }],
        pattern: expect.stringContaining('[KMGTPE]i'),
      },
      when: { type: 'string', format: 'date-time' },
      any: { 'x-kubernetes-preserve-unknown-fields': true },
      template: {
        ...{ type: 'object', 'x-kubernetes-embedded-resource': true },
        'x-kubernetes-preserve-unknown-fields': true,
      },
      own: { type: 'string', pattern: '^x-' },
    },
  });
  type Out = OutputOf<typeof schema>;
  expectTypeOf<Out['real']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Out['flag']>().toEqualTypeOf<boolean>();
  expectTypeOf<InputOf<typeof schema>['flag']>().toEqualTypeOf<boolean | undefined>();
  expectTypeOf<Out['choice']>().toEqualTypeOf<'A' | 'B'>();
  expectTypeOf<Out['keyed']>().toEqualTypeOf<readonly { readonly name: string }[]>();
  expectTypeOf<Out['labels']>().toEqualTypeOf<Readonly<Record<string, string | null>>>();
  expectTypeOf<Out['port']>().toEqualTypeOf<number | string>();
  expectTypeOf<Out['own']>().toEqualTypeOf<`x-${string}`>();
});

test('Schema methods return new schemas and leave the old one as it is', () => {
  const plain = s.string();
  const full = plain
    .nullable()
    .describe('d')
    .rule('self != ""', 'not empty')
    .rule({ rule: 'true', reason: 'FieldValueForbidden' });
  expect(plain.json).toEqual({ type: 'string' });
  expect(full.json).toEqual({
    type: 'string',
    nullable: true,
    description: 'd',
    'x-kubernetes-validations': [
      { rule: 'self != ""', message: 'not empty' },
      { rule: 'true', reason: 'FieldValueForbidden' },
    ],
  });
  expect([plain.presence, plain.optional().presence, plain.default('x').presence]).toEqual([
    ...['required', 'optional', 'defaulted'],
  ]);
  expect(s.integer().keywords({ not: { multipleOf: 2 } }).json).toEqual({ type: 'integer', not: { multipleOf: 2 } });
  // @ts-expect-error: a default has the type of the schema
  expect(() => s.integer().default('x')).toThrow('value must be a whole number');
});

test('s.conditions is a map of conditions by type', () => {
  const schema = s.conditions();
  expectTypeOf<OutputOf<typeof schema>>().toEqualTypeOf<readonly Condition[]>();
  expect(schema.json).toMatchObject({
    ...{ type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] },
    items: { required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'] },
  });
});
