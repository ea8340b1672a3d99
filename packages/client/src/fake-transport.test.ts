import { readAll } from '@bowline/apimachinery';
import { expect, test } from 'vitest';
import { FakeTransport } from './fake-transport.ts';

const request = { method: 'GET', path: '/', headers: {} } as const;

test('FakeTransport hands requests to the test in order, whoever comes first', async () => {
  const transport = new FakeTransport();
  const waiting = transport.next();
  const first = transport.request({ ...request, path: '/1' });
  const second = transport.request({ ...request, path: '/2' });
  expect(transport.pending).toBe(1);
  (await waiting).respond({ status: 201, body: 'one' });
  (await transport.next()).respond({ body: { two: 2 } });
  expect([(await first).status, Buffer.from(await readAll((await first).body)).toString()]).toEqual([201, 'one']);
  expect((await second).headers).toEqual({ 'content-type': 'application/json' });
  expect(transport.requests.map(({ path }) => path)).toEqual(['/1', '/2']);
});

test('FakeExchange ends with the signal, as a connection does', async () => {
  const transport = new FakeTransport();
  const stop = new AbortController();
  const unanswered = transport.request({ ...request, signal: stop.signal });
  const streaming = transport.request({ ...request, signal: stop.signal });
  const [first, second] = [await transport.next(), await transport.next()];
  second.open();
  const reading = (await streaming).body[Symbol.asyncIterator]().next();
  stop.abort(new Error('enough'));
  await expect(unanswered).rejects.toThrow('enough');
  await expect(reading).rejects.toThrow('enough');
  expect([first.over, second.over]).toEqual([true, true]);
  expect(() => second.respond()).toThrow('answered already');
});
