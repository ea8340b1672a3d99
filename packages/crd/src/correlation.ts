import { equal, isJsonObject } from '@bowline/apimachinery';
import { memberNode, type SchemaNode } from './schema-node.ts';

/**
 * A value and its old self. Members are found by name, items of a list of type map by their keys; items of other lists have no old self.
 *
 * @see k8s.io/apiserver cel/common/equality.go
 */
export class Correlation {
  readonly #now: unknown;
  readonly #old: unknown;
  readonly #node: SchemaNode;
  readonly #members: Map<string, Correlation | undefined> = new Map();
  #unchanged: boolean | undefined;

  constructor(now: unknown, old: unknown, node: SchemaNode) {
    this.#now = now;
    this.#old = old;
    this.#node = node;
  }

  /** @param path Of the value; type fields at the root have no old self that counts: both were converted to one version. */
  member(name: string, path: string): Correlation | undefined {
    if (path === '' && (name === 'kind' || name === 'apiVersion')) return undefined;
    return this.#member(name);
  }

  item(index: number): Correlation | undefined {
    const { items, source } = this.#node;
    if (source['x-kubernetes-list-type'] !== 'map' || items === undefined) return undefined;
    if (!Array.isArray(this.#now) || !Array.isArray(this.#old)) return undefined;
    const keys = source['x-kubernetes-list-map-keys'] ?? [];
    const item: unknown = this.#now[index];
    const key = compositeKey(item, keys);
    const old: unknown = key === undefined ? undefined : this.#old.find((each) => compositeKey(each, keys) === key);
    return old === undefined ? undefined : new Correlation(item, old, items);
  }

  /** Whether the value is equal to its old self. Items of a list of type map may have changed places. */
  isUnchanged(): boolean {
    this.#unchanged ??= this.#compare();
    return this.#unchanged;
  }

  #member(name: string): Correlation | undefined {
    if (!this.#members.has(name)) this.#members.set(name, this.#findMember(name));
    return this.#members.get(name);
  }

  #findMember(name: string): Correlation | undefined {
    const [now, old] = [this.#now, this.#old];
    if (!isJsonObject(now) || !isJsonObject(old) || !Object.hasOwn(now, name) || !Object.hasOwn(old, name)) {
      return undefined;
    }
    const node = memberNode(this.#node, name);
    return node && new Correlation(now[name], old[name], node);
  }

  #compare(): boolean {
    const [now, old] = [this.#now, this.#old];
    if (Array.isArray(now) && Array.isArray(old)) {
      if (now.length !== old.length) return false;
      if (this.#node.source['x-kubernetes-list-type'] !== 'map') return equal(now, old);
      return now.every((_, index) => this.item(index)?.isUnchanged() ?? false);
    }
    if (isJsonObject(now) && isJsonObject(old)) {
      const names = Object.keys(now);
      return (
        names.length === Object.keys(old).length && names.every((name) => this.#member(name)?.isUnchanged() ?? false)
      );
    }
    return equal(now, old);
  }
}

function compositeKey(item: unknown, keys: readonly string[]): string | undefined {
  if (!isJsonObject(item) || keys.length === 0) return undefined;
  const values = keys.map((key) => (Object.hasOwn(item, key) ? item[key] : undefined));
  const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
  return values.every(isScalar) ? JSON.stringify(values) : undefined;
}
