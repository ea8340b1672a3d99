import {
  type Change,
  deepFreeze,
  type Item,
  type KubernetesObject,
  type Transition,
  valueAt,
} from '@bowline/apimachinery';
import { encodedItem, FakeEncoding } from '@bowline/apimachinery/testing';
import { itemOf } from './item-of.ts';
import { createPackedStorage, packedStorage } from './packed/packed-storage.ts';
import { plainStorage } from './plain-storage.ts';
import type { CacheClock, CommitListener, Storage, Transitions } from './ports.ts';

/** What the tests of this package hold. */
export interface Machine extends KubernetesObject {
  readonly spec: {
    readonly node?: string | undefined;
    readonly tags?: readonly string[] | undefined;
    readonly disks?: readonly { readonly class: string; readonly sizeGiB: number }[] | undefined;
    readonly on?: boolean | undefined;
  };
}

export interface MachineFields {
  readonly uid?: string;
  readonly resourceVersion?: number | string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Machine['spec'];
}

/** @param key `namespace/name`, or `name`. */
export function machine(key: string, fields: MachineFields = {}): Machine {
  const [first = '', second] = key.split('/');
  const name = second === undefined ? { name: first } : { namespace: first, name: second };
  const { uid = `uid of ${key}`, resourceVersion = 1, labels, spec = {} } = fields;
  const metadata = { ...name, uid, resourceVersion: String(resourceVersion), creationTimestamp: '', labels };
  return { apiVersion: 'v1', kind: 'Machine', metadata, spec };
}

export function machineItem(key: string, fields?: MachineFields): Item<Machine> {
  return itemOf(machine(key, fields));
}

export function modified(key: string, fields?: MachineFields): Change<Machine> {
  return { type: 'modified', item: machineItem(key, fields) };
}

export function deleted(key: string, fields?: MachineFields): Change<Machine> {
  return { type: 'deleted', item: machineItem(key, fields), finalStateUnknown: false };
}

/** Counts what it decodes. */
export class TestEncoding extends FakeEncoding<Machine> {
  objects = 0;

  override object(bytes: Buffer, start: number, end: number): Machine {
    this.objects++;
    return super.object(bytes, start, end);
  }
}

/** An item that counts how often it is decoded; paths can be read without. */
export function countingItem(key: string, fields: MachineFields = {}): Item<Machine> & { readonly reads: number } {
  const item = machineItem(key, fields);
  let reads = 0;
  return {
    key: item.key,
    uid: item.uid,
    resourceVersion: item.resourceVersion,
    get object() {
      reads++;
      return item.object;
    },
    read: (path) => valueAt(item.object, path),
    get reads() {
      return reads;
    },
  };
}

/** Time that goes on by 1 ms whenever somebody looks at it. */
export class SteppingClock implements CacheClock {
  turns = 0;
  /** Runs in each turn. */
  onTurn: () => void = () => {};
  #now = 0;

  monotonic(): number {
    return this.#now++;
  }

  async turn(): Promise<void> {
    this.turns++;
    this.onTurn();
  }
}

/** Keeps text instead of items, and reads it anew at each read. */
export class TextStorage implements Storage<Machine> {
  sizeBytes = 0;
  readonly #held = new Map<number, { readonly text: string } & Omit<Item<Machine>, 'object'>>();

  keep(slot: number, { key, uid, resourceVersion, object }: Item<Machine>): void {
    if (this.#held.has(slot)) this.drop(slot);
    const text = JSON.stringify(object);
    this.#held.set(slot, { key, uid, resourceVersion, text });
    this.sizeBytes += text.length;
  }

  at(slot: number): Item<Machine> | undefined {
    const held = this.#held.get(slot);
    if (held === undefined) return undefined;
    const { text, ...names } = held;
    return {
      ...names,
      get object() {
        return deepFreeze(JSON.parse(text) as Machine);
      },
    };
  }

  drop(slot: number): void {
    const held = this.#held.get(slot);
    if (held === undefined) throw new Error(`Nothing is kept in ${slot}, or it has been dropped before`);
    this.#held.delete(slot);
    this.sizeBytes -= held.text.length;
  }

  empty(): Storage<Machine> {
    return new TextStorage();
  }
}

/** A packed storage whose slabs hold some ten machines, so that it is compacted all the time. */
export function tinySlabs(): Storage<Machine> {
  const allocator = { allocate: (sizeBytes: number) => Buffer.allocUnsafeSlow(sizeBytes) };
  const sizes = { first: 1_024, largest: 2_048, block: 1_024 };
  return new BytesFirst(createPackedStorage({ recentObjects: 3 }, allocator, sizes));
}

/** Turns objects into bytes before another storage keeps them, so that a test that adds objects by hand shows what that does with bytes. */
class BytesFirst implements Storage<Machine> {
  readonly #inner: Storage<Machine>;

  constructor(inner: Storage<Machine>) {
    this.#inner = inner;
  }

  get sizeBytes(): number {
    return this.#inner.sizeBytes;
  }

  keep(slot: number, item: Item<Machine>): void {
    this.#inner.keep(slot, 'encoding' in item ? item : encodedItem(item.object, { after: 10_000 }));
  }

  at(slot: number): Item<Machine> | undefined {
    return this.#inner.at(slot);
  }

  drop(slot: number): void {
    this.#inner.drop(slot);
  }

  empty(): Storage<Machine> {
    return new BytesFirst(this.#inner.empty());
  }

  release(): void {
    this.#inner.release?.();
  }
}

/** Every storage that there is, and what it makes of bytes. */
export const storages: readonly (readonly [string, () => Storage<Machine>])[] = [
  ['plain storage', plainStorage],
  ['plain storage of bytes', () => new BytesFirst(plainStorage())],
  ['packed storage', () => new BytesFirst(packedStorage({ recentObjects: 3 }))],
  ['storage that makes new items', () => new TextStorage()],
];

/** Keeps what was committed, in words. */
export class CommitLog implements CommitListener<Machine> {
  lines: string[] = [];

  committed(transitions: Transitions<Machine>, resourceVersion: string): void {
    const words = Array.from(transitions, describe);
    if (words.length !== transitions.length)
      throw new Error(`${words.length} transitions instead of ${transitions.length}`);
    this.lines.push(`${resourceVersion}: ${words.join(', ')}`);
  }
}

function describe({ key, old, new: now, initial, finalStateUnknown }: Transition<Machine>): string {
  const version = (item: Item<Machine> | undefined): string => item?.resourceVersion ?? '';
  const flags = `${initial ? ' initial' : ''}${finalStateUnknown ? ' unknown' : ''}`;
  return `${key} ${version(old)}>${version(now)}${flags}`;
}
