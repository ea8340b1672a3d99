import {
  type Clock,
  type Condition,
  defineKind,
  isAlreadyExists,
  isConditionTrue,
  isNotFound,
  type KubernetesObject,
  type ObjectMeta,
} from '@bowline/apimachinery';
import type { Client } from '@bowline/client';
import { EnvError } from './errors.ts';

/** What of a CustomResourceDefinition is read here. */
interface Crd extends KubernetesObject {
  readonly spec: {
    readonly group: string;
    readonly scope: 'Namespaced' | 'Cluster';
    readonly names: { readonly plural: string; readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

const CustomResourceDefinition = defineKind<Crd>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  resource: 'customresourcedefinitions',
  scope: 'Cluster',
  subresources: ['status'],
});

/** How long a CRD may take to be established and served, and how often that is asked. @see controller-runtime envtest, the same numbers */
const timeoutMs = 10_000;
const pollMs = 100;

/** Installs CRDs, or updates those that are there, and waits until each served version answers. */
export async function establish(client: Client, clock: Clock, definitions: readonly object[]): Promise<void> {
  const manifests = definitions as readonly Crd[];
  for (const manifest of manifests) await install(client, manifest);
  const deadline = clock.monotonic() + timeoutMs;
  for (const manifest of manifests) {
    while (!(await isServed(client, manifest))) {
      if (clock.monotonic() >= deadline) {
        const crd = await client.get(CustomResourceDefinition, { name: manifest.metadata.name });
        const conditions = crd?.status?.conditions?.map(
          ({ type, status, reason, message }) => `${type}=${status} (${reason}: ${message})`,
        );
        throw new EnvError(
          'ENVTEST_CRD_NOT_ESTABLISHED',
          `CustomResourceDefinition "${manifest.metadata.name}" was not served after ${timeoutMs} ms; its conditions: ${conditions?.join(', ') || 'none'}`,
        );
      }
      await clock.sleep(pollMs);
    }
  }
}

async function install(client: Client, manifest: Crd): Promise<void> {
  try {
    await client.create(CustomResourceDefinition, manifest);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const present = await client.get(CustomResourceDefinition, { name: manifest.metadata.name });
    const metadata: ObjectMeta = { ...manifest.metadata, resourceVersion: present?.metadata.resourceVersion ?? '' };
    await client.update(CustomResourceDefinition, { ...manifest, metadata });
  }
}

async function isServed(client: Client, manifest: Crd): Promise<boolean> {
  const crd = await client.get(CustomResourceDefinition, { name: manifest.metadata.name });
  if (!isConditionTrue(crd?.status?.conditions ?? [], 'Established')) return false;
  const { group, scope, names, versions } = manifest.spec;
  for (const { name, served } of versions) {
    if (!served) continue;
    const kind = defineKind({ group, version: name, kind: names.kind, resource: names.plural, scope });
    try {
      await client.list(kind, { limit: 1 });
    } catch (error) {
      if (isNotFound(error)) return false; // established, but not served yet
      throw error;
    }
  }
  return true;
}
