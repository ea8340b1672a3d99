import { type Clock, formatTime, isJsonObject, type StatusError, statusError } from '@bowline/apimachinery';
import type { TypeSchema } from '../schema/index.ts';
import { compareTyped } from './compare.ts';
import { Conflicts } from './conflict.ts';
import { fieldSetOf } from './field-set.ts';
import { hasLastApplied, lastAppliedOf, withLastApplied } from './last-applied.ts';
import {
  capManagers,
  identityOf,
  ManagedFieldsError,
  type Manager,
  type Managers,
  readManagers,
  writeManagers,
} from './managers.ts';
import { pathOf } from './path-element.ts';
import { PathSet } from './path-set.ts';
import { checkTyped, TypedError } from './typed.ts';
import { type FieldFilter, type Typed, Updater } from './updater.ts';

/** An object as JSON. */
export type ApiObject = Readonly<Record<string, unknown>>;

export interface FieldManagerPorts {
  readonly clock: Pick<Clock, 'now'>;
}

/** What a field manager needs to know of the endpoint that it serves. */
export interface FieldManagerOptions {
  /** The version in which requests come and entries are written. */
  readonly apiVersion: string;
  readonly kind: string;
  /** `status`, `scale`, …; `''` for the main endpoint. @default '' */
  readonly subresource?: string | undefined;
  /** The type of the kind in a version; undefined when the version is not served. */
  readonly schema: (apiVersion: string) => TypeSchema | undefined;
  /** The object in another served version. @default only `apiVersion` changes */
  readonly convert?: ((object: ApiObject, apiVersion: string) => ApiObject) | undefined;
  /** An object of the kind of which nothing was set: what a new object is compared with. */
  readonly empty: ApiObject;
  /** What callers of this endpoint may own, by version. @default everything */
  readonly filter?: ((apiVersion: string) => FieldFilter | undefined) | undefined;
}

export interface ApplyOptions {
  /** Who applies. */
  readonly manager: string;
  /** Takes fields from their owners instead of failing. */
  readonly force: boolean;
}

/** The manager whose fields are those of an object that nobody tracked. */
const beforeFirstApply = 'before-first-apply';

/** Paths that nobody owns. @see k8s.io/apimachinery pkg/util/managedfields/internal/stripmeta.go */
const stripped = PathSet.of(
  pathOf('apiVersion'),
  pathOf('kind'),
  pathOf('metadata'),
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => pathOf('metadata', name)),
);

/**
 * Maintains `metadata.managedFields` of one endpoint, and merges what is applied there.
 * Objects are not changed; results share parts with them.
 *
 * @see k8s.io/apimachinery pkg/util/managedfields/internal/fieldmanager.go
 */
export class FieldManager {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #options: FieldManagerOptions;
  readonly #updater: Updater;

  constructor(ports: FieldManagerPorts, options: FieldManagerOptions) {
    this.#clock = ports.clock;
    this.#options = options;
    this.#updater = new Updater({
      convert: (object, apiVersion) => this.#convert(object, apiVersion),
      filter: (apiVersion) => options.filter?.(apiVersion),
    });
  }

  /**
   * An object after a create, an update or a patch other than apply: with entries that say what `manager` changed.
   *
   * `updated` may carry entries of its own, which replace those of `live` (`[]` and `[{}]` reset them), but not on a subresource.
   * An object that has no entries gets none, unless it is new. Where fields cannot be tracked, the entries are dropped.
   *
   * @param live The object as it was, in this endpoint's version; undefined when it is new.
   */
  update(live: ApiObject | undefined, updated: ApiObject, manager: string): ApiObject {
    const before = live ?? this.#options.empty;
    const next = withoutManagedFields(updated);
    const managers = this.#managersFor(before, updated);
    if (managers.size === 0 && live !== undefined && uidOf(live) !== '') return next;
    try {
      const tracked = this.#update(withoutManagedFields(before), next, managers, manager);
      return withManagedFields(next, tracked);
    } catch (error) {
      // The real server logs this and writes the object without entries: it must not keep wrong ones.
      if (error instanceof TypedError) return next;
      throw error;
    }
  }

  /**
   * An object after `config` was applied: what it mentions is set, what it mentioned last time and nobody else owns is removed.
   * The result is merged JSON: read, default and validate it as if it had been sent.
   *
   * @param live The object as it is, in this endpoint's version; undefined when it is to be created.
   * @throws {StatusError} 409 with a cause per field that others own; 400 when `config` is of another kind or carries
   *   `managedFields`; 500 when it does not fit the type. All in the real server's words.
   */
  apply(live: ApiObject | undefined, config: ApiObject, options: ApplyOptions): ApiObject {
    this.#checkKind(config);
    const before = live ?? this.#options.empty;
    let managers: Managers;
    try {
      managers = readManagers(metadataOf(before).managedFields);
    } catch (error) {
      if (!(error instanceof ManagedFieldsError)) throw error;
      throw failed(`failed to decode managed fields: ${error.message}`);
    }
    const current = withoutManagedFields(before);
    if (managers.size === 0) managers = this.#update(this.#options.empty, current, managers, beforeFirstApply);
    const { object, managers: owners } = this.#applyAsKubectl(current, config, managers, options);
    const updated = options.manager === 'kubectl' && hasLastApplied(object) ? withLastApplied(object, config) : object;
    return withManagedFields(updated, owners);
  }

  #update(live: ApiObject, updated: ApiObject, managers: Managers, manager: string): Managers {
    const own = this.#manager(manager, 'Update');
    const identity = identityOf(own);
    // What this update changes is kept apart from what the manager had, so that its time moves only if it changes something.
    const self = 'current-operation';
    const result = this.#updater.update(
      this.#typed(live, true, 'live'),
      this.#typed(updated, true, 'new'),
      managers,
      self,
      own,
    );
    strip(result, self);
    const changed = result.get(self);
    result.delete(self);
    if (changed !== undefined) {
      const before = result.get(identity);
      const fields = before === undefined ? changed.fields : changed.fields.union(before.fields);
      result.set(identity, { ...own, fields, time: formatTime(this.#clock.now()) });
    }
    capManagers(result);
    return result;
  }

  /** kubectl may take over what it applied by itself before, which the last-applied annotation proves. */
  #applyAsKubectl(live: ApiObject, config: ApiObject, managers: Managers, options: ApplyOptions): Applied {
    try {
      return this.#apply(live, config, managers, options.manager, options.force);
    } catch (error) {
      if (!(error instanceof Conflicts)) throw error;
      const allowed = options.manager === 'kubectl' ? this.#lastApplied(live) : undefined;
      if (allowed === undefined) throw error.toStatus();
      const left = error.conflicts.filter(({ path }) => !allowed.has(path));
      if (left.length > 0) throw new Conflicts(left).toStatus();
      return this.#apply(live, config, managers, options.manager, true);
    }
  }

  #apply(live: ApiObject, config: ApiObject, managers: Managers, manager: string, force: boolean): Applied {
    const own = this.#manager(manager, 'Apply');
    const self = identityOf(own);
    if (managedFieldsOf(config) !== undefined) throw badRequest('metadata.managedFields must be nil');
    const patch = this.#typed(config, false, 'patch');
    const time = managers.get(self)?.time;
    const result = this.#merge(this.#typed(live, true, 'live'), patch, managers, self, { ...own, time }, force);
    strip(result.managers, self);
    if (result.object === undefined) return { object: live, managers: result.managers };
    const entry = result.managers.get(self);
    if (entry !== undefined) result.managers.set(self, { ...entry, time: formatTime(this.#clock.now()) });
    return { object: isJsonObject(result.object) ? result.object : {}, managers: result.managers };
  }

  #merge(
    live: Typed,
    config: Typed,
    managers: Managers,
    self: string,
    own: Omit<Manager, 'fields'>,
    force: boolean,
  ): { readonly object: unknown; readonly managers: Managers } {
    try {
      return this.#updater.apply(live, config, managers, self, own, force);
    } catch (error) {
      if (error instanceof TypedError) throw failed(`failed to merge config: ${error.message}`);
      throw error;
    }
  }

  /** What the last-applied annotation mentions and the object still has so; undefined when there is no usable annotation. */
  #lastApplied(live: ApiObject): PathSet | undefined {
    const last = lastAppliedOf(live);
    if (last === undefined || last.apiVersion !== this.#options.apiVersion) return undefined;
    try {
      const current = this.#typed(live, false, 'live');
      const applied = this.#typed(last, false, 'last applied');
      const { removed, modified, added } = compareTyped(current.type, applied.value, current.value);
      return fieldSetOf(applied.type, applied.value).difference(modified).difference(added).difference(removed);
    } catch (error) {
      if (error instanceof TypedError || isStatusError(error)) return undefined;
      throw error;
    }
  }

  #manager(name: string, operation: 'Apply' | 'Update'): Omit<Manager, 'fields'> {
    const { apiVersion, subresource } = this.#options;
    return {
      manager: name === '' ? 'unknown' : name,
      operation,
      apiVersion,
      subresource: subresource ?? '',
      time: undefined,
    };
  }

  /** Entries of an update: its own where it has some, else those of the object as it was. */
  #managersFor(live: ApiObject, updated: ApiObject): Managers {
    const own = managedFieldsOf(updated);
    if ((this.#options.subresource ?? '') === '') {
      if (isReset(own)) return new Map();
      const managers = readOr(own);
      if (managers !== undefined && managers.size > 0) return managers;
    }
    return readOr(managedFieldsOf(live)) ?? new Map();
  }

  #typed(object: ApiObject, allowDuplicates: boolean, what: 'live' | 'new' | 'patch' | 'last applied'): Typed {
    const { apiVersion } = this.#options;
    const type = this.#options.schema(apiVersion);
    if (type === undefined) throw failed(`no corresponding type for ${formatKind(apiVersion, this.#options.kind)}`);
    try {
      checkTyped(type, object, allowDuplicates);
    } catch (error) {
      if (!(error instanceof TypedError) || what === 'new') throw error;
      const metadata = metadataOf(object);
      const name = `${text(metadata.namespace)}/${text(metadata.name)}; ${formatKind(text(object.apiVersion), text(object.kind))}`;
      throw failed(`failed to create typed ${what} object (${name}): ${error.message}`);
    }
    return { apiVersion, type, value: object };
  }

  #convert(object: Typed, apiVersion: string): Typed | undefined {
    if (object.apiVersion === apiVersion) return object;
    const type = this.#options.schema(apiVersion);
    if (type === undefined || !isJsonObject(object.value)) return undefined;
    const value = this.#options.convert?.(object.value, apiVersion) ?? { ...object.value, apiVersion };
    checkTyped(type, value, false);
    return { apiVersion, type, value };
  }

  #checkKind(config: ApiObject): void {
    const { apiVersion, kind } = this.#options;
    if (config.apiVersion === apiVersion && config.kind === kind) return;
    throw badRequest(`invalid object type: ${formatKind(text(config.apiVersion), text(config.kind))}`);
  }
}

interface Applied {
  readonly object: ApiObject;
  readonly managers: Managers;
}

function strip(managers: Managers, self: string): void {
  const own = managers.get(self);
  if (own === undefined) return;
  const fields = own.fields.difference(stripped);
  if (fields.isEmpty) managers.delete(self);
  else managers.set(self, { ...own, fields });
}

/** Undefined: they cannot be read. */
function readOr(entries: unknown): Managers | undefined {
  try {
    return readManagers(entries);
  } catch (error) {
    if (error instanceof ManagedFieldsError) return undefined;
    throw error;
  }
}

/** `[]` and `[{}]` ask for the entries to be forgotten. */
function isReset(entries: unknown): boolean {
  if (!Array.isArray(entries)) return false;
  const [only] = entries as readonly unknown[];
  return entries.length === 0 || (entries.length === 1 && isJsonObject(only) && Object.keys(only).length === 0);
}

function metadataOf(object: ApiObject): ApiObject {
  const metadata = object.metadata;
  return isJsonObject(metadata) ? metadata : {};
}

function managedFieldsOf(object: ApiObject): unknown {
  const entries = metadataOf(object).managedFields;
  return entries === null ? undefined : entries;
}

function uidOf(object: ApiObject): string {
  return text(metadataOf(object).uid);
}

function withoutManagedFields(object: ApiObject): ApiObject {
  const metadata = metadataOf(object);
  if (!Object.hasOwn(metadata, 'managedFields')) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}

function withManagedFields(object: ApiObject, managers: Managers): ApiObject {
  if (managers.size === 0) return object;
  return { ...object, metadata: { ...metadataOf(object), managedFields: writeManagers(managers) } };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function formatKind(apiVersion: string, kind: string): string {
  return apiVersion.includes('/') ? `${apiVersion}, Kind=${kind}` : `/${apiVersion}, Kind=${kind}`;
}

function isStatusError(error: unknown): boolean {
  return error instanceof Error && error.name === 'StatusError';
}

function badRequest(message: string): StatusError {
  return statusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'BadRequest',
    code: 400,
  });
}

/** The real server has no status for these, so it answers 500 without a reason. */
function failed(message: string): StatusError {
  return statusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 });
}
