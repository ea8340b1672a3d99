import { expect, test } from 'vitest';
import { ByteSpool } from './byte-spool.ts';

test('ByteSpool gives pieces by position across chunks, and forgets what is no longer needed', () => {
  const spool = new ByteSpool();
  for (const text of ['abc', '', 'defg', 'h']) spool.append(Buffer.from(text));
  expect(spool.copy(1, 6).toString()).toBe('bcdef');
  expect(spool.copy(0, 8).toString()).toBe('abcdefgh');
  expect(spool.window(7, 128)).toMatchObject({ base: 7 });
  spool.forget(4);
  expect(spool.copy(4, 8).toString()).toBe('efgh');
  expect(spool.end).toBe(8);
});

test('ByteSpool copies the rest of a chunk that is a small part of a large buffer (Compact)', () => {
  const large = Buffer.alloc(100_000, 'x');
  const spool = new ByteSpool();
  spool.append(large.subarray(0, 10));
  spool.forget(5);
  large.fill('y');
  expect(spool.copy(5, 10).toString()).toBe('xxxxx');
});
