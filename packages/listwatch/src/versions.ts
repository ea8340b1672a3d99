import { DEFAULT_PAGE_SIZE } from './pager.ts';

/**
 * How far a reflector is, and which resource version it asks for next: never an older state than the one that it has delivered,
 * whichever server answers.
 *
 * | request | last version unavailable | none yet | else |
 * |---|---|---|---|
 * | list | `''` (most recent) | `'0'` (any) | not older than the last |
 * | watch-list | `''` | `''` | not older than the last |
 * | watch | the last | the last | the last |
 *
 * @see client-go tools/cache/reflector.go `relistResourceVersion`, `rewatchResourceVersion`
 */
export class Versions {
  /** The version up to which the sink equals the server. */
  last = '';
  /** The server has that version no longer, or not yet: ask for the most recent one. */
  unavailable = false;
  /** The server pages even a list at version "0", so it has no watch cache and paging costs nothing. */
  #paginated = false;

  get forList(): string {
    return this.unavailable ? '' : this.last || '0';
  }

  get forWatchList(): string {
    return this.unavailable ? '' : this.last;
  }

  /** Without a version a new watch begins with what exists then: deletions in between would be missed. */
  get resumable(): boolean {
    return this.last !== '' && this.last !== '0';
  }

  /** A list at this version was answered in pages. */
  paged(resourceVersion: string): void {
    if (resourceVersion === '0') this.#paginated = true;
  }

  /** The sink equals the server at this version. */
  committed(resourceVersion: string): void {
    this.last = resourceVersion;
    this.unavailable = false;
  }

  /** 0 for no limit, so that the server may answer from memory. @see client-go tools/cache/reflector.go `list`, for the reason of each case */
  pageSizeFor(resourceVersion: string): number {
    return this.#paginated || resourceVersion === '' || resourceVersion === '0' ? DEFAULT_PAGE_SIZE : 0;
  }
}
