import { clone, formatTime } from '@bowline/apimachinery';
import { cleanupFinalizer, setCondition } from '../crds/definition.ts';
import type { Endpoint } from '../endpoint.ts';
import { qualified } from '../errors.ts';
import type { DeleteOptions } from '../http/query-options.ts';
import { foregroundFinalizer, orphanFinalizer } from '../meta/validation.ts';
import { listAt, type ServerObject } from '../object.ts';

/**
 * What the first delete makes of an object that somebody has to empty before it can go.
 *
 * @returns undefined when nothing more has to be done than for other objects.
 */
export type Termination = (object: ServerObject, options: DeleteOptions, nowMs: number) => ServerObject | undefined;

const terminations: Readonly<Record<string, Termination>> = {
  namespaces: terminateNamespace,
  'customresourcedefinitions.apiextensions.k8s.io': terminateDefinition,
};

/** How objects of a resource terminate; undefined for those that are just deleted. */
export function termination(endpoint: Endpoint): Termination | undefined {
  return endpoint.custom ? undefined : terminations[qualified(endpoint)];
}

/**
 * A namespace stays until whoever empties it takes the finalizer in its spec away.
 *
 * @see k8s.io/kubernetes pkg/registry/core/namespace/storage `Delete`
 */
function terminateNamespace(
  object: ServerObject,
  { orphanDependents, propagationPolicy }: DeleteOptions,
  nowMs: number,
): ServerObject | undefined {
  const { metadata } = object;
  if (metadata.deletionTimestamp !== undefined) {
    return listAt(object, 'spec', 'finalizers').length === 0 ? undefined : object;
  }
  const draft = clone(object) as ServerObject;
  draft.metadata.deletionTimestamp = formatTime(nowMs);
  draft.status = { ...(draft.status as object | undefined), phase: 'Terminating' };
  const finalizers = new Set(metadata.finalizers ?? []);
  const has = (finalizer: string, asked: boolean): void => {
    if (asked) finalizers.add(finalizer);
    else finalizers.delete(finalizer);
  };
  if (orphanDependents !== undefined) {
    has(orphanFinalizer, orphanDependents);
    has(foregroundFinalizer, !orphanDependents);
  } else if (propagationPolicy !== undefined) {
    has(orphanFinalizer, propagationPolicy === 'Orphan');
    has(foregroundFinalizer, propagationPolicy === 'Foreground');
  }
  if (finalizers.size === 0) delete draft.metadata.finalizers;
  else draft.metadata.finalizers = [...finalizers];
  return draft;
}

/**
 * A definition stays until all objects of its kind are gone.
 *
 * @see k8s.io/apiextensions-apiserver registry/customresourcedefinition/etcd.go `Delete`
 */
function terminateDefinition(object: ServerObject, _options: DeleteOptions, nowMs: number): ServerObject | undefined {
  if (object.metadata.deletionTimestamp !== undefined) return undefined;
  const draft = clone(object) as ServerObject;
  const { finalizers = [] } = draft.metadata;
  draft.metadata.deletionTimestamp = formatTime(nowMs);
  if (!finalizers.includes(cleanupFinalizer)) draft.metadata.finalizers = [...finalizers, cleanupFinalizer];
  const message = 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon';
  setCondition(draft, { type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending', message }, nowMs);
  return draft;
}
