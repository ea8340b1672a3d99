import { getEventListeners } from 'node:events';
import { expect } from 'vitest';
import { eventually } from './world.ts';

/** What a process holds on to. */
export interface Belongings {
  readonly sockets: number;
  readonly timers: number;
  /** Of the process, and of the signals that were given out. */
  readonly listeners: number;
}

/** What this process holds on to now; `signals` are those whose listeners count. */
export function belongings(signals: readonly AbortSignal[]): Belongings {
  const resources = process.getActiveResourcesInfo();
  const ofProcess = process.eventNames().map((name) => process.listenerCount(name));
  const ofSignals = signals.map((signal) => getEventListeners(signal, 'abort').length);
  return {
    sockets: resources.filter((name) => name === 'TCPSocketWrap').length,
    timers: resources.filter((name) => name === 'Timeout').length,
    listeners: [...ofProcess, ...ofSignals].reduce((sum, count) => sum + count, 0),
  };
}

/** Waits until this process holds on to no more than `before`. */
export async function allGivenBack(before: Belongings, signals: readonly AbortSignal[]): Promise<void> {
  await eventually('sockets, timers and listeners are back to what they were', async () => {
    const now = belongings(signals);
    expect(now.sockets).toBeLessThanOrEqual(before.sockets);
    expect(now.timers).toBeLessThanOrEqual(before.timers + 1); // the timer of this very wait
    expect(now.listeners).toBeLessThanOrEqual(before.listeners);
    return true;
  });
}

/** Keeps what Node says of emitters with more listeners than anybody needs: of any emitter, also of those that nobody can list. */
export class ListenerWarnings implements Disposable {
  readonly messages: string[] = [];

  constructor() {
    process.on('warning', this.#heard);
  }

  [Symbol.dispose](): void {
    process.off('warning', this.#heard);
  }

  readonly #heard = ({ name, message }: Error): void => {
    if (name === 'MaxListenersExceededWarning') this.messages.push(message);
  };
}
