import { afterEach, expect, test, vi } from 'vitest';
import { Progress } from './progress.ts';

afterEach(() => vi.restoreAllMocks());

test.each([
  [0, false, /^converged after \d+ ms$/],
  [0, true, /^converged after \d+ ms$/],
  [7, true, /^interrupted after \d+ ms, 7 differ$/],
  [7, false, /^given up after \d+ ms, 7 differ$/],
])(
  'Progress.finish with %i objects that differ (interrupted: %s) says how the phase ended',
  (remaining, interrupted, words) => {
    const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
    const progress = new Progress('create');
    progress.show(50, remaining);
    const outcome = progress.finish(50, remaining, interrupted);
    expect(outcome).toMatch(words);
    expect(printed.mock.calls[0]?.[0]).toContain(outcome);
  },
);
