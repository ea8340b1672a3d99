import { quote } from '../go-format.ts';

/** A run of indexes, both ends included. */
interface Interval {
  readonly first: number;
  readonly last: number;
}

/** @returns the interval, or what is wrong with it. */
function parseInterval(text: string, completions: number): Interval | string {
  const parts = text.split('-');
  if (parts.length > 2) {
    return `the fragment ${quote(text)} violates the requirement that an index interval can have at most two parts separated by '-'`;
  }
  const numbers: number[] = [];
  for (const part of parts) {
    if (!/^[+-]?\d+$/.test(part)) return `cannot convert string to integer for index: ${quote(part)}`;
    if (Number(part) >= completions) return `too large index: ${quote(part)}`;
    numbers.push(Number(part));
  }
  const [first = 0, last] = numbers;
  if (last !== undefined && first >= last) return `non-increasing order, previous: ${first}, current: ${last}`;
  return { first, last: last ?? first };
}

/**
 * How many indexes a text such as `1,3-5` names; what is wrong with it when it is none.
 *
 * @see k8s.io/kubernetes pkg/apis/batch/validation `validateIndexesFormat`
 */
export function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let [total, previous] = [0, -1];
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions);
    if (typeof interval === 'string') return interval;
    if (previous >= interval.first) return `non-increasing order, previous: ${previous}, current: ${interval.first}`;
    total += interval.last - interval.first + 1;
    previous = interval.last;
  }
  return total;
}

/** The first index that two texts both name; undefined when there is none. Parts that are no intervals are passed over. */
export function firstCommonIndex(a: string, b: string, completions: number): number | undefined {
  const intervals = (text: string): Interval[] =>
    text.split(',').flatMap((part) => {
      const interval = parseInterval(part, completions);
      return typeof interval === 'string' ? [] : [interval];
    });
  const others = intervals(b);
  for (const one of intervals(a)) {
    for (const other of others) {
      if (one.first <= other.last && other.first <= one.last) return Math.max(one.first, other.first);
    }
  }
  return undefined;
}
