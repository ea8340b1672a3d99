/** Whether somebody has to be waited for, who need not be a `Promise`: functions of users come from plain JavaScript, too. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
