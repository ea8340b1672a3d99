import { checkValue, type ValueRule } from '@bowline/apimachinery/arguments';

/** Whether somebody has to be waited for, who need not be a `Promise`: functions of users come from plain JavaScript, too. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/**
 * Checks what a function of a user returned that must not be a promise, without letting the promise end the process when it rejects.
 *
 * @throws {TypeError | RangeError}
 */
export function checkReturned(action: string, field: string, returned: unknown, rule: ValueRule): void {
  if (isThenable(returned)) Promise.resolve(returned).catch(() => {}); // The error below says what is wrong with it, however it ends.
  checkValue(action, field, returned, rule);
}
