import { checkOptions, checkValue, rules } from '@bowline/apimachinery/arguments';
import type { Enqueue, Source, SourceContext } from '../ports.ts';

/** A source that is a function. It resolves once what exists at the start is queued, and goes on feeding `queue` until the signal aborts. */
export type SourceFunc = (queue: Enqueue, context: SourceContext) => Promise<void>;

/** What a source is called. */
export interface SourceOptions {
  /** For messages, logs and causes. @default the function's name, or `channel` */
  readonly name?: string | undefined;
}

/** Makes a source of a function. */
export function funcSource(start: SourceFunc, options: SourceOptions = {}): Source {
  checkValue('make source', 'start', start, rules.function);
  checkOptions<SourceOptions>('make source', options, { name: rules.nonEmptyString });
  return { name: options.name ?? (start.name || 'function'), start };
}
