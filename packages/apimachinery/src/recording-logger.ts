import type { LogLevel } from './loggers.ts';
import type { LogFields, Logger } from './ports.ts';

/** One message that was logged. */
export interface RecordedLine {
  readonly level: LogLevel;
  /** With the fields of the logger's parents. */
  readonly fields: LogFields;
  readonly message: string;
}

/** Keeps what is logged, also by its children. */
export class RecordingLogger implements Logger {
  readonly lines: RecordedLine[];
  readonly #bound: LogFields;

  constructor(bound: LogFields = {}, lines: RecordedLine[] = []) {
    this.#bound = bound;
    this.lines = lines;
  }

  trace(fields: LogFields, message: string): void {
    this.#record('trace', fields, message);
  }

  debug(fields: LogFields, message: string): void {
    this.#record('debug', fields, message);
  }

  info(fields: LogFields, message: string): void {
    this.#record('info', fields, message);
  }

  warn(fields: LogFields, message: string): void {
    this.#record('warn', fields, message);
  }

  error(fields: LogFields, message: string): void {
    this.#record('error', fields, message);
  }

  child(fields: LogFields): RecordingLogger {
    return new RecordingLogger({ ...this.#bound, ...fields }, this.lines);
  }

  #record(level: LogLevel, fields: LogFields, message: string): void {
    this.lines.push({ level, fields: { ...this.#bound, ...fields }, message });
  }
}
