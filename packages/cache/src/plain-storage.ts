import type { Item } from '@bowline/apimachinery';
import type { Storage } from './ports.ts';

/** Keeps items as they are. */
export function plainStorage<T>(): Storage<T> {
  return new PlainStorage<T>();
}

class PlainStorage<T> implements Storage<T> {
  readonly sizeBytes = 0;

  keep(item: Item<T>): Item<T> {
    return item;
  }

  drop(): void {
    // The garbage collector does it.
  }

  empty(): Storage<T> {
    return new PlainStorage<T>();
  }
}
