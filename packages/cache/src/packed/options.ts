import { systemClock } from '@bowline/apimachinery';
import {
  checkOptions,
  type OptionRules,
  rules,
  type ValueRule,
  valueRule,
  withMethods,
} from '@bowline/apimachinery/arguments';
import { pathRule } from '../field-path.ts';
import { canCompress } from './cold-blocks.ts';
import type { StorageClock } from './ports.ts';

/** Settings of a packed storage. */
export interface PackedStorageOptions {
  /**
   * Fields that are not kept, besides `metadata.managedFields`: `['status.images']`. Readers see objects without them, and so does whoever
   * updates an object as it was read: the server then takes the field away. There can be no index of such a path, and index functions
   * should not read it: what they find would depend on how objects came.
   *
   * @default none
   */
  readonly drop?: readonly string[] | undefined;
  /** How many decoded objects are held at most, so that those that are read often are not decoded again. @default 1024 */
  readonly recentObjects?: number | undefined;
  /**
   * Slabs that nobody has read for so long are compressed: milliseconds, more than 0. A read then decompresses some 64 KiB first (0.1 ms).
   *
   * @default never
   */
  readonly compressAfterMs?: number | undefined;
  /** Says when something is cold. @default `systemClock` */
  readonly clock?: StorageClock | undefined;
}

/** Settings with their defaults. */
export interface PackedStorageSettings {
  readonly drop: readonly (readonly string[])[];
  readonly recentObjects: number;
  readonly compressAfterMs: number | undefined;
  readonly clock: StorageClock;
}

/** What items are found by, and what says what they are. */
const needed = [
  'apiVersion',
  'kind',
  'metadata.namespace',
  'metadata.name',
  'metadata.uid',
  'metadata.resourceVersion',
];

const dropRule: ValueRule = valueRule(
  `a field path (names separated by dots, no brackets) that leaves ${needed.slice(0, -1).join(', ')} and ${needed.at(-1)}`,
  (path) => typeof path === 'string',
  (path) =>
    pathRule.problem(path) === undefined &&
    !needed.some((field) => `${field}.`.startsWith(`${path}.`) || path.startsWith(`${field}.`)),
);

const optionRules: OptionRules<PackedStorageOptions> = {
  drop: { ...rules.array, each: dropRule },
  recentObjects: rules.count,
  compressAfterMs: {
    text: canCompress() ? rules.positive.text : 'absent, as this Node has no zstd (Node has it from 22.15 on)',
    problem: (value) => rules.positive.problem(value) ?? (canCompress() ? undefined : 'range'),
  },
  clock: withMethods('a clock', 'monotonic', 'turn', 'setTimer'),
};

/** @throws {TypeError} {RangeError} when an option is none. */
export function resolveOptions(options: PackedStorageOptions): PackedStorageSettings {
  checkOptions<PackedStorageOptions>('create packed storage', options, optionRules);
  const { drop = [], recentObjects = 1_024, compressAfterMs, clock = systemClock } = options;
  const paths = new Set(['metadata.managedFields', ...drop]);
  return { drop: [...paths].map((path) => path.split('.')), recentObjects, compressAfterMs, clock };
}
