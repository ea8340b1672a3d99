import { compareResourceVersions, formatKey, type KubernetesObject } from '@bowline/apimachinery';
import type { Handler } from '@bowline/informer';

interface Known {
  readonly uid: string | undefined;
  readonly resourceVersion: string;
}

/**
 * A handler that checks what it is told: per key add, updates with rising versions, delete; nothing twice; another uid is another object,
 * and an object that is gone does not come back.
 */
export class History implements Handler<KubernetesObject> {
  readonly #known = new Map<string, Known>();
  /** The last object of a key that is gone. */
  readonly #gone = new Map<string, Known>();
  readonly #seen: (key: string, resourceVersion: string) => void;
  /** What was told against the rules. */
  readonly violations: string[] = [];

  constructor(seen: (key: string, resourceVersion: string) => void = () => {}) {
    this.#seen = seen;
  }

  /** How what was told differs from what there is, as key → version: what was never told, and deletions that never were. */
  differences(present: ReadonlyMap<string, string>): string[] {
    const found: string[] = [];
    for (const [key, version] of present) {
      const known = this.#known.get(key);
      if (known === undefined) found.push(`${key} at ${version} was never added`);
      else if (known.resourceVersion !== version)
        found.push(`${key} is known at ${known.resourceVersion}, not at ${version}`);
    }
    for (const key of this.#known.keys()) if (!present.has(key)) found.push(`${key} was never deleted`);
    return found.sort();
  }

  onAdd({ metadata }: KubernetesObject): void {
    const key = formatKey(metadata);
    const { resourceVersion = '', uid } = metadata;
    const gone = this.#gone.get(key);
    if (this.#known.has(key)) this.violations.push(`${key} was added twice`);
    else if (gone !== undefined && gone.uid === uid) this.violations.push(`${key} was added after it was deleted`);
    else if (gone !== undefined && compareResourceVersions(gone.resourceVersion, resourceVersion) >= 0)
      this.violations.push(`${key} went from ${gone.resourceVersion} to ${resourceVersion}`);
    this.#keep(key, metadata);
  }

  onUpdate({ metadata: old }: KubernetesObject, { metadata }: KubernetesObject): void {
    const key = formatKey(metadata);
    const known = this.#known.get(key);
    if (known === undefined)
      this.violations.push(
        `${key} was updated ${this.#gone.has(key) ? 'after it was deleted' : 'before it was added'}`,
      );
    else if (known.uid !== metadata.uid) this.violations.push(`${key} was updated to another object`);
    else if (known.resourceVersion !== old.resourceVersion)
      this.violations.push(`${key} was updated from what it was not`);
    else if (known.resourceVersion === metadata.resourceVersion)
      this.violations.push(`${key} was updated to ${known.resourceVersion} twice`);
    else if (compareResourceVersions(known.resourceVersion, metadata.resourceVersion ?? '') > 0)
      this.violations.push(`${key} went from ${known.resourceVersion} to ${metadata.resourceVersion}`);
    this.#keep(key, metadata);
  }

  onDelete({ metadata }: KubernetesObject): void {
    const key = formatKey(metadata);
    const known = this.#known.get(key);
    if (known === undefined)
      this.violations.push(`${key} was deleted ${this.#gone.has(key) ? 'twice' : 'before it was added'}`);
    else if (known.uid !== metadata.uid) this.violations.push(`${key} was deleted as another object`);
    this.#known.delete(key);
    if (known !== undefined) this.#gone.set(key, known);
  }

  #keep(key: string, { uid, resourceVersion = '' }: KubernetesObject['metadata']): void {
    this.#known.set(key, { uid, resourceVersion });
    this.#seen(key, resourceVersion);
  }
}
