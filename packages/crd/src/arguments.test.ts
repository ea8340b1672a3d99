import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineCrd, s } from './index.ts';

type Wrong = (...args: unknown[]) => unknown;
const define = defineCrd as unknown as Wrong;
const build = s as unknown as Record<keyof typeof s, Wrong>;
const plain = { group: 'example.com', version: 'v1', kind: 'Thing' };
const several = { group: 'example.com', kind: 'Thing', storage: 'v1' };
const schema = 'a schema (made by s, by a library with Standard JSON Schema, or JSON Schema)';

const objectSchema = "must be an object schema (s.object(…), s.preserveUnknown() or JSON Schema with type: 'object')";
const shape = (member: string): string =>
  `must be JSON Schema or a schema, got an object of schemas ("${member}"); wrap it in s.object(…), or in the object schema of the library that made them`;

test.each<[() => unknown, typeof TypeError | typeof RangeError, string]>([
  [() => define(), TypeError, 'Cannot define a custom resource: definition must be an object, got undefined'],
  [
    () => define({}),
    TypeError,
    'Cannot define a custom resource: definition.group must be a non-empty string, got undefined',
  ],
  [
    () => define({ ...plain, group: '' }),
    RangeError,
    'Cannot define Thing: definition.group must be a non-empty string, got ""',
  ],
  [
    () => define({ ...plain, kind: 5 }),
    TypeError,
    'Cannot define a custom resource: definition.kind must be a non-empty string, got 5',
  ],
  [
    () => define({ ...plain, version: undefined }),
    TypeError,
    'Cannot define Thing: definition.version must be a non-empty string, got undefined',
  ],
  [
    () => define({ ...plain, plural: '' }),
    RangeError,
    'Cannot define Thing: definition.plural must be a non-empty string, got ""',
  ],
  [
    () => define({ ...plain, specs: s.object({}) }),
    TypeError,
    'Cannot define Thing: definition must have known names, got "specs"; did you mean "spec"?',
  ],
  [
    () => define({ ...plain, spec: 'string' }),
    TypeError,
    `Cannot define Thing: definition.spec must be ${schema}, got "string"`,
  ],
  [
    () => define({ ...plain, spec: s.string }),
    TypeError,
    `Cannot define Thing: definition.spec must be ${schema}, got a function`,
  ],
  [
    () => define({ ...plain, status: { '~standard': {} } }),
    TypeError,
    `Cannot define Thing: definition.status must be ${schema}, got an object`,
  ],
  [
    () => define({ ...plain, properties: { a: 1 } }),
    TypeError,
    `Cannot define Thing: definition.properties.a must be ${schema}, got 1`,
  ],
  [
    () => define({ ...plain, spec: { replicas: s.integer() } }),
    TypeError,
    `Cannot define Thing: definition.spec ${shape('replicas')}`,
  ],
  [
    () => define({ ...plain, spec: { type: s.string(), title: s.string() } }),
    TypeError,
    `Cannot define Thing: definition.spec ${shape('type')}`,
  ],
  [
    () => define({ ...plain, spec: { presence: s.string(), json: s.string() } }),
    TypeError,
    `Cannot define Thing: definition.spec ${shape('presence')}`,
  ],
  [
    () => define({ ...plain, status: { ready: z.boolean() } }),
    TypeError,
    `Cannot define Thing: definition.status ${shape('ready')}`,
  ],
  [
    () => define({ ...several, versions: { v1: { spec: { a: s.string() } } } }),
    TypeError,
    `Cannot define Thing: definition.versions.v1.spec ${shape('a')}`,
  ],
  [
    () => define({ ...plain, properties: { rules: { a: s.string() } } }),
    TypeError,
    `Cannot define Thing: definition.properties.rules ${shape('a')}`,
  ],
  [
    () => define({ ...plain, spec: { a: 1 } }),
    TypeError,
    'Cannot define Thing: definition.spec must be JSON Schema, got the unknown keyword "a"; names of your own begin with "x-", members go into s.object(…)',
  ],
  [
    () => define({ ...plain, spec: { type: 'object', propertes: {} } }),
    TypeError,
    'Cannot define Thing: definition.spec must be JSON Schema, got the unknown keyword "propertes"; did you mean "properties"?',
  ],
  [
    () => define({ ...plain, spec: { type: 'object', properties: { a: { type: 'string', minlength: 1 } } } }),
    TypeError,
    'Cannot define Thing: definition.spec.properties.a must be JSON Schema, got the unknown keyword "minlength"; did you mean "minLength"?',
  ],
  [
    () => define({ ...plain, spec: s.string() }),
    TypeError,
    `Cannot define Thing: definition.spec ${objectSchema}, got a schema of type string`,
  ],
  [
    () => define({ ...plain, spec: z.string() }),
    TypeError,
    `Cannot define Thing: definition.spec ${objectSchema}, got a schema of type string`,
  ],
  [
    () => define({ ...plain, status: { type: 'array', items: { type: 'string' } } }),
    TypeError,
    `Cannot define Thing: definition.status ${objectSchema}, got a schema of type array`,
  ],
  [
    () => define({ ...plain, spec: { properties: { a: { type: 'string' } } } }),
    TypeError,
    `Cannot define Thing: definition.spec ${objectSchema}, got a schema without a type`,
  ],
  [
    () => define({ ...plain, spec: {} }),
    TypeError,
    `Cannot define Thing: definition.spec ${objectSchema}, got an empty schema`,
  ],
  [
    () => define({ ...plain, scope: 'namespaced' }),
    RangeError,
    'Cannot define Thing: definition.scope must be "Namespaced" or "Cluster", got "namespaced"',
  ],
  [
    () => define({ ...plain, shortNames: 'th' }),
    TypeError,
    'Cannot define Thing: definition.shortNames must be an array of strings, got "th"',
  ],
  [
    () => define({ ...plain, printerColumns: [{ name: 'A', type: 'string', jsonpath: '.a' }] }),
    TypeError,
    'Cannot define Thing: definition.printerColumns[0] must have known names, got "jsonpath"; did you mean "jsonPath"?',
  ],
  [
    () => define({ ...plain, subresources: { scale: {} } }),
    TypeError,
    'Cannot define Thing: definition.subresources.scale.specReplicasPath must be a string, got undefined',
  ],
  [
    () => define({ ...plain, served: 'yes' }),
    TypeError,
    'Cannot define Thing: definition.served must be true or false, got "yes"',
  ],
  [
    () => define({ ...several, versions: undefined }),
    TypeError,
    'Cannot define Thing: definition.versions must be an object, got undefined',
  ],
  [
    () => define({ ...several, versions: { v1: { spce: {} } } }),
    TypeError,
    'Cannot define Thing: definition.versions.v1 must have known names, got "spce"; did you mean "spec"?',
  ],
  [
    () => define({ ...several, storage: undefined, versions: { v1: {} } }),
    TypeError,
    'Cannot define Thing: definition.storage must be a non-empty string, got undefined',
  ],
  [
    () => build.string({ maxLenght: 5 }),
    TypeError,
    'Cannot make s.string(): options must have known names, got "maxLenght"; did you mean "maxLength"?',
  ],
  [() => build.string('text'), TypeError, 'Cannot make s.string(): options must be an object, got "text"'],
  [
    () => build.string({ minLength: -1 }),
    RangeError,
    'Cannot make s.string(): minLength must be a whole number, 0 or more, got -1',
  ],
  [
    () => build.string({ minLength: 3, maxLength: 2 }),
    RangeError,
    'Cannot make s.string(): minLength must be at most maxLength (2), got 3',
  ],
  [
    () => build.string({ pattern: /a/ }),
    TypeError,
    'Cannot make s.string(): pattern must be a string, got an object (RegExp)',
  ],
  [
    () => build.integer({ minimun: 1 }),
    TypeError,
    'Cannot make s.integer(): options must have known names, got "minimun"; did you mean "minimum"?',
  ],
  [
    () => build.integer({ minimum: Number.NaN }),
    RangeError,
    'Cannot make s.integer(): minimum must be a finite number, got NaN',
  ],
  [
    () => build.number({ maximum: Number.POSITIVE_INFINITY }),
    RangeError,
    'Cannot make s.number(): maximum must be a finite number, got Infinity',
  ],
  [() => build.number({ minimum: '1' }), TypeError, 'Cannot make s.number(): minimum must be a finite number, got "1"'],
  [
    () => build.number({ minimum: 2, maximum: 1 }),
    RangeError,
    'Cannot make s.number(): minimum must be at most maximum (1), got 2',
  ],
  [
    () => build.number({ multipleOf: 0 }),
    RangeError,
    'Cannot make s.number(): multipleOf must be a finite number, more than 0, got 0',
  ],
  [
    () => build.number({ exclusiveMinimum: 1 }),
    TypeError,
    'Cannot make s.number(): exclusiveMinimum must be true or false, got 1',
  ],
  [
    () => build.boolean({ default: true }),
    TypeError,
    'Cannot make s.boolean(): options must have known names, got "default"; there are description, title',
  ],
  [
    () => build.enum(),
    TypeError,
    'Cannot make s.enum(): values must be an array of at least one string, got undefined',
  ],
  [
    () => build.enum([]),
    RangeError,
    'Cannot make s.enum(): values must be an array of at least one string, got an array',
  ],
  [() => build.enum(['a', 1]), TypeError, 'Cannot make s.enum(): values[1] must be a string, got 1'],
  [() => build.object(), TypeError, 'Cannot make s.object(): members must be an object, got undefined'],
  [
    () => build.object({ a: 'string' }),
    TypeError,
    'Cannot make s.object(): members.a must be a schema (made by s), got "string"',
  ],
  [
    () => build.object({ a: s.string }),
    TypeError,
    'Cannot make s.object(): members.a must be a schema (made by s), got a function',
  ],
  [
    () => build.object({}, { preserveUnknow: true }),
    TypeError,
    'Cannot make s.object(): options must have known names, got "preserveUnknow"; did you mean "preserveUnknown"?',
  ],
  [
    () => build.object({}, { minProperties: 2, maxProperties: 1 }),
    RangeError,
    'Cannot make s.object(): minProperties must be at most maxProperties (1), got 2',
  ],
  [() => build.map(), TypeError, 'Cannot make s.map(): values must be a schema (made by s), got undefined'],
  [
    () => build.map(s.string(), { mapType: 'set' }),
    RangeError,
    'Cannot make s.map(): mapType must be "atomic" or "granular", got "set"',
  ],
  [() => build.array(), TypeError, 'Cannot make s.array(): items must be a schema (made by s), got undefined'],
  [
    () => build.array(s.string(), { listType: 'list' }),
    RangeError,
    'Cannot make s.array(): listType must be "atomic", "set" or "map", got "list"',
  ],
  [
    () => build.array(s.string(), { minItems: 2, maxItems: 1 }),
    RangeError,
    'Cannot make s.array(): minItems must be at most maxItems (1), got 2',
  ],
  [
    () => build.intOrString({ minimum: 1 }),
    TypeError,
    'Cannot make s.intOrString(): options must have known names, got "minimum"; there are description, title, minLength, maxLength, pattern, format',
  ],
  [
    () => build.quantity({ pattern: 'x' }),
    TypeError,
    'Cannot make s.quantity(): options must have known names, got "pattern"; there are description, title',
  ],
  [
    () => build.dateTime({ titel: 'x' }),
    TypeError,
    'Cannot make s.dateTime(): options must have known names, got "titel"; did you mean "title"?',
  ],
  [
    () => build.preserveUnknown(null),
    TypeError,
    'Cannot make s.preserveUnknown(): options must be an object, got null',
  ],
  [
    () => build.embeddedResource({ description: 1 }),
    TypeError,
    'Cannot make s.embeddedResource(): description must be a string, got 1',
  ],
  [
    () => build.conditions({ descripton: '' }),
    TypeError,
    'Cannot make s.conditions(): options must have known names, got "descripton"; did you mean "description"?',
  ],
  [() => build.json(), TypeError, 'Cannot make s.json(): schema must be an object, got undefined'],
])('defineCrd and s refuse wrong arguments at the call: %s', (call, type, message) => {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(type);
  expect(thrown).toHaveProperty('message', message);
});

test.each<[object, string]>([
  [{ group: 'example' }, 'spec.group: Invalid value: "example"'],
  [{ version: 'V 1' }, 'spec.versions[0].name: Invalid value: "V 1"'],
  [{ kind: 'My Thing' }, 'spec.names.kind: Invalid value: "My Thing"'],
  [{ plural: 'Things' }, 'spec.names.plural: Invalid value: "Things"'],
  [{ spec: s.object({ a: s.string({ pattern: '(' }) }) }, 'error parsing regexp'],
])('defineCrd refuses bad names and patterns in the words of the server: %j', (change, words) => {
  expect(() => define({ ...plain, ...change })).toThrow(
    expect.objectContaining({ code: 'CRD_INVALID_DEFINITION', message: expect.stringContaining(words) }),
  );
});
