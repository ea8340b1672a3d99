import { forbiddenRequest, type Named, type Refusal } from '../errors.ts';
import type { Metadata, ServerObject } from '../object.ts';

/** A write that is on its way in. */
export interface AdmissionRequest extends Named {
  readonly operation: 'create' | 'update';
  readonly subresource: string;
  /** What is to be stored. Plug-ins that mutate may change it. */
  readonly object: ServerObject;
  readonly live: ServerObject | undefined;
}

/** What plug-ins see of the other objects. */
export interface ClusterView {
  /** @param resource Qualified: `storageclasses.storage.k8s.io`. */
  object(resource: string, namespace: string, name: string): ServerObject | undefined;
  /** All objects of a resource, or those in one namespace. */
  objects(resource: string, namespace?: string): readonly ServerObject[];
}

/** Part of what a default server does besides storing. */
export interface AdmissionPlugin {
  /** Qualified names of the resources that it looks at. */
  readonly resources: readonly string[];
  /** Looks at some subresources too. */
  readonly subresources?: readonly string[];
  /** Changes the object before it is validated. @throws {Refusal} */
  mutate?(request: AdmissionRequest, cluster: ClusterView): void;
  /** Looks at the object as it will be stored. @throws {Refusal} */
  validate?(request: AdmissionRequest, cluster: ClusterView): void;
}

/** @see k8s.io/apiserver admission `NewForbidden` */
export function notAdmitted(request: AdmissionRequest, why: string): Refusal {
  const { name = '', generateName = '' }: Metadata = request.object.metadata;
  return forbiddenRequest(request, name || generateName || 'Unknown', why);
}
