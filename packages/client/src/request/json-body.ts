import { isPromiseLike } from '@bowline/apimachinery';
import { describeValue } from '@bowline/apimachinery/arguments';

/**
 * A body as JSON.
 *
 * @param action What messages begin with: `create Web "default/a"`.
 * @param isWhole It replaces an object that was read. An integer beyond 2^53 may have been rounded then, so that writing it would change it.
 * @throws {TypeError} when JSON cannot hold it: with the path of what is wrong, like `spec.replicas`.
 * @throws {RangeError} when it `isWhole` and holds such an integer.
 */
export function jsonBody(body: unknown, action: string, isWhole: boolean = false): string {
  let text: string;
  try {
    text = JSON.stringify(body);
  } catch (cause) {
    check(body, action, false);
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`Cannot ${action}: it must be what JSON can hold, got an error: ${got}`, { cause });
  }
  // JSON makes null of numbers that it has no notation for, and {} of maps. Most bodies hold neither, and need not be walked through.
  const mayBeRounded = isWhole && /\d{16}/.test(text);
  if (mayBeRounded || text.includes('null') || text.includes('{}')) check(body, action, mayBeRounded);
  return text;
}

/** Larger integers are no int64, so nobody has rounded them. */
const MOST_INT64 = 2 ** 63;

/** What is in them is no field, so that JSON has nothing of it. */
const LOST = /^\[object (?:Map|Set|Promise|RegExp|Error|ArrayBuffer)]$/;

function check(body: unknown, action: string, isWhole: boolean): void {
  const within = new Set<object>();
  /** Where `visit` is: names of members and indexes of elements. */
  const way: (string | number)[] = [];
  const wrong = (rule: string, got: string): TypeError =>
    new TypeError(`Cannot ${action}: ${pathOf(way)} must be ${rule}, got ${got}`);
  const visit = (given: unknown): void => {
    if (typeof given === 'string') return;
    if (given instanceof Date && Number.isNaN(given.getTime())) throw wrong('a valid date', 'an invalid one');
    const value = hasJson(given) ? given.toJSON(String(way.at(-1) ?? '')) : given;
    if (typeof value === 'number' && !Number.isFinite(value)) throw wrong('a finite number', String(value));
    if (isWhole && Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value as number) <= MOST_INT64)
      throw new RangeError(
        `Cannot ${action}: ${pathOf(way)} must be an integer between -(2^53 - 1) and 2^53 - 1, got ${value}: beyond that it may have been rounded when it was read; change what you want to change with a patch`,
      );
    if (typeof value === 'bigint') throw wrong('a number or a string', 'a bigint');
    if (typeof value !== 'object' || value === null) return;
    if (LOST.test(Object.prototype.toString.call(value))) {
      throw wrong(
        'a plain object or an array',
        describeValue(value) + (isPromiseLike(value) ? '; await it first' : ''),
      );
    }
    if (within.has(value)) throw wrong('free of circles', 'an object that holds itself');
    within.add(value);
    const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
    for (const key of keys) {
      way.push(key);
      visit(value[key as keyof typeof value]);
      way.pop();
    }
    within.delete(value);
  };
  visit(body);
}

function pathOf(way: readonly (string | number)[]): string {
  let path = '';
  for (const step of way) {
    if (typeof step === 'number') path += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) path += path === '' ? step : `.${step}`;
    else path += `[${JSON.stringify(step)}]`;
  }
  return path === '' ? 'it' : path;
}

function hasJson(value: unknown): value is { toJSON(key: string): unknown } {
  return typeof (value as { toJSON?: unknown } | null | undefined)?.toJSON === 'function'; // a bigint may have one, too
}
