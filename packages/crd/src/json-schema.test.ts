import { expect, test } from 'vitest';
import { z } from 'zod';
import { s, toOpenApi } from './index.ts';

test('toOpenApi leaves alone what is in its form already', () => {
  const schema = {
    type: 'object',
    required: ['a'],
    properties: {
      a: { type: 'string', nullable: true, enum: ['x'] },
      b: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
      c: { type: 'integer', minimum: 1, exclusiveMinimum: true },
      d: { type: 'object', additionalProperties: { type: 'string' }, 'x-kubernetes-map-type': 'atomic' },
      e: {
        type: 'object',
        properties: { x: { type: 'string' } },
        oneOf: [{ required: ['x'] }, { not: { required: ['x'] } }],
      },
    },
    'x-kubernetes-validations': [{ rule: 'true' }],
  } as const;
  const { b, ...rest } = toOpenApi(schema).properties ?? {};
  expect(b).toEqual({ 'x-kubernetes-int-or-string': true });
  const { b: _, ...expected } = schema.properties;
  expect(rest).toEqual(expected);
});

test('toOpenApi translates newer drafts', () => {
  expect(
    toOpenApi({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'x',
      type: 'object',
      additionalProperties: false,
      properties: {
        nullable: { type: ['string', 'null'] },
        mixed: { type: ['integer', 'string'] },
        wild: { type: ['object', 'boolean'] },
        one: { const: 'a' },
        many: { enum: ['a', null] },
        above: { type: 'number', exclusiveMinimum: 3 },
        below: { type: 'integer', minimum: -9007199254740991, exclusiveMaximum: 5, maximum: 9 },
        anything: {},
        everything: true,
        open: { type: 'object', additionalProperties: true },
        unique: { type: 'array', items: { type: 'string' }, uniqueItems: true },
        maybe: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
        literals: { oneOf: [{ const: 'x' }, { const: 'y' }] },
        either: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
        shared: { $ref: '#/$defs/shared', description: 'own' },
      },
      $defs: { shared: { type: 'object', properties: { x: { $ref: '#/$defs/leaf' } } }, leaf: { type: 'boolean' } },
    }),
  ).toEqual({
    type: 'object',
    properties: {
      nullable: { type: 'string', nullable: true },
      mixed: { 'x-kubernetes-int-or-string': true },
      wild: { 'x-kubernetes-preserve-unknown-fields': true },
      one: { type: 'string', enum: ['a'] },
      many: { type: 'string', enum: ['a'], nullable: true },
      above: { type: 'number', minimum: 3, exclusiveMinimum: true },
      below: { type: 'integer', maximum: 5, exclusiveMaximum: true },
      anything: { 'x-kubernetes-preserve-unknown-fields': true },
      everything: { 'x-kubernetes-preserve-unknown-fields': true },
      open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      unique: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
      maybe: { type: 'integer', nullable: true },
      literals: { type: 'string', enum: ['x', 'y'] },
      either: { 'x-kubernetes-int-or-string': true },
      shared: { type: 'object', properties: { x: { type: 'boolean' } }, description: 'own' },
    },
  });
});

test('toOpenApi refuses what cannot be said, in one sentence', () => {
  expect(() => toOpenApi({ type: 'array', prefixItems: [{ type: 'string' }] })).toThrow(
    new TypeError('Cannot read schema: items must be one schema, got a tuple'),
  );
  expect(() => toOpenApi({ $ref: '#' })).toThrow('must not be recursive, got #');
  expect(() => toOpenApi({ $ref: 'https://example.com/x' })).toThrow('$ref must be local, got https://example.com/x');
  expect(() => toOpenApi({ $ref: '#/$defs/none' })).toThrow('$ref must lead somewhere, got #/$defs/none');
  expect(() => toOpenApi({ properties: { a: 5 } })).toThrow(
    'Cannot read schema: properties.a must be an object, got 5',
  );
});

test('toOpenApi refuses what contains itself, or is nested too deeply, and shows nothing of what is no schema', () => {
  const itself: Record<string, unknown> = { type: 'object' };
  itself.properties = { child: { type: 'array', items: itself } };
  let deep: Record<string, unknown> = { type: 'string' };
  for (let level = 0; level < 20_000; level++) deep = { type: 'array', items: deep };
  for (const schema of [itself, deep]) {
    expect(() => toOpenApi(schema)).toThrow(
      new TypeError('Cannot read schema: it must not contain itself, got more than 500 levels'),
    );
  }
  for (const [schema, got] of [
    [10n, 'a bigint'] as const,
    [[{ password: 'x' }], 'an array of other values'] as const,
  ]) {
    expect(() => toOpenApi(schema as never)).toThrow(
      new TypeError(`Cannot read schema: it must be an object, got ${got}`),
    );
  }
});

test('toOpenApi takes a schema that stands in many places of another', () => {
  let shared: Record<string, unknown> = { type: 'string' };
  for (let level = 0; level < 10; level++) shared = { type: 'object', properties: { a: shared, b: shared } };
  expect(toOpenApi(shared)).toEqual(shared);
});

test('toOpenApi passes over what is legal and has no counterpart', () => {
  const notes = {
    $id: 'x',
    $comment: 'c',
    examples: ['a'],
    deprecated: true,
    readOnly: true,
    'x-mine': 1,
    '~kind': 'String',
  };
  const schema = {
    ...{ $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'T', description: 'D', ...notes },
    type: 'object',
    properties: { a: { type: 'string', contentEncoding: 'base64', ...notes }, type: { type: 'string' } },
    propertyNames: { type: 'string' },
    'x-kubernetes-patch-merge-key': 'a',
  };
  expect(toOpenApi(schema)).toEqual({
    ...{ title: 'T', description: 'D', type: 'object' },
    properties: { a: { type: 'string' }, type: { type: 'string' } },
  });
});

test('toOpenApi takes what zod writes, with notes of any name, but not the schema that wrote it', () => {
  const schema = z.object({ a: z.string().meta({ colour: 'red' }) });
  const expected = { type: 'object', required: ['a'], properties: { a: { type: 'string' } } };
  expect(toOpenApi(z.toJSONSchema(schema))).toEqual(expected);
  expect(toOpenApi({ type: 'object', properties: { b: z.toJSONSchema(schema) } }).properties).toEqual({ b: expected });
  expect(toOpenApi({ type: 'object', allOf: [z.toJSONSchema(schema)] }).allOf).toEqual([expected]);
  expect(() => toOpenApi({ type: 'object', properties: { b: schema } })).toThrow(
    'properties.b must be JSON Schema, got a schema made by s or a library',
  );
});

test.each<[string, Record<string, unknown>]>([
  ['it must be JSON Schema, got the unknown keyword "propertes"; did you mean "properties"?', { propertes: {} }],
  [
    'properties.a must be JSON Schema, got the unknown keyword "minlength"; did you mean "minLength"?',
    { properties: { a: { type: 'string', minlength: 1 } } },
  ],
  [
    'items.not must be JSON Schema, got the unknown keyword "enums"; did you mean "enum"?',
    { items: { not: { enums: [] } } },
  ],
  [
    'additionalProperties must be JSON Schema, got the unknown keyword "typ"; did you mean "type"?',
    { additionalProperties: { typ: 'string' } },
  ],
  [
    'anyOf[1] must be JSON Schema, got the unknown keyword "descripton"; did you mean "description"?',
    { anyOf: [{ const: 1 }, { const: 2, descripton: 'two' }] },
  ],
  [
    'properties.a must be JSON Schema, got the unknown keyword "maximun"; did you mean "maximum"?',
    { properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { type: 'integer', maximun: 1 } } },
  ],
  [
    'it must be JSON Schema, got the unknown keyword "x-kubernetes-list-typ"; did you mean "x-kubernetes-list-type"?',
    { 'x-kubernetes-list-typ': 'set' },
  ],
  [
    'properties.a must be JSON Schema, got a schema made by s or a library; write the whole with that, or the whole as JSON Schema',
    { properties: { a: s.string() } },
  ],
  ['properties must be an object, got an array', { properties: ['a'] }],
  ['additionalProperties must be an object or true or false, got "no"', { additionalProperties: 'no' }],
  ['anyOf must be an array, got an object', { anyOf: { type: 'string' } }],
])('toOpenApi drops nothing in silence: %s', (message, schema) => {
  expect(() => toOpenApi({ type: 'object', ...schema })).toThrow(new TypeError(`Cannot read schema: ${message}`));
});
