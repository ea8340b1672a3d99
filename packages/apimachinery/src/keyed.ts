import { checkValue } from './check-options.ts';
import { describeValue } from './check-words.ts';
import { BowlineError } from './errors.ts';
import type { Change, Item } from './item.ts';
import { oneOf, rules, type ValueRule } from './value-rules.ts';

/**
 * An object without a usable key, which nothing can be filed under.
 *
 * @see client-go tools/cache/store.go `KeyError`
 */
export class KeyError extends BowlineError {
  override readonly name: string = 'KeyError';
  declare readonly code: 'APIMACHINERY_KEY_INVALID';
  /** What has no key: an object, or an item. */
  readonly object: unknown;

  constructor(message: string, object: unknown, cause?: unknown) {
    super(message, { code: 'APIMACHINERY_KEY_INVALID', cause });
    this.object = object;
  }
}

const changeType: ValueRule = oneOf('added', 'modified', 'deleted');

/**
 * The items that a sink can take. Callers in plain JavaScript are told what is wrong with the others.
 *
 * @param onKeyError Is told of each item without a usable key, which is left out.
 * @throws {TypeError} when `items` is no array of items. `APIMACHINERY_KEY_INVALID` without `onKeyError`.
 */
export function keyedItems<T>(
  action: string,
  items: readonly Item<T>[],
  onKeyError?: (error: KeyError) => void,
): readonly Item<T>[] {
  checkValue(action, 'items', items, rules.array);
  const isRight = (item: Item<T>, index: number): boolean =>
    isKeyed(item) || isLeftOut(action, `items[${index}]`, item, onKeyError);
  // Mostly all are right, and nothing is copied.
  const wrong = items.findIndex((item, index) => !isRight(item, index));
  if (wrong < 0) return items;
  return [
    ...items.slice(0, wrong),
    ...items.slice(wrong + 1).filter((item, index) => isRight(item, wrong + 1 + index)),
  ];
}

/** The same for changes. */
export function keyedChanges<T>(
  action: string,
  changes: readonly Change<T>[],
  onKeyError?: (error: KeyError) => void,
): readonly Change<T>[] {
  checkValue(action, 'changes', changes, rules.array);
  const isRight = (change: Change<T>, index: number): boolean => {
    const type: unknown = change?.type;
    if (type !== 'added' && type !== 'modified' && type !== 'deleted') {
      checkValue(action, `changes[${index}]`, change, rules.object);
      checkValue(action, `changes[${index}].type`, type, changeType);
    }
    return isKeyed(change.item) || isLeftOut(action, `changes[${index}].item`, change.item, onKeyError);
  };
  const wrong = changes.findIndex((change, index) => !isRight(change, index));
  if (wrong < 0) return changes;
  return [
    ...changes.slice(0, wrong),
    ...changes.slice(wrong + 1).filter((change, index) => isRight(change, wrong + 1 + index)),
  ];
}

function isKeyed(item: Item<unknown> | undefined): boolean {
  const key: unknown = item?.key;
  return typeof key === 'string' && key !== '';
}

/** @returns false. @throws when nobody wants to be told. */
function isLeftOut(
  action: string,
  field: string,
  item: Item<unknown>,
  onKeyError: ((error: KeyError) => void) | undefined,
): false {
  checkValue(action, field, item, rules.object);
  const message = `Cannot ${action}: ${field}.key must be a non-empty string, got ${describeValue(item.key)}`;
  const error = new KeyError(message, item);
  if (!onKeyError) throw error;
  onKeyError(error);
  return false;
}
