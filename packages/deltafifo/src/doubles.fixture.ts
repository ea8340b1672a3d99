import type { Change, Item, Replacement, Sink } from '@bowline/apimachinery';
import type { KnownObjects } from './ports.ts';

export type Thing = string;

/** @param spec `key@version`. */
export function thing(spec: string): Item<Thing> {
  const [key = '', resourceVersion = ''] = spec.split('@');
  return { key, uid: `uid of ${key}`, resourceVersion, object: spec };
}

/** `+a@1` was added, `a@2` modified, `-a@3` deleted, `?a@3` inferred to be deleted. */
export function change(spec: string): Change<Thing> {
  const sign = spec.charAt(0);
  if (sign === '+') return { type: 'added', item: thing(spec.slice(1)) };
  if (sign === '-' || sign === '?') {
    return { type: 'deleted', item: thing(spec.slice(1)), finalStateUnknown: sign === '?' };
  }
  return { type: 'modified', item: thing(spec) };
}

export function changes(...specs: readonly string[]): Change<Thing>[] {
  return specs.map(change);
}

function format(change: Change<Thing>): string {
  const sign = { added: '+', modified: '', deleted: '-' }[change.type];
  const inferred = change.type === 'deleted' && change.finalStateUnknown;
  return `${inferred ? '?' : sign}${change.item.object}`;
}

/** A store that says in one line what each turn did to it. */
export class MemorySink implements Sink<Thing>, KnownObjects<Thing> {
  readonly lines: string[] = [];
  readonly held: Map<string, Item<Thing>> = new Map();
  resourceVersion = '';
  /** How many items each `put` brought. */
  readonly puts: number[] = [];
  /** How many stagings were begun, and how many of them given up. */
  begun = 0;
  abandoned = 0;
  /** Runs at the start of each commit, and may fail it. */
  beforeCommit: (signal: AbortSignal | undefined) => Promise<void> = async () => {};
  /** Runs at each `keep`, and may fail it. */
  beforeKeep: () => void = () => {};
  /** Runs at each `apply`, and may fail it. */
  beforeApply: (changes: readonly Change<Thing>[]) => void = () => {};
  room: Promise<void> | undefined;

  keys(): Iterable<string> {
    return [...this.held.keys()];
  }

  item(key: string): Item<Thing> | undefined {
    return this.held.get(key);
  }

  apply(changes: readonly Change<Thing>[], resourceVersion: string): void {
    this.beforeApply(changes);
    for (const { type, item } of changes) {
      if (type === 'deleted') this.held.delete(item.key);
      else this.held.set(item.key, item);
    }
    this.resourceVersion = resourceVersion;
    this.lines.push(`${[...changes.map(format), `@${resourceVersion}`].join(' ')}`);
  }

  replace(): Replacement<Thing> {
    const staged = new Map<string, Item<Thing>>();
    this.begun++;
    let isCommitted = false;
    return {
      abandon: () => {
        if (!isCommitted) this.abandoned++;
      },
      put: (items) => {
        this.puts.push(items.length);
        for (const item of items) staged.set(item.key, item);
      },
      remove: (key) => void staged.delete(key),
      keep: (key) => {
        this.beforeKeep();
        const item = this.held.get(key);
        if (item && !staged.has(key)) staged.set(key, item);
      },
      commit: async (resourceVersion, signal) => {
        isCommitted = true;
        await this.beforeCommit(signal);
        const gone = [...this.held.values()].filter(({ key }) => !staged.has(key));
        this.held.clear();
        for (const [key, item] of staged) this.held.set(key, item);
        this.resourceVersion = resourceVersion;
        const words = [...gone.map(({ object }) => `?${object}`), ...[...staged.values()].map(({ object }) => object)];
        this.lines.push(`= ${[...words, `@${resourceVersion}`].join(' ')}`);
      },
    };
  }

  drained(): Promise<void> | undefined {
    return this.room;
  }
}
