import { describe, expect, test } from 'vitest';
import {
  abortSignal,
  anyOf,
  anything,
  arrayOf,
  boolean,
  callable,
  checkArgument,
  checkOptions,
  finite,
  instance,
  integer,
  nonEmptyArrayOf,
  nonEmptyString,
  nonNegative,
  nonNegativeInteger,
  number,
  object,
  oneOf,
  optionsOf,
  positive,
  positiveInteger,
  type Rule,
  recordOf,
  required,
  string,
} from './arguments.ts';

const clock = instance('a clock', 'now', 'sleep');

describe('checkArgument', () => {
  const wrong: [rule: Rule, value: unknown, error: typeof TypeError | typeof RangeError, text: string][] = [
    [string, 5, TypeError, 'x must be a string, got 5'],
    [string, undefined, TypeError, 'x must be a string, got undefined'],
    [nonEmptyString, '', RangeError, 'x must be a non-empty string, got ""'],
    [nonEmptyString, null, TypeError, 'x must be a non-empty string, got null'],
    [boolean, 'true', TypeError, 'x must be a boolean, got "true"'],
    [callable, {}, TypeError, 'x must be a function, got an object'],
    [object, [1], TypeError, 'x must be an object, got an array of 1'],
    [object, 'a'.repeat(41), TypeError, 'x must be an object, got a string of 41 characters'],
    [object, () => 1, TypeError, 'x must be an object, got a function'],
    [finite, Infinity, RangeError, 'x must be a finite number, got Infinity'],
    [integer, 1.5, RangeError, 'x must be an integer, got 1.5'],
    [integer, 1n, TypeError, 'x must be an integer, got 1n'],
    [positive, 0, RangeError, 'x must be a finite number above 0, got 0'],
    [nonNegative, Number.NaN, RangeError, 'x must be a finite number, 0 or more, got NaN'],
    [nonNegative, '5', TypeError, 'x must be a finite number, 0 or more, got "5"'],
    [positiveInteger, 0, RangeError, 'x must be an integer, 1 or more, got 0'],
    [nonNegativeInteger, -1, RangeError, 'x must be an integer, 0 or more, got -1'],
    [number('0 to 1', (n) => n >= 0 && n <= 1), 2, RangeError, 'x must be 0 to 1, got 2'],
    [abortSignal, new AbortController(), TypeError, 'x must be an AbortSignal, got an object of AbortController'],
    [clock, { now: () => 0 }, TypeError, 'x must be a clock, got an object'],
    [clock, null, TypeError, 'x must be a clock, got null'],
    [oneOf('a', 'b', 'c'), 'd', RangeError, 'x must be "a", "b" or "c", got "d"'],
    [oneOf('a'), 1, TypeError, 'x must be "a", got 1'],
    [anyOf(callable, nonEmptyString), '', RangeError, 'x must be a function or a non-empty string, got ""'],
    [anyOf(callable, nonEmptyString), 1, TypeError, 'x must be a function or a non-empty string, got 1'],
    [arrayOf(nonEmptyString), 'default', TypeError, 'x must be an array, got "default"'],
    [arrayOf(nonEmptyString), ['a', 5], TypeError, 'x[1] must be a non-empty string, got 5'],
    [nonEmptyArrayOf(anything), [], RangeError, 'x must be a non-empty array, got []'],
    [recordOf(string), { a: 1 }, TypeError, 'x["a"] must be a string, got 1'],
  ];

  test.each(wrong)('refuses %# with its rule and its value', (rule, value, error, text) => {
    const check = () => checkArgument('do it', 'x', value, rule);
    expect(check).toThrow(new error(`Cannot do it: ${text}`));
    expect(check).toThrow(error);
  });

  const right: [rule: Rule, value: unknown][] = [
    [anything, undefined],
    [string, ''],
    [object, Object.create(null)],
    [positive, 0.5],
    [nonNegativeInteger, 0],
    [abortSignal, AbortSignal.abort()],
    [clock, { now: () => 0, sleep: async () => {} }],
    [oneOf('a', 2), 2],
    [anyOf(callable, nonEmptyString), 'a'],
    [arrayOf(string), []],
    [recordOf(string), { a: '' }],
  ];

  test.each(right)('lets %# pass', (rule, value) => {
    expect(checkArgument('do it', 'x', value, rule)).toBeUndefined();
  });
});

describe('checkOptions', () => {
  interface Options {
    readonly namespace?: string | undefined;
    readonly requeueAfterMs?: number | undefined;
    readonly clock?: object | undefined;
    readonly cache?: { readonly namespaces?: readonly string[] | undefined } | undefined;
  }
  const rules = {
    namespace: nonEmptyString,
    requeueAfterMs: nonNegative,
    clock,
    cache: optionsOf<NonNullable<Options['cache']>>({ namespaces: arrayOf(nonEmptyString) }),
  };
  const check = (value: unknown) => () => checkOptions<Options>('make it', 'options', value as Options, rules);

  test.each([
    [null, 'options must be an object, got null'],
    ['ci', 'options must be an object, got "ci"'],
    [[], 'options must be an object, got []'],
    [{ namespaces: 'ci' }, 'options.namespaces is unknown; did you mean "namespace"?'],
    [{ namepsace: undefined }, 'options.namepsace is unknown; did you mean "namespace"?'],
    [{ requeueAfter: 5 }, 'options.requeueAfter is unknown; did you mean "requeueAfterMs"?'],
    [{ CLOCK: 5 }, 'options.CLOCK is unknown; did you mean "clock"?'],
    [{ toString: 5 }, 'options.toString is unknown; known are namespace, requeueAfterMs, clock, cache'],
    [{ namespace: 5 }, 'namespace must be a non-empty string, got 5'],
    [{ cache: [] }, 'cache must be an object, got []'],
    [{ cache: { namespace: [] } }, 'cache.namespace is unknown; did you mean "namespaces"?'],
    [{ cache: { namespaces: [''] } }, 'cache.namespaces[0] must be a non-empty string, got ""'],
  ])('refuses %j with the field and what was meant', (value, text) => {
    expect(check(value)).toThrow(`Cannot make it: ${text}`);
  });

  test.each([[undefined], [{}], [{ namespace: undefined }], [{ namespace: 'a', cache: {} }]])(
    'lets %j pass',
    (value) => {
      expect(check(value)()).toBeUndefined();
    },
  );

  test('sees options that an object inherits', () => {
    expect(check(Object.create({ namespace: 5 }))).toThrow('namespace must be a non-empty string, got 5');
  });

  test('refuses an object without what is required, and no object at all', () => {
    const ports = (value: unknown) => () =>
      checkOptions<{ clock: object }>('make it', 'ports', value as { clock: object }, { clock: required(clock) });
    expect(ports({})).toThrow(new TypeError('Cannot make it: ports.clock must be a clock, got undefined'));
    expect(ports(undefined)).toThrow(new TypeError('Cannot make it: ports must be an object, got undefined'));
  });

  test('says that there are no options where there are none', () => {
    expect(() => checkOptions('make it', 'options', { a: 1 } as object, {})).toThrow(
      'options.a is unknown; there are none',
    );
  });

  test('never shows what an object or a long text holds', () => {
    const secret = { token: 'hunter2hunter2hunter2hunter2hunter2hunter2' };
    for (const value of [{ namespace: secret }, { clock: secret.token }]) {
      expect(check(value)).toThrow(expect.not.objectContaining({ message: expect.stringContaining('hunter2') }));
    }
  });
});
