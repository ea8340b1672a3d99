import type { Awaitable } from '@bowline/apimachinery';
import { checkValue, rules } from '@bowline/apimachinery/arguments';
import { argument } from '../argument-rules.ts';
import { ControllerRuntimeError } from '../errors.ts';
import type { ObjectDraft } from './draft.ts';
import { addFinalizer, containsFinalizer, removeFinalizer } from './finalizer.ts';

/** Releases what an object holds outside the cluster. Must be safe to repeat: the removal of the finalizer may fail afterwards. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is the usual one
export type FinalizeFunc<T> = (draft: T) => Awaitable<void | FinalizeOutcome>;

/** What a finalize function did besides its work. */
export interface FinalizeOutcome {
  /** It changed the draft's status, which is then to be written. @default false */
  readonly statusUpdated?: boolean | undefined;
}

/** What `Finalizers.finalize` did to a draft. */
export interface FinalizeResult {
  /** Finalizers were added or removed: write the draft. */
  readonly updated: boolean;
  /** A function changed the status: write it. */
  readonly statusUpdated: boolean;
  /** What failed: `CONTROLLER_RUNTIME_FINALIZER_FAILED`, whose `cause` is an `AggregateError`. Throw it after writing the draft. */
  readonly error?: ControllerRuntimeError | undefined;
}

/**
 * A set of finalizers with what each has to do.
 *
 * @example
 * ```ts
 * import { Finalizers } from '@bowline/controller-runtime';
 *
 * const finalizers = new Finalizers().register('example.com/bucket', async (draft) => console.log('free', draft.metadata.name));
 * const draft = { metadata: { name: 'web', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['example.com/bucket'] } };
 * await finalizers.finalize(draft); // { updated: true, statusUpdated: false }, and the draft has no finalizers any more
 * ```
 * @see controller-runtime pkg/finalizer
 */
export class Finalizers<T extends ObjectDraft = ObjectDraft> {
  readonly #functions = new Map<string, FinalizeFunc<T>>();

  /**
   * Adds a finalizer.
   *
   * @throws {TypeError} when it is there already.
   */
  register(finalizer: string, finalize: FinalizeFunc<T>): this {
    checkValue('register finalizer', 'finalizer', finalizer, rules.nonEmptyString);
    checkValue('register finalizer', 'finalize', finalize, rules.function);
    if (this.#functions.has(finalizer)) {
      throw new TypeError(`Cannot register finalizer: finalizer must be registered once, got "${finalizer}" again`);
    }
    this.#functions.set(finalizer, finalize);
    return this;
  }

  /**
   * Brings the finalizers of a draft in order: adds what is missing while the object lives; once it is being deleted, runs the function
   * of each that is there, one after the other, and removes those that succeeded.
   */
  async finalize(draft: T): Promise<FinalizeResult> {
    checkValue('finalize', 'draft', draft, argument.draft);
    if (draft.metadata.deletionTimestamp === undefined) {
      let updated = false;
      for (const finalizer of this.#functions.keys()) updated = addFinalizer(draft, finalizer) || updated;
      return { updated, statusUpdated: false };
    }
    let updated = false;
    let statusUpdated = false;
    const failures = new Map<string, unknown>();
    for (const [finalizer, finalize] of this.#functions) {
      if (!containsFinalizer(draft, finalizer)) continue;
      try {
        const outcome = await finalize(draft);
        statusUpdated ||= outcome?.statusUpdated ?? false;
        updated = removeFinalizer(draft, finalizer) || updated;
      } catch (error) {
        failures.set(finalizer, error);
      }
    }
    return { updated, statusUpdated, ...(failures.size > 0 ? { error: failure(failures) } : {}) };
  }
}

function failure(failures: ReadonlyMap<string, unknown>): ControllerRuntimeError {
  const names = [...failures.keys()].map((name) => `"${name}"`).join(', ');
  const messages = [...failures.values()].map((error) => (error instanceof Error ? error.message : String(error)));
  return new ControllerRuntimeError(`Finalizers failed: ${names}: ${messages.join('; ')}`, {
    code: 'CONTROLLER_RUNTIME_FINALIZER_FAILED',
    retryable: true,
    cause: new AggregateError([...failures.values()]),
  });
}
