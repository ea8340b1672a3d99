import { expect, test } from 'vitest';
import * as crd from './index.ts';

type Wrong = (...args: unknown[]) => unknown;
const wrong = crd as unknown as Record<keyof typeof crd, Wrong>;
const schemas = crd.StructuralSchema as unknown as { from: Wrong };
const Thing = crd.defineCrd({ group: 'example.com', version: 'v1', kind: 'Thing', spec: crd.s.object({}) });
const thing = Thing as unknown as Record<'default' | 'prune' | 'parse' | 'at', Wrong>;
const validate = 'Cannot validate CustomResourceDefinition';

test.each<[string, typeof TypeError | typeof RangeError, () => unknown]>([
  ['Cannot use schema: openAPIV3Schema must be an object, got undefined', TypeError, () => schemas.from()],
  ['Cannot use schema: openAPIV3Schema must be an object, got an array', TypeError, () => schemas.from([])],
  ['Cannot fill in defaults of Thing: object must be an object, got undefined', TypeError, () => thing.default()],
  ['Cannot fill in defaults of Thing: object must be an object, got 5', TypeError, () => thing.default(5)],
  ['Cannot prune Thing: object must be an object, got undefined', TypeError, () => thing.prune()],
  ['Cannot prune Thing: object must be an object, got "x"', TypeError, () => thing.prune('x')],
  ['Cannot find Thing: version must be one of v1, got undefined', RangeError, () => thing.at()],
  [
    'Cannot make a kind: manifest must be an object, got undefined',
    TypeError,
    () => Reflect.construct(crd.CustomKind, []),
  ],
  [
    'Cannot make a kind: version must be a non-empty string, got undefined',
    TypeError,
    () => Reflect.construct(crd.CustomKind, [{}]),
  ],
  [`${validate}: manifest must be an object, got undefined`, TypeError, () => wrong.validateCrd()],
  [`${validate}: manifest.metadata must be an object, got undefined`, TypeError, () => wrong.validateCrd({})],
  [
    `${validate}: manifest.spec must be an object, got 5`,
    TypeError,
    () => wrong.validateCrd({ metadata: {}, spec: 5 }),
  ],
  [`${validate}: manifest must be an object, got undefined`, TypeError, () => wrong.validateCrdSpec()],
  [
    `${validate}: manifest.spec.names must be an object, got undefined`,
    TypeError,
    () => wrong.validateCrdSpec({ spec: {} }),
  ],
  [
    `${validate}: manifest.spec.versions must be an array, got 5`,
    TypeError,
    () => wrong.validateCrdSpec({ spec: { names: {}, versions: 5 } }),
  ],
  [
    `${validate}: manifest.spec.versions[0] must be an object, got null`,
    TypeError,
    () => wrong.validateCrdSpec({ spec: { names: {}, versions: [null] } }),
  ],
  [
    'Cannot fill in defaults of CustomResourceDefinition: manifest must be an object, got "x"',
    TypeError,
    () => wrong.defaultCrd('x'),
  ],
  [
    'Cannot fill in defaults of CustomResourceDefinition: manifest.spec must be an object, got undefined',
    TypeError,
    () => wrong.defaultCrd({}),
  ],
  [
    'Cannot check the name of CustomResourceDefinition: name must be a string, got undefined',
    TypeError,
    () => wrong.crdNameProblems(),
  ],
  [
    'Cannot check the name of CustomResourceDefinition: spec must be an object, got undefined',
    TypeError,
    () => wrong.crdNameProblems('things.example.com', false),
  ],
  ['Cannot say what is wrong: errors must be an array, got undefined', TypeError, () => wrong.aggregateText()],
  ['Cannot say what is wrong: error must be an object, got undefined', TypeError, () => wrong.fieldErrorText()],
])('@bowline/crd refuses wrong arguments at the call: %s', (message, type, call) => {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toHaveProperty('message', message);
  expect(thrown).toBeInstanceOf(type);
});

test.each([[undefined], ['x'], [5], [[]]])(
  'CustomKind.parse says in the words of the server that %j is no object',
  (value) => {
    expect(() => thing.parse(value)).toThrow(
      expect.objectContaining({
        code: 'CRD_INVALID_OBJECT',
        message: expect.stringContaining('must be of type object'),
      }),
    );
  },
);
