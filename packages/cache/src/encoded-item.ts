import type { EncodedItem, Item } from '@bowline/apimachinery';

/** Whether an item still has its bytes. */
export function isEncoded<T>(item: Item<T>): item is EncodedItem<T> {
  return 'encoding' in item;
}
