import { type Managers, readManagers, writeManagers } from './managers.ts';
import { pathOf } from './path-element.ts';
import { PathSet } from './path-set.ts';

const scaleVersion = 'autoscaling/v1';
const scaleReplicas = pathOf('spec', 'replicas');

/** Where the replicas of a kind are, by version: names of the path, null where the version has no scale, undefined where it is not served. */
export type ReplicasPaths = (apiVersion: string) => readonly string[] | null | undefined;

/**
 * The entries of an object as its scale has them: who owns the replicas owns `spec.replicas` there.
 *
 * @see k8s.io/apimachinery pkg/util/managedfields/scalehandler.go `ToSubresource`
 */
export function scaleManagedFields(entries: unknown, replicas: ReplicasPaths): Record<string, unknown>[] {
  const result: Managers = new Map();
  for (const [identity, manager] of readManagers(entries)) {
    const path = replicas(manager.apiVersion);
    if (path === undefined || path === null || !manager.fields.has(pathOf(...path))) continue;
    result.set(identity, { ...manager, apiVersion: scaleVersion, fields: PathSet.of(scaleReplicas) });
  }
  return writeManagers(result);
}

/**
 * The entries of an object after its scale was written: who lost the replicas there loses them here, who got them gets them.
 *
 * @param entries Of the object, before.
 * @param scaleEntries Of the scale, after.
 * @param apiVersion In which the object was addressed.
 * @see k8s.io/apimachinery pkg/util/managedfields/scalehandler.go `ToParent`
 */
export function parentManagedFields(
  entries: unknown,
  scaleEntries: unknown,
  apiVersion: string,
  replicas: ReplicasPaths,
): Record<string, unknown>[] {
  const parents = readManagers(entries);
  const scale = readManagers(scaleEntries);
  const result: Managers = new Map();
  for (const [identity, manager] of parents) {
    const names = replicas(manager.apiVersion);
    if (names === undefined) continue;
    const path = names === null ? undefined : pathOf(...names);
    if (path === undefined || !manager.fields.has(path)) {
      result.set(identity, manager);
    } else if (scale.has(identity)) {
      // Only appliers are found again: the identity of updaters holds the version, which is another one there.
      result.set(identity, manager);
      scale.delete(identity);
    } else {
      const fields = manager.fields.difference(PathSet.of(path));
      if (!fields.isEmpty) result.set(identity, { ...manager, fields });
    }
  }
  const path = pathOf(...(replicas(apiVersion) ?? []));
  for (const [identity, manager] of scale) {
    if (!manager.fields.has(scaleReplicas)) continue;
    result.set(identity, { ...manager, apiVersion, fields: PathSet.of(path), time: parents.get(identity)?.time });
  }
  return writeManagers(result);
}
