import type { ServerObject } from '../object.ts';

/**
 * One state of one object. Neither it nor its object ever changes: a write makes a new entry, so that histories and snapshots can share them.
 */
export class Entry {
  /** `namespace/name`, or `name`. Lists are in the order of keys. */
  readonly key: string;
  /** In the version that is stored, with its resource version. */
  readonly object: ServerObject;
  readonly revision: number;
  #json: string | undefined;

  constructor(key: string, object: ServerObject, revision: number) {
    this.key = key;
    this.object = object;
    this.revision = revision;
  }

  /** The object as compact JSON, made once. */
  get json(): string {
    this.#json ??= JSON.stringify(this.object);
    return this.#json;
  }
}

/** One change of one object. */
export class StoreEvent {
  readonly type: 'added' | 'modified' | 'deleted';
  /** The new state; of a deleted object its last state, with the revision of the deletion. */
  readonly entry: Entry;
  /** The state before, as it was. */
  readonly previous: Entry | undefined;
  /** Wall time of the change: milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** What watchers send of it, by what they send: it is made once for all who send the same. */
  readonly #frames = new Map<string, Uint8Array>();
  #before: Entry | undefined;

  constructor(type: StoreEvent['type'], entry: Entry, previous: Entry | undefined, atMs: number) {
    this.type = type;
    this.entry = entry;
    this.previous = previous;
    this.atMs = atMs;
  }

  get key(): string {
    return this.entry.key;
  }

  get revision(): number {
    return this.entry.revision;
  }

  /** The state before under the revision of the change: what those see who no longer select the object. */
  get before(): Entry | undefined {
    if (this.type === 'deleted') return this.entry;
    if (this.previous !== undefined) this.#before ??= withRevision(this.previous, this.revision);
    return this.#before;
  }

  /** The bytes to send, made by the first who sends them. `name` says which bytes. */
  frame(name: string, make: () => Uint8Array): Uint8Array {
    let bytes = this.#frames.get(name);
    if (bytes === undefined) {
      bytes = make();
      this.#frames.set(name, bytes);
    }
    return bytes;
  }
}

/** The same object under another resource version. */
export function withRevision(entry: Entry, revision: number): Entry {
  const metadata = { ...entry.object.metadata, resourceVersion: String(revision) };
  return new Entry(entry.key, { ...entry.object, metadata }, revision);
}
