import { isPromiseLike } from '@bowline/apimachinery';
import { checkValue, type ValueRule } from '@bowline/apimachinery/arguments';

/**
 * Checks what a function of a user returned that must not be a promise, without letting the promise end the process when it rejects.
 *
 * @throws {TypeError | RangeError}
 */
export function checkReturned(action: string, field: string, returned: unknown, rule: ValueRule): void {
  if (isPromiseLike(returned)) Promise.resolve(returned).catch(() => {}); // The error below says what is wrong with it, however it ends.
  checkValue(action, field, returned, rule);
}
