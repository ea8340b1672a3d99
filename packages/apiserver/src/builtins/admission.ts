import { limitRanger } from './admission-limits.ts';
import type { AdmissionPlugin, AdmissionRequest, ClusterView } from './admission-plugin.ts';
import { podTolerations, priority, priorityClasses, runtimeClass } from './admission-pods.ts';
import {
  claimResize,
  defaultIngressClass,
  defaultStorageClass,
  nodeTaint,
  storageProtection,
} from './admission-storage.ts';
import { certificateSubjects } from './validate-certificates.ts';

/** In the order of the real server. @see k8s.io/kubernetes pkg/kubeapiserver/options/plugins.go `AllOrderedPlugins` */
const plugins: readonly AdmissionPlugin[] = [
  limitRanger,
  nodeTaint,
  priority,
  priorityClasses,
  podTolerations,
  defaultStorageClass,
  storageProtection,
  claimResize,
  runtimeClass,
  certificateSubjects,
  defaultIngressClass,
];

function applies(plugin: AdmissionPlugin, { group, resource, subresource }: AdmissionRequest): boolean {
  if (!plugin.resources.includes(group === '' ? resource : `${resource}.${group}`)) return false;
  return subresource === '' || plugin.subresources?.includes(subresource) === true;
}

/** Lets the plug-ins of a default server change an object before it is validated. @throws {Refusal} when one refuses it. */
export function admitMutating(request: AdmissionRequest, cluster: ClusterView): void {
  for (const plugin of plugins) if (applies(plugin, request)) plugin.mutate?.(request, cluster);
}

/** Lets the plug-ins of a default server look at an object that is valid. @throws {Refusal} when one refuses it. */
export function admitValidating(request: AdmissionRequest, cluster: ClusterView): void {
  for (const plugin of plugins) if (applies(plugin, request)) plugin.validate?.(request, cluster);
}
