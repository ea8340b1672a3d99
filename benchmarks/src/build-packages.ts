import { turbo } from '../../tools/turbo.ts';
import { Refusal } from './flags.ts';

/**
 * Builds the packages; what is built already stays.
 *
 * @param action What cannot be done without.
 * @throws {Refusal} when that fails; the compilers have said why
 */
export async function buildPackages(action: string): Promise<void> {
  if ((await turbo(['run', 'build', '--output-logs=errors-only'])) === 0) return;
  throw new Refusal(`Cannot ${action}: the packages could not be built`);
}
