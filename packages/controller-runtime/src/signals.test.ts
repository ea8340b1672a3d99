import { FakeClock } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { type SignalSource, shutdownSignal } from './signals.ts';

class FakeProcess implements SignalSource {
  readonly exits: number[] = [];
  readonly #listeners: { readonly event: string; readonly listener: () => void }[] = [];

  on(event: string, listener: () => void): void {
    this.#listeners.push({ event, listener });
  }

  exit(code: number): void {
    this.exits.push(code);
  }

  receive(signal: string): void {
    for (const { event, listener } of this.#listeners) if (event === signal) listener();
  }
}

test.each(['SIGTERM', 'SIGINT'])('shutdownSignal aborts at the first %s, and lets the process live', (name) => {
  const process = new FakeProcess();
  const signal = shutdownSignal(process);
  expect(signal.aborted).toBe(false);
  process.receive(name);
  expect(signal.reason).toEqual(new Error(`Received ${name}`));
  expect(process.exits).toEqual([]);
});

test('shutdownSignal ends the process at the second signal, whichever it is', () => {
  const process = new FakeProcess();
  shutdownSignal(process);
  process.receive('SIGTERM');
  process.receive('SIGINT');
  expect(process.exits).toEqual([1]);
});

test('shutdownSignal takes the same signal at once again for one request: npm passes on what a terminal has sent already', async () => {
  const process = new FakeProcess();
  const clock = new FakeClock();
  shutdownSignal(process, clock);
  process.receive('SIGINT');
  process.receive('SIGINT');
  expect(process.exits).toEqual([]);
  await clock.advance(100);
  process.receive('SIGINT');
  expect(process.exits).toEqual([1]);
});
