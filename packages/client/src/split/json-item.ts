import type { ByteBlocks } from './byte-blocks.ts';
import type { JsonContents } from './json-contents.ts';
import type { JsonEncoding } from './json-encoding.ts';
import { NamedItem } from './split-item.ts';

/** An item of which it is known where its members stand: its table of contents stands in another buffer until the item is copied. */
export class JsonItem<T> extends NamedItem<T> {
  declare readonly encoding: JsonEncoding<T>;
  readonly table: Buffer;
  readonly tableStart: number;
  readonly tableEnd: number;

  /** @param contents Of the item. @param tables Where there is room for its table. */
  constructor(
    { key, uid, resourceVersion }: { readonly key: string; readonly uid: string; readonly resourceVersion: string },
    encoding: JsonEncoding<T>,
    bytes: Buffer,
    start: number,
    end: number,
    contents: JsonContents,
    tables: ByteBlocks,
  ) {
    super(key, uid, resourceVersion, encoding, bytes, start, end);
    this.table = tables.take(contents.size);
    this.tableStart = tables.start;
    this.tableEnd = contents.write(this.table, this.tableStart);
  }

  override read(path: readonly string[]): unknown {
    return this.encoding.read(this.bytes, this.start, this.end, path, this.table, this.tableEnd);
  }

  protected override readObject(): T {
    return this.encoding.object(this.bytes, this.start, this.end, this.table, this.tableEnd);
  }
}
