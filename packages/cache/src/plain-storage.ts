import type { EncodedItem, Encoding, Item } from '@bowline/apimachinery';
import { isEncoded } from './encoded-item.ts';
import type { Storage } from './ports.ts';

/** How much larger than an item the buffer may be that it stands in, before the item gets bytes of its own. */
const spareBytes = 1_024;

/** Keeps items as they are. One whose bytes stand among many others gets a copy of them, so that it does not keep all of those alive. */
export function plainStorage<T>(): Storage<T> {
  return new PlainStorage<T>();
}

class PlainStorage<T> implements Storage<T> {
  readonly sizeBytes = 0;
  readonly #items: (Item<T> | undefined)[] = [];

  keep(slot: number, item: Item<T>): void {
    this.#items[slot] = isEncoded(item) && isLost(item) ? new OwnItem(item) : item;
  }

  at(slot: number): Item<T> | undefined {
    return this.#items[slot];
  }

  drop(slot: number): void {
    this.#items[slot] = undefined;
  }

  empty(): Storage<T> {
    return new PlainStorage<T>();
  }
}

/** Whether its bytes stand among many others. */
function isLost<T>({ bytes, start, end }: EncodedItem<T>): boolean {
  return bytes.buffer.byteLength > 2 * (end - start) + spareBytes;
}

/** An item with bytes of its own. */
class OwnItem<T> implements EncodedItem<T> {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly encoding: Encoding<T>;
  readonly bytes: Buffer;
  #object: T | undefined;

  constructor({ key, uid, resourceVersion, encoding, bytes, start, end }: EncodedItem<T>) {
    this.key = key;
    this.uid = uid;
    this.resourceVersion = resourceVersion;
    this.encoding = encoding;
    this.bytes = Buffer.allocUnsafeSlow(end - start);
    bytes.copy(this.bytes, 0, start, end);
  }

  get start(): number {
    return 0;
  }

  get end(): number {
    return this.bytes.length;
  }

  get object(): T {
    this.#object ??= this.encoding.object(this.bytes, 0, this.bytes.length);
    return this.#object;
  }

  read(path: readonly string[]): unknown {
    return this.encoding.read(this.bytes, 0, this.bytes.length, path);
  }
}
