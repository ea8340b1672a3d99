import { BowlineError } from './errors.ts';
import { setMember } from './json.ts';

/** The codes of a `JsonPatchError`. */
export type JsonPatchErrorCode =
  | 'APIMACHINERY_PATCH_TEST_FAILED'
  | 'APIMACHINERY_PATCH_FAILED'
  | 'APIMACHINERY_PATCH_INVALID';

/** An operation of a JSON patch could not be carried out. The message is the API server's. */
export class JsonPatchError extends BowlineError {
  override readonly name = 'JsonPatchError';
  declare readonly code: JsonPatchErrorCode;
  /** Which operation, counted from 0. */
  readonly index: number;

  constructor(message: string, code: JsonPatchErrorCode, index: number = 0) {
    super(message, { code });
    this.index = index;
  }

  /** The same error, of operation `index`. */
  at(index: number): JsonPatchError {
    return new JsonPatchError(this.message, this.code, index);
  }
}

/** An object or array that this draft may change. */
export type Container = unknown[] | Record<string, unknown>;

/** Whether a value has children. */
export function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

/** The child of that name or index, if there is one. */
export function childOf(container: Container, key: string): { readonly value: unknown } | undefined {
  if (Array.isArray(container)) {
    if (!/^(?:0|[1-9][0-9]*)$/.test(key) || Number(key) >= container.length) return undefined;
    return { value: container[Number(key)] };
  }
  return Object.hasOwn(container, key) ? { value: container[key] } : undefined;
}

/** A document that is being patched: containers on the way to a change are copied once, everything else is shared. */
export class PatchDraft {
  root: unknown;
  /** The containers that this draft made: nobody else sees them, so they are changed in place. */
  readonly #owned = new Set<object>();

  constructor(document: unknown) {
    this.root = document;
  }

  /** The container that the pointer's last part lies in. */
  parent(pointer: readonly string[]): Container | undefined {
    let node: unknown = this.root;
    for (const part of pointer.slice(0, -1)) {
      if (!isContainer(node)) return undefined;
      node = childOf(node, part)?.value;
    }
    return isContainer(node) ? node : undefined;
  }

  /** As `parent`, ready to be changed. */
  writableParent(pointer: readonly string[]): Container | undefined {
    if (!this.parent(pointer) || !isContainer(this.root)) return undefined;
    let node = this.#own(this.root);
    this.root = node;
    for (const part of pointer.slice(0, -1)) {
      const child = childOf(node, part)?.value;
      if (!isContainer(child)) return undefined;
      const owned = this.#own(child);
      if (Array.isArray(node)) node[Number(part)] = owned;
      else setMember(node, part, owned);
      node = owned;
    }
    return node;
  }

  #own(container: Container): Container {
    if (this.#owned.has(container)) return container;
    const copy: Container = Array.isArray(container) ? [...container] : { ...container };
    this.#owned.add(copy);
    return copy;
  }
}
