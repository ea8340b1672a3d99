import { silentLogger } from '@bowline/apimachinery';
import { RecordingLogger } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { type ApiWarning, Warnings, warningsOf } from './warnings.ts';

test('warningsOf reads headers that are repeated, joined, escaped, dated', () => {
  const warning = [
    '299 - "unknown field \\"spec.foo\\"", 299 proxy "old, really" "Wed, 21 Oct 2015 07:28:00 GMT"',
    '199 - "no matter"',
    '299 - ""',
  ];
  expect(warningsOf({ warning })).toEqual([
    { agent: '-', text: 'unknown field "spec.foo"' },
    { agent: 'proxy', text: 'old, really' },
    { agent: '-', text: '' },
  ]);
  expect(warningsOf({ warning: 'nonsense' })).toEqual([]);
  expect(warningsOf({})).toEqual([]);
});

const request = { method: 'GET', path: '/x' };
const header = (text: string | number) => ({ warning: `299 - "${text}"` });

test('Warnings passes each text once, and remembers the last 1,000 (Hooks)', () => {
  const passed: ApiWarning[] = [];
  const warnings = new Warnings(silentLogger, (warning) => passed.push(warning));
  for (let round = 0; round < 2; round++) {
    for (let text = 0; text < 1_000; text++) warnings.pass(header(text), request);
  }
  expect(passed).toHaveLength(1_000);
  expect(passed[7]).toEqual({ text: '7', agent: '-', ...request });
  warnings.pass(header('one more'), request);
  warnings.pass(header(1), request);
  expect(passed).toHaveLength(1_001);
  warnings.pass(header(0), request);
  expect(passed).toHaveLength(1_002);
});

test('Warnings reports a hook that throws, and goes on (Hooks)', () => {
  const logger = new RecordingLogger();
  const error = new Error('broken');
  const warnings = new Warnings(logger, () => {
    throw error;
  });
  warnings.pass(header('old'), request);
  expect(logger.lines).toMatchObject([{ level: 'error', message: 'onWarning threw an error', fields: { error } }]);
});
