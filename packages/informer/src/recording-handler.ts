import type { KubernetesObject } from '@bowline/apimachinery';
import { keyOf } from '@bowline/apimachinery';
import type { Handler } from './ports.ts';

/**
 * A handler that writes down what it is told: `add default/web@7 initial`, `update default/web@7 to 9`, `delete default/web@9`
 * (`unseen` when the deletion was inferred). It can be made to take its time, and to fail.
 *
 * @example
 * ```ts
 * import { RecordingHandler } from '@bowline/informer/testing';
 *
 * const handler = new RecordingHandler();
 * handler.onAdd({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', uid: '1', resourceVersion: '7', creationTimestamp: '' } }, { initial: true });
 * console.log(handler.calls); // [ 'add a@7 initial' ]
 * ```
 */
export class RecordingHandler<T extends KubernetesObject = KubernetesObject> implements Handler<T> {
  /** Calls so far, oldest first. A call that is held is among them. */
  readonly calls: string[] = [];
  /** How many calls are held. More than one would break the promise that calls come one at a time. */
  held = 0;
  readonly #failures: unknown[] = [];
  #hold: { readonly over: Promise<void>; readonly release: () => void } | undefined;

  /** What was recorded since the last time. */
  take(): string[] {
    return this.calls.splice(0);
  }

  /** From now on calls do not return until `release`. */
  hold(): void {
    let release = (): void => {};
    const over = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#hold ??= { over, release };
  }

  release(): void {
    this.#hold?.release();
    this.#hold = undefined;
  }

  /** The next call throws, after it was recorded; calls add up. */
  failNext(error: unknown): void {
    this.#failures.push(error);
  }

  onAdd(object: T, { initial }: { readonly initial: boolean }): void | Promise<void> {
    return this.#record(`add ${nameOf(object)}${initial ? ' initial' : ''}`);
  }

  onUpdate(old: T, now: T): void | Promise<void> {
    return this.#record(`update ${nameOf(old)} to ${now.metadata.resourceVersion}`);
  }

  onDelete(last: T, { finalStateUnknown }: { readonly finalStateUnknown: boolean }): void | Promise<void> {
    return this.#record(`delete ${nameOf(last)}${finalStateUnknown ? ' unseen' : ''}`);
  }

  #record(call: string): void | Promise<void> {
    this.calls.push(call);
    const failure = this.#failures.shift();
    if (failure !== undefined) throw failure;
    return this.#hold && this.#wait(this.#hold.over);
  }

  async #wait(over: Promise<void>): Promise<void> {
    this.held += 1;
    await over;
    this.held -= 1;
  }
}

function nameOf(object: KubernetesObject): string {
  return `${keyOf(object)}@${object.metadata.resourceVersion}`;
}
