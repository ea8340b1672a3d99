import { loadWasm } from '@bowline/apimachinery/wasm';
import { API_VERSION, type ItemField, KIND, NAME, NAMESPACE, RESOURCE_VERSION, UID } from './item-marks.ts';
import { ItemScan, itemScan, type ScanModule } from './item-scan.ts';
import { wasm } from './json-scan.generated.ts';
import { JsonScanner, SCAN_ITEM, SCAN_MORE, SCAN_ROOT_KEY } from './json-scanner.ts';
import { JsonSyntaxError } from './json-tokens.ts';

const fields: readonly ItemField[] = [NAME, NAMESPACE, UID, RESOURCE_VERSION, KIND, API_VERSION];

/** What scans items with WebAssembly, or without. */
export type WholeItems = () => ItemScan | undefined;

/** No item is scanned as a whole. */
export const byteByByte: WholeItems = () => undefined;

/** An `ItemScan` of its own. */
export class CountedScan extends ItemScan {
  /** So many items were scanned. */
  scanned = 0;

  constructor() {
    const module = loadWasm<ScanModule>(wasm);
    if (module === undefined) throw new Error('There is no WebAssembly');
    super(module);
  }

  override scan(window: Uint8Array, from: number, end: number, maxDepth: number): number {
    const length = super.scan(window, from, end, maxDepth);
    if (length > 0) this.scanned++;
    return length;
  }
}

/** All that a scanner says of a document in pieces, whose items are the value of `object` or the elements of `items`. */
export function scanHistory(chunks: readonly Buffer[], scan: WholeItems = itemScan, maxDepth: number = 12): string[] {
  const scanner = new JsonScanner(maxDepth, scan);
  const history: string[] = [];
  const whole = Buffer.concat(chunks);
  let window = Buffer.alloc(0);
  let base = 0;
  scanner.reset(0);
  try {
    for (const chunk of chunks) {
      window = Buffer.concat([window.subarray(scanner.at - base), chunk]);
      base = scanner.at;
      let event = scanner.scan(window, base, window.length);
      for (; event !== SCAN_MORE; event = scanner.scan(window, base, window.length)) {
        const said = event === SCAN_ITEM ? saidOf(scanner, whole) : event === SCAN_ROOT_KEY ? scanner.rootKey : '';
        history.push(`${event} ${scanner.at} ${said}`);
        if (event === SCAN_ROOT_KEY) scanner.itemDepth = { object: 1, items: 2 }[scanner.rootKey] ?? -1;
        else if (event !== SCAN_ITEM || scanner.itemDepth === 1) scanner.itemDepth = -1;
      }
    }
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    history.push(error.message);
  }
  history.push(`${scanner.done}`);
  return history;
}

function saidOf(scanner: JsonScanner, whole: Buffer): string {
  const { itemStart, itemEnd, itemTooDeep, itemIsCompact, topMembers, metadataMembers, marks } = scanner;
  const places = [...scanner.places.subarray(0, 4 * Math.max(0, topMembers + metadataMembers))];
  const isAscii = !whole.subarray(itemStart, itemEnd).some((byte) => byte > 0x7f);
  if (scanner.itemIsAscii && !isAscii) return 'took other bytes for ASCII';
  const names = fields.map((field) => marks.read(field, whole, itemStart, itemEnd));
  return JSON.stringify({
    ...{ itemStart, itemEnd, itemTooDeep, itemIsCompact, topMembers, metadataMembers, places, names },
    mayRepeat: marks.mayRepeat,
  });
}
