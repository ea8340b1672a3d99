import type { EncodedBytes, EncodedItem, Encoding } from './item.ts';
import { deepFreeze, isJsonObject } from './json.ts';
import { keyOf } from './key.ts';
import type { KubernetesObject } from './object.ts';
import { valueAt } from './value-at.ts';

/** JSON without white space, read and written as simply as can be. */
export class FakeEncoding<T> implements Encoding<T> {
  object(bytes: Buffer, start: number, end: number): T {
    return deepFreeze(this.decode(bytes, start, end));
  }

  decode(bytes: Buffer, start: number, end: number): T {
    return JSON.parse(bytes.toString('utf8', start, end)) as T;
  }

  read(bytes: Buffer, start: number, end: number, path: readonly string[]): unknown {
    return valueAt(this.decode(bytes, start, end), path);
  }

  room({ start, end }: EncodedBytes): number {
    return end - start;
  }

  copy({ bytes, start, end }: EncodedBytes, target: Buffer, at: number, drop: readonly (readonly string[])[]): number {
    const object = this.decode(bytes, start, end);
    for (const path of drop) cut(object, path);
    return target.write(JSON.stringify(object), at);
  }
}

function cut(data: unknown, path: readonly string[]): void {
  const [name] = path;
  if (name === undefined) return;
  if (Array.isArray(data)) for (const element of data) cut(element, path);
  else if (isJsonObject(data)) {
    Reflect.deleteProperty(data, path.join('.'));
    if (Object.hasOwn(data, name)) cut(data[name], path.slice(1));
  }
}

/** Where an item's bytes stand, and how they are read. */
export interface EncodedItemOptions<T> {
  /** @default one for all items */
  readonly encoding?: Encoding<T> | undefined;
  /** How many bytes of others stand before and behind its own. @default 7 and 5 */
  readonly before?: number | undefined;
  readonly after?: number | undefined;
}

const fakeEncoding = new FakeEncoding<never>();

/** The item of an object as a client makes it: bytes among others, decoded when the object is read. */
export function encodedItem<T extends KubernetesObject>(
  object: T,
  { encoding = fakeEncoding as Encoding<T>, before = 7, after = 5 }: EncodedItemOptions<T> = {},
): EncodedItem<T> {
  const text = JSON.stringify(object);
  const end = before + Buffer.byteLength(text);
  const bytes = Buffer.alloc(end + after, '#');
  bytes.write(text, before);
  const { uid, resourceVersion } = object.metadata;
  let known: T | undefined;
  return {
    key: keyOf(object),
    uid,
    resourceVersion,
    encoding,
    bytes,
    start: before,
    end,
    get object() {
      known ??= encoding.object(bytes, before, end);
      return known;
    },
    read: (path) => encoding.read(bytes, before, end, path),
  };
}
