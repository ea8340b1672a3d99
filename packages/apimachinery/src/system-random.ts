import type { Random } from './ports.ts';

/** The randomness of the machine: good for jitter and identifiers, not for secrets. */
export const systemRandom: Random = Object.freeze({
  next: () => Math.random(),
  uuid: () => crypto.randomUUID(),
});
