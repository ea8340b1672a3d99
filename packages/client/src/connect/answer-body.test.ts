import { describe, expect, test } from 'vitest';
import { AnswerBody, freeChunk } from './answer-body.ts';

/** A body, what happens to its sender, and how often its exchange ended. */
function setUp() {
  const seen = { turns: 0, ends: 0, aborts: [] as unknown[] };
  const controller = {
    paused: false,
    onResume: (): void => {},
    pause: () => {
      controller.paused = true;
    },
    resume: () => {
      controller.paused = false;
      controller.onResume();
    },
    abort: (reason: unknown) => void seen.aborts.push(reason),
  };
  const body = new AnswerBody(controller, {
    turn: async () => void seen.turns++,
    explain: (error) => new Error('explained', { cause: error }),
    onEnd: () => seen.ends++,
  });
  return { body, controller, seen };
}

/** A piece in a buffer of that many bytes. */
const piece = (text: string, within: number = text.length): Buffer =>
  Buffer.from(new ArrayBuffer(within)).fill(text).subarray(0, text.length);
const read = async (body: AnswerBody): Promise<string | undefined> => {
  const { done, value } = await body.next();
  return done ? undefined : Buffer.from(value).toString();
};

describe('AnswerBody', () => {
  test('AnswerBody gives what comes, as it is, whether somebody waits or not, then ends after a turn', async () => {
    const { body, seen } = setUp();
    const first = body.next();
    const bytes = piece('one');
    body.push(bytes);
    expect((await first).value).toBe(bytes);
    body.push(piece('two'));
    body.push(piece('three'));
    body.push(piece(''));
    body.complete();
    expect([await read(body), await read(body)]).toEqual(['two', 'three']);
    expect(seen).toEqual({ turns: 0, ends: 0, aborts: [] });
    expect([await read(body), await read(body)]).toEqual([undefined, undefined]);
    expect(seen).toEqual({ turns: 1, ends: 1, aborts: [] });
  });

  test('AnswerBody gives each of those who read at the same time something else', async () => {
    const { body } = setUp();
    const reading = [read(body), read(body), read(body), read(body)];
    body.push(piece('one'));
    await reading[0];
    body.push(piece('two'));
    body.push(piece('three'));
    body.complete();
    expect(await Promise.all(reading)).toEqual(['one', 'two', 'three', undefined]);
  });

  test('AnswerBody joins parts of larger buffers, in their order: each chunk has a buffer of its own', async () => {
    const { body } = setUp();
    const waiting = body.next();
    for (const [text, within] of [
      ['a', 100],
      ['b', 2],
      ['long'],
      ['c', 100],
      ['long too'],
      ['most of it', 11],
    ] as const)
      body.push(piece(text, within));
    body.complete();
    const all = [(await waiting).value];
    for await (const chunk of body) all.push(chunk);
    expect(all.map((chunk) => Buffer.from(chunk ?? []).toString())).toEqual([
      'ab',
      'long',
      'c',
      'long too',
      'most of it',
    ]);
    expect(all.map((chunk) => chunk?.buffer.byteLength)).toEqual([2, 4, 1, 8, 10]);
  });

  test('AnswerBody joins no more than 64 KiB, in which whoever splits it finds a whole step', async () => {
    const { body } = setUp();
    const lengths = [65_000, 60_000, 5_000, 536, 1, 70_000, 2];
    for (const length of lengths) body.push(Buffer.alloc(length + 1).subarray(1));
    body.complete();
    const all: number[] = [];
    for await (const chunk of body) all.push(chunk.length);
    expect(all).toEqual([65_000, 65_536, 1, 70_000, 2]);
  });

  test('freeChunk gives the memory of a chunk back, but not where others have parts of it', async () => {
    const { body } = setUp();
    body.push(piece('a part', 100));
    const own = (await body.next()).value ?? expect.unreachable();
    freeChunk(own);
    expect((own.buffer as ArrayBuffer).detached).toBe(true);
    const foreign = [piece('a part', 100), Buffer.from('pooled'), new Uint8Array(new SharedArrayBuffer(3))];
    for (const chunk of foreign) freeChunk(chunk);
    expect(foreign.map(({ length }) => length)).toEqual([6, 6, 3]);
  });

  test('AnswerBody lets the sender wait while 256 KiB are unread, and no longer', async () => {
    const { body, controller } = setUp();
    const half = (): Buffer => Buffer.alloc(131_072);
    body.push(half());
    expect(controller.paused).toBe(false);
    body.push(half());
    expect(controller.paused).toBe(true);
    controller.onResume = () => {
      body.push(piece('more'));
      body.complete();
    };
    expect((await body.next()).value).toHaveLength(131_072);
    expect(controller.paused).toBe(false);
    expect((await body.next()).value).toHaveLength(131_072);
    expect([await read(body), await read(body)]).toEqual(['more', undefined]);
  });

  test('AnswerBody lets the sender wait until less than 256 KiB are unread', async () => {
    const { body, controller } = setUp();
    for (let sent = 0; sent < 3; sent++) body.push(Buffer.alloc(131_072));
    await body.next();
    expect(controller.paused).toBe(true);
    await body.next();
    expect(controller.paused).toBe(false);
  });

  test('AnswerBody joins all that is unread where all of it are small parts', async () => {
    const { body } = setUp();
    for (const text of ['a', 'b', 'c']) body.push(piece(text, 100));
    expect(await read(body)).toBe('abc');
  });

  test('AnswerBody gives what came before a failure, then says once what failed', async () => {
    const { body, seen } = setUp();
    body.push(piece('one'));
    const failure = new Error('reset');
    body.fail(failure);
    expect(seen.ends).toBe(1);
    body.push(piece('too late'));
    body.fail(new Error('again'));
    expect(await read(body)).toBe('one');
    await expect(body.next()).rejects.toMatchObject({ message: 'explained', cause: failure });
    expect(await read(body)).toBeUndefined();
    expect(seen).toEqual({ turns: 0, ends: 1, aborts: [] });
  });

  test.each([
    ['that is waited for', 0],
    ['that has begun', 1],
    ['that has come', 2],
  ])('AnswerBody drops a body %s when the exchange is aborted', async (_, state) => {
    const { body, seen } = setUp();
    if (state > 0) body.push(piece('unread'));
    if (state > 1) body.complete();
    const waiting = state === 0 ? body.next() : undefined;
    const reason = new Error('enough');
    body.drop(reason);
    expect(seen.ends).toBe(1);
    body.fail(new Error('aborted'));
    await expect(waiting ?? body.next()).rejects.toMatchObject({ cause: reason });
    expect(await read(body)).toBeUndefined();
    expect(seen.ends).toBe(1);
  });

  test('AnswerBody has nothing to drop when the exchange is aborted after its end', async () => {
    const { body, seen } = setUp();
    body.complete();
    expect(await read(body)).toBeUndefined();
    body.drop(new Error('too late'));
    expect(await read(body)).toBeUndefined();
    expect(await body.return()).toEqual({ done: true, value: undefined });
    expect(seen).toEqual({ turns: 1, ends: 1, aborts: [] });

    const other = setUp();
    const failure = new Error('reset');
    other.body.fail(failure);
    other.body.drop(new Error('too late'));
    await expect(other.body.next()).rejects.toMatchObject({ cause: failure });
    expect(other.seen.ends).toBe(1);
  });

  test('AnswerBody ends the exchange when it is left early, also under whoever waits', async () => {
    const { body, seen } = setUp();
    body.push(piece('one'));
    for await (const _ of body) break;
    body.push(piece('two'));
    expect(await read(body)).toBeUndefined();
    expect(seen).toMatchObject({ ends: 1, aborts: [new Error('Nobody reads the rest of the answer')] });

    const other = setUp();
    const waiting = read(other.body);
    await other.body.return();
    expect(await waiting).toBeUndefined();
    expect(other.seen).toMatchObject({ turns: 0, ends: 1, aborts: [expect.any(Error)] });
  });

  test('AnswerBody leaves the connection alone when it is left after all has come', async () => {
    const { body, seen } = setUp();
    body.push(piece('one'));
    body.complete();
    await body.return();
    expect(seen).toEqual({ turns: 0, ends: 1, aborts: [] });
  });
});
