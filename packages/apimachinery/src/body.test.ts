import { expect, test } from 'vitest';
import { readAll } from './body.ts';

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

test('readAll joins chunks', async () => {
  expect(new TextDecoder().decode(await readAll(chunks('a', '', 'bc')))).toBe('abc');
  expect(await readAll(chunks())).toHaveLength(0);
  expect(await readAll(chunks('abc'), 3)).toHaveLength(3);
});

test('readAll closes a body that is too large', async () => {
  let closed = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(10);
    } finally {
      closed = true;
    }
  }
  await expect(readAll(endless(), 25)).rejects.toMatchObject({ code: 'APIMACHINERY_BODY_TOO_LARGE' });
  expect(closed).toBe(true);
  await expect(readAll(endless(), Number.NaN)).rejects.toThrow(RangeError);
});
