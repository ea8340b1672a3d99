import { isPromiseLike, type Logger } from '@bowline/apimachinery';

/** Tells a function of the user's, if there is one. What it throws, or rejects with, is logged, and ends nothing. */
export function tell<V>(
  listener: ((value: V) => void) | undefined,
  value: V,
  name: string,
  logger: Pick<Logger, 'error'>,
): void {
  const failed = (error: unknown): void => logger.error({ error }, `${name} failed`);
  try {
    const told: unknown = listener?.(value);
    if (isPromiseLike(told)) told.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}
