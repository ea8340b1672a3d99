/** What stands between BEGIN and END of a PEM text. */
export interface PemBlock {
  readonly type: string;
  readonly hasHeaders: boolean;
  readonly bytes: Buffer;
}

const begin = '-----BEGIN ';
const end = '-----END ';

/** The blocks of a PEM text; what is none is passed over. O(length of the text). @see Go `encoding/pem.Decode` */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let endAt = -1;
  for (let at = lineStart(text, begin, 0); at >= 0; ) {
    if (endAt < at) endAt = lineStart(text, end, at);
    if (endAt < 0) break;
    const block = readBlock(text.slice(at, lineEnd(text, endAt)));
    if (block !== undefined) blocks.push(block);
    at = lineStart(text, begin, block === undefined ? at + begin.length : endAt);
  }
  return blocks;
}

/** Where a line begins with `mark`; -1 when none does. */
function lineStart(text: string, mark: string, from: number): number {
  if (from === 0 && text.startsWith(mark)) return 0;
  const at = text.indexOf(`\n${mark}`, Math.max(0, from - 1));
  return at < 0 ? -1 : at + 1;
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at;
}

function readBlock(text: string): PemBlock | undefined {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const first = lines[0] ?? '';
  const type = first.slice(begin.length, -5);
  if (!first.endsWith('-----') || lines.at(-1) !== `${end}${type}-----`) return undefined;
  const content = lines.slice(1, -1);
  const headers = content.findIndex((line) => !line.includes(':'));
  const hasHeaders = headers > 0;
  const base64 = content.slice(Math.max(0, headers)).join('');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64) || base64.length % 4 !== 0) return undefined;
  return { type, hasHeaders, bytes: Buffer.from(base64, 'base64') };
}
