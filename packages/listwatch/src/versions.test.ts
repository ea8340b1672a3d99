import { describe, expect, test } from 'vitest';
import { Versions } from './versions.ts';

describe('Versions', () => {
  test('Versions ask for any state first, and go Forward from the one that was committed', () => {
    const versions = new Versions();
    expect([versions.forList, versions.forWatchList]).toEqual(['0', '']);
    versions.committed('7');
    expect([versions.forList, versions.forWatchList, versions.last]).toEqual(['7', '7', '7']);
  });

  test('Versions ask for the most recent state when the last one is unavailable, until one is committed', () => {
    const versions = new Versions();
    versions.committed('7');
    versions.unavailable = true;
    expect([versions.forList, versions.forWatchList, versions.last]).toEqual(['', '', '7']);
    versions.committed('9');
    expect([versions.forList, versions.forWatchList]).toEqual(['9', '9']);
  });

  test.each([
    ['', false],
    ['0', false],
    ['1', true],
  ])('Versions can resume after "%s": %s', (version, isResumable) => {
    const versions = new Versions();
    versions.committed(version);
    expect(versions.resumable).toBe(isResumable);
  });

  test('Versions ask for pages of a first or most recent list, and of others only where the server pages what it could answer from memory', () => {
    const versions = new Versions();
    expect(['', '0', '7'].map((version) => versions.pageSizeFor(version))).toEqual([500, 500, 0]);
    versions.paged('7');
    versions.paged('');
    expect(versions.pageSizeFor('7')).toBe(0);
    versions.paged('0');
    expect(versions.pageSizeFor('7')).toBe(500);
  });
});
