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
import { packedStorage } from './packed/packed-storage.ts';
import { plainStorage } from './plain-storage.ts';
import type { CacheClock, CommitListener, Storage } from './ports.ts';

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
  readonly #held = new Set<Item<Machine>>();

  keep({ key, uid, resourceVersion, object }: Item<Machine>): Item<Machine> {
    const text = JSON.stringify(object);
    const kept: Item<Machine> = {
      key,
      uid,
      resourceVersion,
      get object() {
        return deepFreeze(JSON.parse(text) as Machine);
      },
    };
    this.#held.add(kept);
    this.sizeBytes += text.length;
    return kept;
  }

  drop(item: Item<Machine>): void {
    if (!this.#held.delete(item)) throw new Error(`${item.key} was not kept here, or has been dropped before`);
    this.sizeBytes -= JSON.stringify(item.object).length;
  }

  empty(): Storage<Machine> {
    return new TextStorage();
  }
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

  keep(item: Item<Machine>): Item<Machine> {
    return this.#inner.keep('encoding' in item ? item : encodedItem(item.object, { after: 10_000 }));
  }

  drop(item: Item<Machine>): void {
    this.#inner.drop(item);
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

  committed(transitions: readonly Transition<Machine>[], resourceVersion: string): void {
    const words = transitions.map((transition) => `${describe(transition)}`);
    this.lines.push(`${resourceVersion}: ${words.join(', ')}`);
  }
}

function describe({ key, old, new: now, initial, finalStateUnknown }: Transition<Machine>): string {
  const version = (item: Item<Machine> | undefined): string => item?.resourceVersion ?? '';
  const flags = `${initial ? ' initial' : ''}${finalStateUnknown ? ' unknown' : ''}`;
  return `${key} ${version(old)}>${version(now)}${flags}`;
}
