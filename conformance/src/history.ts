import { compareResourceVersions, formatKey, type KubernetesObject } from '@bowline/apimachinery';
import type { Handler } from '@bowline/informer';

interface Known {
  readonly uid: string | undefined;
  readonly resourceVersion: string;
}

/** A handler that checks what it is told: per key add, updates with rising versions, delete; nothing twice; another uid is another object. */
export class History implements Handler<KubernetesObject> {
  readonly #known = new Map<string, Known>();
  readonly #seen: (key: string, resourceVersion: string) => void;
  /** What was told against the rules. */
  readonly violations: string[] = [];

  constructor(seen: (key: string, resourceVersion: string) => void) {
    this.#seen = seen;
  }

  /** Key → version, as it was told. */
  get versions(): ReadonlyMap<string, string> {
    return new Map([...this.#known].map(([key, { resourceVersion }]) => [key, resourceVersion]));
  }

  onAdd({ metadata }: KubernetesObject): void {
    const key = formatKey(metadata);
    if (this.#known.has(key)) this.violations.push(`${key} was added twice`);
    this.#keep(key, metadata);
  }

  onUpdate({ metadata: old }: KubernetesObject, { metadata }: KubernetesObject): void {
    const key = formatKey(metadata);
    const known = this.#known.get(key);
    if (known === undefined) this.violations.push(`${key} was updated before it was added`);
    else if (known.uid !== metadata.uid) this.violations.push(`${key} was updated to another object`);
    else if (known.resourceVersion !== old.resourceVersion)
      this.violations.push(`${key} was updated from what it was not`);
    else if (compareResourceVersions(known.resourceVersion, metadata.resourceVersion ?? '') >= 0)
      this.violations.push(`${key} went from ${known.resourceVersion} to ${metadata.resourceVersion}`);
    this.#keep(key, metadata);
  }

  onDelete({ metadata }: KubernetesObject): void {
    const key = formatKey(metadata);
    if (!this.#known.delete(key)) this.violations.push(`${key} was deleted without being there`);
  }

  #keep(key: string, { uid, resourceVersion = '' }: KubernetesObject['metadata']): void {
    this.#known.set(key, { uid, resourceVersion });
    this.#seen(key, resourceVersion);
  }
}
