import { expect, test } from 'vitest';

/** What plain JavaScript can call, whatever the types say. */
export type Loose = (...given: unknown[]) => unknown;

/** One wrong call, and what it says. */
type Refusal = readonly [message: string, given: unknown[]];

export function loose(call: unknown): Loose {
  return call as Loose;
}

/** A test per wrong call. */
export function refuses(name: string, call: Loose, refusals: readonly Refusal[]): void {
  test.each(refusals)(`${name}: %s`, async (message, given) => {
    const failure = await Promise.resolve()
      .then(() => call(...given))
      .then(
        () => new Error('nothing was thrown'),
        (error: Error) => error,
      );
    expect(failure.message).toContain(message);
    expect([TypeError, RangeError]).toContain(failure.constructor);
  });
}
