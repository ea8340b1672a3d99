import { expect, test } from 'vitest';
import { toOpenApi } from './index.ts';

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
  expect(() => toOpenApi({ properties: { a: 5 } })).toThrow('it must be an object, got 5');
});
