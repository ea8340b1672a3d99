import { SplitItem } from './split-item.ts';

/** The type fields that an item may lack and its list has. Filled in when the list's own fields were read. */
export interface TypeFields {
  apiVersion: string;
  kind: string;
}

/** An item whose bytes are JSON: its structure, depth and UTF-8 were checked. */
export class JsonItem<T> extends SplitItem<T> {
  readonly #type: TypeFields | undefined;

  /** @param type Given when the bytes may be without `apiVersion` or `kind`. */
  constructor(key: string, uid: string, resourceVersion: string, bytes: Buffer, type: TypeFields | undefined) {
    super(key, uid, resourceVersion, bytes);
    this.#type = type;
  }

  protected override parse(bytes: Buffer): T {
    return parse<T>(bytes, this.#type);
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
