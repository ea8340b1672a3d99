import { expect, test } from 'vitest';
import { Schema, s } from './index.ts';

type Wrong = Record<'default' | 'describe' | 'rule' | 'keywords', (...args: unknown[]) => unknown>;
const wrong = (schema: unknown): Wrong => schema as Wrong;
const text = wrong(s.string());
const keyword = 'Cannot add keywords to a schema: keywords';
const rule = 'Cannot add a rule to a schema';

const calls: readonly [string, typeof TypeError | typeof RangeError, () => unknown][] = [
  ['Cannot describe a schema: description must be a string, got undefined', TypeError, () => text.describe()],
  ['Cannot describe a schema: description must be a string, got 1', TypeError, () => text.describe(1)],
  ['Cannot set a default: value must be a string, got undefined', TypeError, () => text.default()],
  ['Cannot set a default: value must be a string, got 5', TypeError, () => text.default(5)],
  [
    'Cannot set a default: value must be a string, got null',
    TypeError,
    () => wrong(s.string().nullable()).default(null),
  ],
  ['Cannot set a default: value must be a whole number, got "5"', TypeError, () => wrong(s.integer()).default('5')],
  ['Cannot set a default: value must be a whole number, got 0.5', RangeError, () => wrong(s.integer()).default(0.5)],
  [
    'Cannot set a default: value must be a finite number, got NaN',
    RangeError,
    () => wrong(s.number()).default(Number.NaN),
  ],
  ['Cannot set a default: value must be true or false, got "yes"', TypeError, () => wrong(s.boolean()).default('yes')],
  ['Cannot set a default: value must be "a" or "b", got "c"', RangeError, () => wrong(s.enum(['a', 'b'])).default('c')],
  ['Cannot set a default: value must be an object, got an array', TypeError, () => wrong(s.object({})).default([])],
  ['Cannot set a default: value must be an object, got "x"', TypeError, () => wrong(s.map(s.string())).default('x')],
  [
    'Cannot set a default: value must be an array, got an object',
    TypeError,
    () => wrong(s.array(s.string())).default({}),
  ],
  [
    'Cannot set a default: value must be a whole number or a string, got true',
    TypeError,
    () => wrong(s.intOrString()).default(true),
  ],
  [
    'Cannot set a default: value must be a value (the server takes null for no default), got undefined',
    TypeError,
    () => wrong(s.preserveUnknown()).default(),
  ],
  [`${rule}: rule must be a string or an object, got undefined`, TypeError, () => text.rule()],
  [`${rule}: rule must be a string or an object, got an array`, TypeError, () => text.rule(['self > 1'])],
  [`${rule}: rule must be a non-empty string, got ""`, RangeError, () => text.rule('')],
  [`${rule}: rule.rule must be a non-empty string, got undefined`, TypeError, () => text.rule({})],
  [
    `${rule}: rule must have known names, got "mesage"; did you mean "message"?`,
    TypeError,
    () => text.rule({ rule: 'self > 1', mesage: 'more' }),
  ],
  [`${rule}: message must be a string, got 5`, TypeError, () => text.rule('self > 1', 5)],
  [
    `${rule}: message must be a member of the rule when that is an object, got "more"`,
    TypeError,
    () => text.rule({ rule: 'self > 1' }, 'more'),
  ],
  [`${keyword} must be an object, got undefined`, TypeError, () => text.keywords()],
  [`${keyword} must be an object, got "nullable"`, TypeError, () => text.keywords('nullable')],
  [
    `${keyword} must have known names, got "maxLenght"; did you mean "maxLength"?`,
    TypeError,
    () => text.keywords({ maxLenght: 1 }),
  ],
  [
    `${keyword}.maxLength must be a whole number, 0 or more, got -1`,
    RangeError,
    () => text.keywords({ maxLength: -1 }),
  ],
  [`${keyword}.type must be a string, got an array`, TypeError, () => text.keywords({ type: ['string'] })],
  [`${keyword}.anyOf must be an array, got an object`, TypeError, () => text.keywords({ anyOf: { type: 'string' } })],
  [`${keyword}.anyOf[0] must be an object, got "string"`, TypeError, () => text.keywords({ anyOf: ['string'] })],
  [
    `${keyword}.properties.a must be an object, got "string"`,
    TypeError,
    () => text.keywords({ properties: { a: 'string' } }),
  ],
  [
    `${keyword}.x-kubernetes-list-type must be "atomic", "set" or "map", got "list"`,
    RangeError,
    () => text.keywords({ 'x-kubernetes-list-type': 'list' }),
  ],
  ['Cannot make a schema: json must be an object, got undefined', TypeError, () => Reflect.construct(Schema, [])],
  [
    'Cannot make a schema: presence must be "required", "optional" or "defaulted", got "maybe"',
    RangeError,
    () => Reflect.construct(Schema, [{}, 'maybe']),
  ],
];

test.each(calls)('Schema refuses wrong arguments at the call: %s', (message, type, call) => {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toHaveProperty('message', message);
  expect(thrown).toBeInstanceOf(type);
});

test('Schema takes as default what the server would', () => {
  expect(s.intOrString().default('50%').json.default).toBe('50%');
  expect(s.integer().nullable().default(0).json.default).toBe(0);
  expect(s.preserveUnknown().default(false).json.default).toBe(false);
  expect(s.object({ a: s.string().default('x') }).default({}).json.default).toEqual({});
});
