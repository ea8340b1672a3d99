import { FakeClock } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { createDispatcher } from './dispatcher.ts';
import { Sessions } from './sessions.ts';

/** What undici is asked for. */
function asked(server: string, http2: boolean): Record<string, unknown> {
  let options: unknown;
  let tlsOptions: unknown;
  const recording = class {
    constructor(given: unknown) {
      options = given;
    }
  } as never;
  const buildConnector = (given: unknown): (() => void) => {
    tlsOptions = given;
    return () => {};
  };
  const clock = new FakeClock();
  createDispatcher(
    { Agent: recording, buildConnector },
    { url: new URL(server), http2, connectTimeoutMs: 1_000, tls: { ca: 'CA' }, clock },
    new Sessions(clock),
  );
  return { ...(options as object), connect: tlsOptions };
}

test('createDispatcher lets a watch be silent for ever and puts 250 of them on one connection', () => {
  expect(asked('https://host', true)).toMatchObject({
    allowH2: true,
    bodyTimeout: 0,
    headersTimeout: 65_000,
    connectTimeout: 1_000,
    h2Options: { maxConcurrentStreams: 250 },
    connect: { ca: 'CA', allowH2: true, keepAlive: true, keepAliveInitialDelay: 30_000 },
  });
});

test('createDispatcher offers no HTTP/2 when it is switched off, or without TLS', () => {
  expect(asked('https://host', false)).toMatchObject({ allowH2: false, connect: { allowH2: false } });
  expect(asked('http://host', true)).toMatchObject({ allowH2: false });
});
