import { formatGroupResource } from '@bowline/apimachinery';
import type { Resource } from './resource.ts';
import type { Reading } from './spelling.ts';

/** More suggestions than that help nobody. */
const MOST_SUGGESTIONS = 3;

/** The resources whose names are spelled like a word that fits none, nearest first, each in one version. */
export function nearMatches(resources: readonly Resource[], readings: readonly Reading[]): Resource[] {
  const word = (readings[0]?.word ?? '').toLowerCase();
  const tolerance = Math.max(1, Math.floor(word.length / 3));
  const nearest = new Map<string, { resource: Resource; distance: number }>();
  for (const resource of resources) {
    const name = formatGroupResource(resource);
    if (nearest.has(name)) continue;
    const names = [resource.resource, resource.singular, resource.kind, ...resource.shortNames];
    const distance = Math.min(...names.map((candidate) => distanceOf(word, candidate.toLowerCase(), tolerance)));
    if (distance <= tolerance) nearest.set(name, { resource, distance });
  }
  return [...nearest.values()]
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_SUGGESTIONS)
    .map(({ resource }) => resource);
}

/** Edits between two words; a beginning of three letters or more counts as one edit. Words of too different lengths are not compared. */
function distanceOf(word: string, name: string, tolerance: number): number {
  if (word.length >= 3 && name !== word && name.startsWith(word)) return 1;
  if (Math.abs(word.length - name.length) > tolerance) return Number.POSITIVE_INFINITY;
  return editDistance(word, name);
}

/**
 * How many insertions, removals, replacements and swaps of neighbours turn `a` into `b` (optimal string alignment). O(length a × length b).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = at(last, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let least = Math.min(replaced, at(last, column) + 1, at(current, column - 1) + 1);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        least = Math.min(least, at(beforeLast, column - 2) + 1);
      }
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
