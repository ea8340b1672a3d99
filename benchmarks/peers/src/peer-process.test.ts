import { describe, expect, test } from 'vitest';
import { PeerProcess } from './peer-process.ts';

const program = (code: string): PeerProcess =>
  new PeerProcess({ file: process.execPath, arguments: ['-e', code] }, 20_000);

describe('PeerProcess', () => {
  test('PeerProcess answers lines with what the program says', async () => {
    const code =
      'process.stdin.on("data", (line) => console.log(JSON.stringify({ phase: String(line).trim(), ms: 3 })))';
    await using peer = program(code);
    peer.tell('sync');
    expect(await peer.answer('sync')).toEqual({ phase: 'sync', ms: 3 });
  });

  test('PeerProcess says why a program has ended', async () => {
    await using broken = program("throw new RangeError('too long')");
    await expect(broken.answer('sync')).rejects.toThrow('it ended before "sync": RangeError: too long');
    await using silent = program('process.exit(3)');
    await expect(silent.answer('sync')).rejects.toThrow('it ended before "sync": exit code 3');
    await using missing = new PeerProcess({ file: '/nonexistent', arguments: [] }, 20_000);
    await expect(missing.answer('sync')).rejects.toThrow('ENOENT');
  });

  test('PeerProcess ends a program that takes too long', async () => {
    await using slow = new PeerProcess(
      { file: process.execPath, arguments: ['-e', 'setInterval(() => {}, 1000)'] },
      50,
    );
    await expect(slow.answer('sync')).rejects.toThrow('it took too long to sync');
  });

  test('PeerProcess refuses an answer to something else', async () => {
    await using peer = program('console.log(\'{"phase":"burst"}\'); setInterval(() => {}, 1000)');
    await expect(peer.answer('sync')).rejects.toThrow('"burst" was said where "sync" was expected');
  });
});
