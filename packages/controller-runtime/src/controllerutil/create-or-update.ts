import {
  type Awaitable,
  clone,
  createMergePatch,
  type Draft,
  equal,
  type Kind,
  type KubernetesObject,
  type Mutable,
  type ObjectKey,
} from '@bowline/apimachinery';
import { checkValue, rules, type ValueRule, withMethods } from '@bowline/apimachinery/arguments';
import type { CachedClient } from '../cached-client.ts';
import { checkKey } from '../call-arguments.ts';

/** What `createOrUpdate` needs of a client. */
export type UpdatingClient = Pick<CachedClient, 'get' | 'create' | 'update'>;

/** What `createOrPatch` needs of a client. */
export type PatchingClient = Pick<CachedClient, 'get' | 'create' | 'patch' | 'patchStatus'>;

/** Brings a draft to the state that is wanted. It gets the present object, or one with a name and nothing else; it must not rename it. */
export type Mutate<T> = (draft: Mutable<T>) => Awaitable<void>;

/** What was done, and the object as it is now. */
export interface CreateOrUpdateResult<T> {
  readonly operation: 'created' | 'updated' | 'unchanged';
  readonly object: T;
}

/** What was done, and the object as it is now. */
export interface CreateOrPatchResult<T> {
  readonly operation: 'created' | 'updated' | 'updatedStatus' | 'updatedStatusOnly' | 'unchanged';
  readonly object: T;
}

/**
 * Creates the object that `mutate` describes, or updates the present one when `mutate` changes it.
 * With server-side apply (`client.apply`) none of this is needed; use it where others may write the same fields.
 *
 * @throws {TypeError} when `mutate` changes name or namespace.
 * @throws {StatusError} `API_CONFLICT` when somebody else has changed it since it was read.
 * @see controller-runtime pkg/controller/controllerutil `CreateOrUpdate`
 */
export async function createOrUpdate<T extends KubernetesObject>(
  client: UpdatingClient,
  kind: Kind<T>,
  key: ObjectKey,
  mutate: Mutate<T>,
): Promise<CreateOrUpdateResult<T>> {
  const { present, draft } = await mutated(client, kind, key, mutate, updatingClient);
  if (!present) return { operation: 'created', object: await client.create(kind, draft) };
  if (equal(present, draft)) return { operation: 'unchanged', object: present };
  return { operation: 'updated', object: await client.update(kind, draft) };
}

/**
 * As `createOrUpdate`, but sends only what changed, and the status apart from the rest: as merge patches, which meet no conflicts.
 *
 * @throws {TypeError} when `mutate` changes name or namespace.
 * @see controller-runtime pkg/controller/controllerutil `CreateOrPatch`, which loses the status of an object that it creates
 */
export async function createOrPatch<T extends KubernetesObject>(
  client: PatchingClient,
  kind: Kind<T>,
  key: ObjectKey,
  mutate: Mutate<T>,
): Promise<CreateOrPatchResult<T>> {
  const { present, draft } = await mutated(client, kind, key, mutate, patchingClient);
  const hasStatus = kind.subresources.includes('status');
  const wanted = split(draft, hasStatus);
  if (!present) {
    const created = await client.create(kind, wanted.rest as Draft<T>);
    if (isEmpty(wanted.status)) return { operation: 'created', object: created };
    const body = { status: wanted.status };
    return { operation: 'created', object: await client.patchStatus(kind, key, { type: 'merge', body }) };
  }
  const before = split(present, hasStatus);
  let object = present;
  const isChanged = !equal(before.rest, wanted.rest);
  if (isChanged) {
    const body = createMergePatch(before.rest, wanted.rest) as object;
    object = await client.patch(kind, key, { type: 'merge', body });
  }
  if (equal(before.status, wanted.status)) return { operation: isChanged ? 'updated' : 'unchanged', object };
  const body = createMergePatch({ status: before.status ?? {} }, { status: wanted.status ?? {} }) as object;
  object = await client.patchStatus(kind, key, { type: 'merge', body });
  return { operation: isChanged ? 'updatedStatus' : 'updatedStatusOnly', object };
}

const updatingClient: ValueRule = withMethods('a client', 'get', 'create', 'update');
const patchingClient: ValueRule = withMethods('a client', 'get', 'create', 'patch', 'patchStatus');

async function mutated<T extends KubernetesObject>(
  client: Pick<CachedClient, 'get'>,
  kind: Kind<T>,
  key: ObjectKey,
  mutate: Mutate<T>,
  clientRule: ValueRule,
): Promise<{ present: T | undefined; draft: Draft<T> }> {
  const action = 'create or change object';
  checkValue(action, 'client', client, clientRule);
  checkValue(action, 'kind', kind, rules.kind);
  checkKey(action, key);
  checkValue(action, 'mutate', mutate, rules.function);
  const { namespace, name } = key;
  const { apiVersion } = kind;
  const present = await client.get(kind, key);
  const fresh = { apiVersion, kind: kind.kind, metadata: namespace ? { namespace, name } : { name } };
  const draft = clone((present ?? fresh) as T);
  await mutate(draft);
  const { metadata } = draft as Draft<T>;
  for (const field of ['name', 'namespace'] as const) {
    const expected = key[field] || undefined;
    if ((metadata[field] || undefined) === expected) continue;
    throw new TypeError(
      `Cannot mutate ${kind.kind} "${name}": ${field} must stay "${expected}", got "${metadata[field]}"`,
    );
  }
  return { present, draft: draft as Draft<T> };
}

/** The status apart from the rest, where the kind keeps it apart. */
function split(object: object, hasStatus: boolean): { status: unknown; rest: object } {
  if (!hasStatus || !('status' in object)) return { status: undefined, rest: object };
  const { status, ...rest } = object;
  return { status, rest };
}

function isEmpty(status: unknown): boolean {
  return status === undefined || equal(status, {});
}
