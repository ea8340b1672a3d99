import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { checkOptions, checkValue } from './check-options.ts';
import { describeValue, nearestName } from './check-words.ts';
import { silentLogger } from './loggers.ts';
import { noMetrics } from './no-metrics.ts';
import { systemClock } from './system-clock.ts';
import { systemRandom } from './system-random.ts';
import {
  anyOf,
  listOf,
  oneOf,
  optionsOf,
  recordOf,
  required,
  rules,
  type ValueRule,
  withMethods,
} from './value-rules.ts';

interface Options {
  readonly dryRun?: boolean;
  readonly timeoutMs?: number;
  readonly mode?: string;
  readonly token?: string;
}
const known = { dryRun: rules.boolean, timeoutMs: rules.positive, mode: oneOf('fast', 'safe'), token: rules.secret };
const check = (options: unknown, field?: string): void => checkOptions<Options>('bake', options, known, field);

describe('checkOptions', () => {
  test('checkOptions takes known names with right values, and undefined for any', () => {
    check({});
    check({ dryRun: true, timeoutMs: 1, mode: 'fast', token: 'x', other: undefined });
  });

  test.each([
    [undefined, 'Cannot bake: options must be an object, got undefined'],
    ['x', 'Cannot bake: options must be an object, got "x"'],
    [null, 'Cannot bake: options must be an object, got null'],
    [[], 'Cannot bake: options must be an object, got an array'],
    [{ dryrun: true }, 'Cannot bake: options must have known names, got "dryrun"; did you mean "dryRun"?'],
    [{ timeout: 1 }, 'Cannot bake: options must have known names, got "timeout"; did you mean "timeoutMs"?'],
    [{ 'dry-run': 1 }, 'Cannot bake: options must have known names, got "dry-run"; did you mean "dryRun"?'],
    [
      { colour: 1 },
      'Cannot bake: options must have known names, got "colour"; there are dryRun, timeoutMs, mode, token',
    ],
    [{ dryRun: 'All' }, 'Cannot bake: dryRun must be true or false, got "All"'],
    [{ timeoutMs: '5' }, 'Cannot bake: timeoutMs must be more than 0, got "5"'],
    [{ token: { a: 1 } }, 'Cannot bake: token must be a string, got an object'],
    [{ mode: null }, 'Cannot bake: mode must be "fast" or "safe", got null'],
    [{ __proto__: null, constructor: 1 }, 'there are dryRun, timeoutMs, mode, token'],
  ])('checkOptions of %j throws a TypeError that says what is wrong', (options, message) => {
    expect(() => check(options)).toThrow(TypeError);
    expect(() => check(options)).toThrow(message);
  });

  test.each([
    [{ timeoutMs: Number.NaN }, 'timeoutMs must be more than 0, got NaN'],
    [{ timeoutMs: 0 }, 'timeoutMs must be more than 0, got 0'],
    [{ mode: 'slow' }, 'mode must be "fast" or "safe", got "slow"'],
  ])('checkOptions of %j throws a RangeError', (options, message) => {
    expect(() => check(options)).toThrow(RangeError);
    expect(() => check(options)).toThrow(`Cannot bake: ${message}`);
  });

  test.each([
    [Promise.resolve({ dryRun: true }), 'an object (Promise); await it first'],
    [new Map([['dryRun', true]]), 'an object (Map)'],
    [new Date(0), 'an object (Date)'],
    [AbortSignal.abort(), 'an object (AbortSignal)'],
    [runInNewContext('new Set()'), 'an object (Set)'],
  ])('checkOptions takes no %s in place of options, as what that holds would be lost', (value, got) => {
    expect(() => check(value)).toThrow(new TypeError(`Cannot bake: options must be a plain object, got ${got}`));
    const inner = { inner: optionsOf<Options>(known), sizes: recordOf(rules.count) };
    for (const name of ['inner', 'sizes']) {
      expect(() => checkOptions('bake', { [name]: value }, inner)).toThrow(
        `${name} must be a plain object, got ${got}`,
      );
    }
  });

  test('checkOptions takes options with defaults behind them, of a class, without a prototype and of other realms', () => {
    class Getters {
      get dryRun(): boolean {
        return true;
      }
    }
    class Fields {
      timeoutMs = 1;
    }
    for (const options of [Object.create({ dryRun: true }), new Getters(), new Fields(), Object.create(null)])
      check(options);
    check(runInNewContext('({})'));
    check(runInNewContext('({ dryRun: true })'));
  });

  test('checkOptions names the members of an inner object by their path', () => {
    expect(() => check({ mode: 1 }, 'oven')).toThrow('Cannot bake: oven.mode must be "fast" or "safe", got 1');
    expect(() => check({ mod: 1 }, 'oven')).toThrow('Cannot bake: oven must have known names, got "mod"');
  });
});

describe('checkValue', () => {
  test('checkValue never shows a secret, nor the inside of an object', () => {
    expect(() => checkValue('sign', 'token', 42_000, rules.secret)).toThrow('token must be a string, got a number');
    expect(describeValue({ password: 'x' })).toBe('an object');
    expect(describeValue(new Map([['password', 'x']]))).toBe('an object (Map)');
    expect(describeValue(['x', 1])).toBe('an array of other values');
    expect(describeValue('x'.repeat(1_000)).length).toBeLessThan(110);
    expect(describeValue(Symbol('secret'))).toBe('a symbol');
    expect(describeValue(5n)).toBe('a bigint');
    expect(describeValue(() => 1)).toBe('a function');
  });

  test.each<[ValueRule, unknown, unknown]>([
    [rules.string, 'x', 1],
    [rules.nonEmptyString, 'x', ''],
    [rules.strings, ['x'], ['x', 1]],
    [rules.boolean, false, 0],
    [rules.function, () => 1, {}],
    [rules.object, {}, []],
    [rules.array, [], {}],
    [rules.signal, new AbortController().signal, new AbortController()],
    [rules.positive, 0.1, Number.NaN],
    [rules.notNegative, 0, -1],
    [rules.count, 0, 1.5],
    [rules.positiveCount, 1, 0],
    [rules.kind, { version: 'v1', kind: 'A', resource: 'as', scope: 'Cluster' }, { kind: 'A' }],
    [rules.clock, systemClock, Date],
    [rules.random, systemRandom, Math.random],
    [rules.logger, silentLogger, console.log],
    [rules.metrics, noMetrics, {}],
    [withMethods('a clock', 'now'), { now: () => 1 }, { now: 1 }],
  ])('rules: %s takes %j and not %j', (rule, right, wrong) => {
    checkValue('try', 'x', right, rule);
    expect(() => checkValue('try', 'x', wrong, rule)).toThrow(`Cannot try: x must be ${rule.text}, got `);
    expect(rules.any.problem(wrong)).toBeUndefined();
  });

  test('oneOf lists its values', () => {
    expect(oneOf('a').text).toBe('"a"');
    expect(oneOf('a', 'b', 'c').text).toBe('"a", "b" or "c"');
  });
});

describe('rules about what is inside', () => {
  const inner = optionsOf<{ name?: string; sizes?: readonly number[] }>({
    name: required(rules.nonEmptyString),
    sizes: listOf(rules.count),
  });

  test.each([
    [listOf(rules.nonEmptyString), 'a', TypeError, 'x must be an array, got "a"'],
    [listOf(rules.nonEmptyString), ['a', ''], RangeError, 'x[1] must be a non-empty string, got ""'],
    [recordOf(rules.string), { a: 1 }, TypeError, 'x.a must be a string, got 1'],
    [inner, {}, TypeError, 'x.name must be a non-empty string, got undefined'],
    [inner, { name: 'a', size: [] }, TypeError, 'x must have known names, got "size"; did you mean "sizes"?'],
    [inner, { name: 'a', sizes: [-1] }, RangeError, 'x.sizes[0] must be a whole number, 0 or more, got -1'],
    [anyOf(rules.function, rules.count), 'a', TypeError, 'x must be a function or a whole number, 0 or more, got "a"'],
    [anyOf(rules.function, rules.count), -1, RangeError, 'x must be a function or a whole number, 0 or more, got -1'],
  ])('%# names the place of %j that is wrong', (rule, value, error, message) => {
    const attempt = (): void => checkValue('try', 'x', value, rule);
    expect(attempt).toThrow(error);
    expect(attempt).toThrow(`Cannot try: ${message}`);
  });

  test.each([
    [listOf(rules.string), []],
    [recordOf(rules.string), { a: '' }],
    [inner, { name: 'a', sizes: [1, 2] }],
    [anyOf(rules.function, rules.count), 0],
  ])('%# lets %j pass', (rule, value) => {
    expect(checkValue('try', 'x', value, rule)).toBeUndefined();
  });

  test('required options must be there, others need not', () => {
    const known = { name: required(rules.string), size: rules.count };
    expect(checkOptions<{ name: string; size?: number }>('try', { name: '' }, known)).toBeUndefined();
    expect(() => checkOptions<{ name: string; size?: number }>('try', { size: 1 }, known)).toThrow(
      new TypeError('Cannot try: name must be a string, got undefined'),
    );
  });
});

test('nearestName suggests what differs by case, dashes, a unit or a few letters, and nothing else', () => {
  const names = ['labelSelector', 'fieldSelector', 'limit', 'signal', 'gracePeriodSeconds'];
  expect(nearestName('labelselector', names)).toBe('labelSelector');
  expect(nearestName('fieldSelctor', names)).toBe('fieldSelector');
  expect(nearestName('gracePeriod', names)).toBe('gracePeriodSeconds');
  expect(nearestName('limt', names)).toBe('limit');
  expect(nearestName('x', names)).toBeUndefined();
  expect(nearestName('colour', names)).toBeUndefined();
});
