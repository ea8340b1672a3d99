/** A run of equal lines: `a[aStart…]` and `b[bStart…]`, `size` of them. */
interface Match {
  readonly aStart: number;
  readonly bStart: number;
  readonly size: number;
}

/** Lines `a[aStart…aEnd)` become `b[bStart…bEnd)`. */
interface Edit {
  readonly equal: boolean;
  readonly aStart: number;
  readonly aEnd: number;
  readonly bStart: number;
  readonly bEnd: number;
}

const contextLines = 3;
/** In long texts, lines that make up more than a hundredth of the text say nothing about where one is. */
const longText = 200;

/**
 * The difference of two texts in the unified format without file names, hunk for hunk as the real server shows it.
 *
 * @see Python's difflib, whose Go port the real server uses: longest match first, then left and right of it
 */
export function unifiedDiff(from: string, to: string): string {
  const a = from.split('\n');
  const b = to.split('\n');
  return hunks(editsOf(a, b))
    .map((hunk) => writeHunk(a, b, hunk))
    .join('');
}

function linePlaces(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  lines.forEach((line, index) => {
    const known = places.get(line);
    if (known === undefined) places.set(line, [index]);
    else known.push(index);
  });
  if (lines.length >= longText) {
    const limit = Math.floor(lines.length / 100) + 1;
    for (const [line, indexes] of places) if (indexes.length > limit) places.delete(line);
  }
  return places;
}

function editsOf(a: readonly string[], b: readonly string[]): Edit[] {
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  for (const { aStart, bStart, size } of matchesOf(a, b)) {
    if (i < aStart || j < bStart) edits.push({ equal: false, aStart: i, aEnd: aStart, bStart: j, bEnd: bStart });
    [i, j] = [aStart + size, bStart + size];
    if (size > 0) edits.push({ equal: true, aStart, aEnd: i, bStart, bEnd: j });
  }
  return edits;
}

/** The matches in order, adjacent ones joined, ended by an empty one at the end of both texts. */
function matchesOf(a: readonly string[], b: readonly string[]): Match[] {
  const places = linePlaces(b);
  const found: Match[] = [];
  const search = (aLow: number, aHigh: number, bLow: number, bHigh: number): void => {
    const match = longestMatch(a, b, places, [aLow, aHigh], [bLow, bHigh]);
    if (match.size === 0) return;
    if (aLow < match.aStart && bLow < match.bStart) search(aLow, match.aStart, bLow, match.bStart);
    found.push(match);
    const [aEnd, bEnd] = [match.aStart + match.size, match.bStart + match.size];
    if (aEnd < aHigh && bEnd < bHigh) search(aEnd, aHigh, bEnd, bHigh);
  };
  search(0, a.length, 0, b.length);
  const joined: Match[] = [];
  for (const match of found) {
    const last = joined.at(-1);
    if (last !== undefined && last.aStart + last.size === match.aStart && last.bStart + last.size === match.bStart) {
      joined[joined.length - 1] = { ...last, size: last.size + match.size };
    } else joined.push(match);
  }
  return [...joined, { aStart: a.length, bStart: b.length, size: 0 }];
}

function longestMatch(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [aLow, aHigh]: readonly [number, number],
  [bLow, bHigh]: readonly [number, number],
): Match {
  let best: Match = { aStart: aLow, bStart: bLow, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = aLow; i < aHigh; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i] ?? '') ?? []) {
      if (j < bLow) continue;
      if (j >= bHigh) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { aStart: i - size + 1, bStart: j - size + 1, size };
    }
    lengths = next;
  }
  let { aStart, bStart, size } = best;
  while (aStart > aLow && bStart > bLow && a[aStart - 1] === b[bStart - 1]) {
    aStart--;
    bStart--;
    size++;
  }
  while (aStart + size < aHigh && bStart + size < bHigh && a[aStart + size] === b[bStart + size]) size++;
  return { aStart, bStart, size };
}

/** Groups edits that are near each other, with some equal lines around. */
function hunks(edits: readonly Edit[]): Edit[][] {
  const all = edits.map((edit, index) => {
    if (!edit.equal) return edit;
    const size = edit.aEnd - edit.aStart;
    const skip = index === 0 ? Math.max(0, size - contextLines) : 0;
    const keep = index === edits.length - 1 ? Math.min(size, skip + contextLines) : size;
    return trimmed(edit, skip, keep);
  });
  const groups: Edit[][] = [];
  let group: Edit[] = [];
  for (const edit of all) {
    const size = edit.aEnd - edit.aStart;
    if (edit.equal && size > 2 * contextLines) {
      group.push(trimmed(edit, 0, contextLines));
      groups.push(group);
      group = [trimmed(edit, size - contextLines, size)];
    } else group.push(edit);
  }
  groups.push(group);
  return groups.filter((one) => one.some(({ equal }) => !equal));
}

function trimmed({ equal, aStart, bStart }: Edit, from: number, to: number): Edit {
  return { equal, aStart: aStart + from, aEnd: aStart + to, bStart: bStart + from, bEnd: bStart + to };
}

function writeHunk(a: readonly string[], b: readonly string[], hunk: readonly Edit[]): string {
  const [first, last] = [hunk[0], hunk.at(-1)];
  if (first === undefined || last === undefined) return '';
  let text = `@@ -${range(first.aStart, last.aEnd)} +${range(first.bStart, last.bEnd)} @@\n`;
  for (const { equal, aStart, aEnd, bStart, bEnd } of hunk) {
    if (equal) for (const line of a.slice(aStart, aEnd)) text += ` ${line}\n`;
    else {
      for (const line of a.slice(aStart, aEnd)) text += `-${line}\n`;
      for (const line of b.slice(bStart, bEnd)) text += `+${line}\n`;
    }
  }
  return text;
}

function range(start: number, end: number): string {
  const length = end - start;
  if (length === 1) return String(start + 1);
  return `${length === 0 ? start : start + 1},${length}`;
}
