import type { Clock } from './clock.ts';
import type { LogFields, Logger } from './ports.ts';
import { systemClock } from './system-clock.ts';
import { formatTime } from './time.ts';

/** How much a log line matters, least first. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

const severity: Readonly<Record<LogLevel, number>> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50 };

/** Says nothing. The default wherever a failure reaches the caller in another way; a manager, whose failures nobody awaits, logs warnings and errors. */
export const silentLogger: Logger = Object.freeze({
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
});

/** What `consoleLogger` writes, and where. */
export interface ConsoleLoggerOptions {
  /** The least severe level that is written. @default 'info' */
  readonly level?: LogLevel | undefined;
  /** Takes one line without its end. @default standard error, so that standard output stays free for data */
  readonly write?: ((line: string) => void) | undefined;
  /** Where the times of the lines come from. @default systemClock */
  readonly clock?: Pick<Clock, 'now'> | undefined;
}

/**
 * Writes one line per message: time, level, message, then the fields as `key=value`.
 * A field that holds an `Error` is written as its message; values never make it throw.
 *
 * @throws {TypeError} when `level` is no level.
 * @example
 * ```ts
 * import { consoleLogger } from '@bowline/apimachinery';
 *
 * consoleLogger({ level: 'debug' }).child({ controller: 'web' }).info({ key: 'default/web' }, 'Reconciled');
 * // 2026-01-01T00:00:00Z info  Reconciled controller=web key=default/web
 * ```
 */
export function consoleLogger(options: ConsoleLoggerOptions = {}): Logger {
  const { level = 'info', write = (line) => console.error(line), clock = systemClock } = options;
  const threshold = severity[level];
  if (threshold === undefined) {
    throw new TypeError(
      `Cannot create console logger: level must be one of ${Object.keys(severity).join(', ')}, got "${level}"`,
    );
  }
  const make = (bound: LogFields): Logger => {
    const log = (lineLevel: LogLevel) => (fields: LogFields, message: string) => {
      if (severity[lineLevel] < threshold) return;
      const text = Object.entries({ ...bound, ...fields }).map(([name, value]) => ` ${name}=${formatValue(value)}`);
      write(`${formatTime(clock.now())} ${lineLevel.padEnd(5)} ${message}${text.join('')}`);
    };
    return {
      trace: log('trace'),
      debug: log('debug'),
      info: log('info'),
      warn: log('warn'),
      error: log('error'),
      child: (fields) => make({ ...bound, ...fields }),
    };
  };
  return make({});
}

function formatValue(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.message);
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === 'object' && value !== null) {
    try {
      return JSON.stringify(value);
    } catch {
      return Object.prototype.toString.call(value); // A cycle or a bigint: the line matters more than the value.
    }
  }
  return String(value);
}
