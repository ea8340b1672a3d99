import type { Pod } from '@bowline/api/core/v1';

/** How much of each object a handler looks at. */
export type Reading = 'nothing' | 'placement' | 'everything';

/** Looks at pods, and counts what it saw, so that nothing is optimized away. */
export class Reader {
  seen = 0;
  readonly #reading: Reading;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** Looks at nothing, at name, labels and `spec.nodeName`, or at every value. */
  read(pod: Pod): void {
    if (this.#reading === 'nothing') return;
    if (this.#reading === 'everything') {
      this.seen += leaves(pod);
      return;
    }
    const { metadata, spec } = pod;
    this.seen +=
      (metadata.name?.length ?? 0) + Object.keys(metadata.labels ?? {}).length + (spec?.nodeName?.length ?? 0);
  }
}

/** How many values that are no objects a value has in it. */
export function leaves(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  let count = 0;
  for (const key in value) count += leaves((value as Record<string, unknown>)[key]);
  return count;
}
