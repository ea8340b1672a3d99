import { expect, test } from 'vitest';
import { FakeClock } from './fake-clock.ts';
import { consoleLogger, type LogLevel, silentLogger } from './loggers.ts';
import { RecordingLogger } from './recording-logger.ts';

test('silentLogger says nothing, and neither do its children', () => {
  expect(silentLogger.child({ a: 1 })).toBe(silentLogger);
  expect(silentLogger.error({}, 'x')).toBe(undefined);
});

test('consoleLogger writes one line per message, from its level on, with the fields of its parents', () => {
  const lines: string[] = [];
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const logger = consoleLogger({ level: 'info', clock, write: (line) => lines.push(line) });
  logger.debug({}, 'hidden');
  logger.trace({}, 'hidden');
  logger.child({ controller: 'web' }).info({ key: 'default/web', took: 3 }, 'Reconciled');
  logger.error({ err: new Error('no "route"'), cause: undefined, list: [1] }, 'Failed');
  expect(lines).toEqual([
    '2026-01-01T00:00:00Z info  Reconciled controller=web key=default/web took=3',
    '2026-01-01T00:00:00Z error Failed err="no \\"route\\"" cause=undefined list=[1]',
  ]);
});

test('consoleLogger never throws because of a value', () => {
  const lines: string[] = [];
  const logger = consoleLogger({ clock: new FakeClock(), write: (line) => lines.push(line) });
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  logger.warn({ cycle, big: { n: 1n }, text: 'two\nlines' }, 'Odd');
  expect(lines).toEqual([
    '1970-01-01T00:00:00Z warn  Odd cycle=[object Object] big=[object Object] text="two\\nlines"',
  ]);
});

test('consoleLogger refuses an unknown level', () => {
  expect(() => consoleLogger({ level: 'loud' as LogLevel })).toThrow(
    'level must be one of trace, debug, info, warn, error',
  );
});

test('RecordingLogger keeps lines of all levels and of its children', () => {
  const logger = new RecordingLogger();
  logger.trace({}, 't');
  logger.debug({}, 'd');
  logger.warn({ a: 1 }, 'w');
  logger.error({}, 'e');
  logger.child({ a: 1 }).child({ b: 2 }).info({ c: 3 }, 'i');
  expect(logger.lines.map(({ level }) => level)).toEqual(['trace', 'debug', 'warn', 'error', 'info']);
  expect(logger.lines.at(-1)).toEqual({ level: 'info', fields: { a: 1, b: 2, c: 3 }, message: 'i' });
});
