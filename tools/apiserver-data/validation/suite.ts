/** What is set in an object, by path of field names and list indexes: `spec.containers.0.image`. `null` removes. */
export type Changes = Readonly<Record<string, unknown>>;

/** An update: what the stored object has more than the base, then what is changed of it. */
export interface UpdateCase {
  readonly from?: Changes;
  readonly to: Changes;
  /** @default the object itself */
  readonly subresource?: string;
}

/** Objects of one kind that a server is asked to take. */
export interface Suite {
  readonly kind: string;
  /** Where objects of the kind are created. */
  readonly path: string;
  /** An object that is valid. Its name gets a number for each case. */
  readonly base: Readonly<Record<string, unknown>>;
  readonly create: Readonly<Record<string, Changes>>;
  readonly update?: Readonly<Record<string, UpdateCase>>;
  /** Paths, `*` for any index, whose values the server draws at random. */
  readonly random?: readonly string[];
  /** Creates are not carried out: the objects would change what happens to others. */
  readonly dryRun?: boolean;
}

type Container = Record<string, unknown> | unknown[];

function step(container: Container, key: string): unknown {
  return Array.isArray(container) ? container[Number(key)] : container[key];
}

/** A copy of `object` with the changes made. */
export function changed(object: unknown, changes: Changes): Record<string, unknown> {
  const copy = structuredClone(object) as Record<string, unknown>;
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let at: Container = copy;
    keys.forEach((key, index) => {
      let next = step(at, key);
      if (typeof next !== 'object' || next === null) {
        next = /^\d+$/.test(keys[index + 1] ?? last) ? [] : {};
        (at as Record<string, unknown>)[key] = next;
      }
      at = next as Container;
    });
    if (value !== null) (at as Record<string, unknown>)[last] = structuredClone(value);
    else if (Array.isArray(at)) at.splice(Number(last), 1);
    else delete at[last];
  }
  return copy;
}

/** What must be changed in `from` to get `to`. Whole values where a name holds a dot. */
export function changesBetween(from: unknown, to: unknown): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  compare(from, to, '', changes);
  return changes;
}

function compare(from: unknown, to: unknown, path: string, changes: Record<string, unknown>): void {
  if (JSON.stringify(from) === JSON.stringify(to)) return;
  const both = isContainer(from) && isContainer(to) && Array.isArray(from) === Array.isArray(to);
  const keys = both ? [...new Set([...Object.keys(from), ...Object.keys(to)])] : [];
  const lists = both && Array.isArray(from) && Array.isArray(to) ? from.length <= to.length : true;
  if (!both || !lists || (path !== '' && keys.some((key) => key.includes('.')))) {
    changes[path] = to ?? null;
    return;
  }
  for (const key of keys) compare(step(from, key), step(to, key), path === '' ? key : `${path}.${key}`, changes);
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}
