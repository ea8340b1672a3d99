import { clone, deepFreeze, type Item } from '@bowline/apimachinery';

/** The type fields that an item may lack and its list has. Filled in when the list's own fields were read. */
export interface TypeFields {
  apiVersion: string;
  kind: string;
}

/**
 * An item that keeps the bytes of its JSON until somebody reads the object.
 *
 * The bytes were checked when they came (structure, depth, UTF-8), so that decoding does not throw.
 */
export class JsonItem<T> implements Item<T> {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  #bytes: Buffer | undefined;
  #object: T | undefined;
  readonly #type: TypeFields | undefined;

  /** @param type Given when the bytes may be without `apiVersion` or `kind`. */
  constructor(key: string, uid: string, resourceVersion: string, bytes: Buffer, type: TypeFields | undefined) {
    this.key = key;
    this.uid = uid;
    this.resourceVersion = resourceVersion;
    this.#bytes = bytes;
    this.#type = type;
  }

  get object(): T {
    if (this.#bytes !== undefined) {
      this.#object = deepFreeze(parse<T>(this.#bytes, this.#type));
      this.#bytes = undefined;
    }
    return this.#object as T;
  }

  /** The object as plain mutable data that nobody else has. */
  decode(): T {
    return this.#bytes === undefined ? (clone(this.#object) as T) : parse<T>(this.#bytes, this.#type);
  }
}

function parse<T>(bytes: Buffer, type: TypeFields | undefined): T {
  const text = bytes.toString('utf8');
  if (type === undefined) return JSON.parse(text) as T;
  const fields: Partial<TypeFields> = {};
  if (type.apiVersion) fields.apiVersion = type.apiVersion;
  if (type.kind) fields.kind = type.kind;
  const head = JSON.stringify(fields).slice(0, -1);
  const tail = text.slice(1);
  // Members of the item come later, so that they win.
  return JSON.parse(head === '{' || /^\s*\}/.test(tail) ? head + tail : `${head},${tail}`) as T;
}
