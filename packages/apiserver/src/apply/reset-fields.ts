import { pathOf } from './path-element.ts';
import { PathSet } from './path-set.ts';
import type { FieldFilter } from './updater.ts';

type Names = readonly string[];

/** What callers of an endpoint cannot set, because the server puts it back; or the only things that they can. */
type Rule = { readonly without: readonly Names[] } | { readonly within: readonly Names[] };

const status: Rule = { without: [['status']] };
const spec: Rule = { without: [['spec']] };
const specAndMetadata: Rule = { without: [['spec'], ['metadata']] };

/**
 * By `group/resource` and subresource. Most kinds with a status keep it from the main endpoint, and their spec from `status`.
 *
 * @see k8s.io/kubernetes pkg/registry, `GetResetFields` of each strategy
 */
const rules: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  '/namespaces': { '': status, status: spec, finalize: status },
  '/nodes': { '': status, status: spec },
  '/persistentvolumeclaims': { '': status, status: spec },
  '/persistentvolumes': { '': status, status: spec },
  '/pods': {
    '': status,
    status: { without: [['spec'], ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']] },
    ephemeralcontainers: { within: [['spec', 'ephemeralContainers']] },
    resize: {
      within: [
        ['spec', 'containers', '*', 'resources'],
        ['spec', 'containers', '*', 'resizePolicy'],
        ['spec', 'initContainers', '*', 'resources'],
        ['spec', 'initContainers', '*', 'resizePolicy'],
      ],
    },
  },
  '/replicationcontrollers': { '': status, status: spec },
  '/resourcequotas': { '': status, status: spec },
  '/services': { '': status, status: spec },
  'admissionregistration.k8s.io/validatingadmissionpolicies': { '': status, status: specAndMetadata },
  'apiextensions.k8s.io/customresourcedefinitions': { '': status, status: specAndMetadata },
  'apiregistration.k8s.io/apiservices': { '': status, status: specAndMetadata },
  'apps/daemonsets': { '': status, status: spec },
  'apps/deployments': { '': status, status: { without: [['spec'], ['metadata', 'labels']] } },
  'apps/replicasets': { '': status, status: spec },
  'apps/statefulsets': { '': status, status: spec },
  'autoscaling/horizontalpodautoscalers': { '': status, status: spec },
  'batch/cronjobs': { '': status, status: spec },
  'batch/jobs': { '': status, status: spec },
  'certificates.k8s.io/certificatesigningrequests': {
    '': { without: [['spec'], ['status']] },
    status: { without: [['spec'], ['status', 'conditions']] },
    approval: { without: [['spec'], ['status', 'certificate']] },
  },
  'flowcontrol.apiserver.k8s.io/flowschemas': { '': status, status: specAndMetadata },
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': { '': status, status: specAndMetadata },
  'networking.k8s.io/ingresses': { '': status, status: spec },
  'policy/poddisruptionbudgets': { '': status, status: spec },
  'resource.k8s.io/resourceclaims': { '': status, status: specAndMetadata },
  'storage.k8s.io/volumeattachments': { '': status, status: specAndMetadata },
};

/** What callers of a built-in endpoint may own; undefined: everything. `subresource` is `''` for the main endpoint. */
export function builtinFieldFilter(group: string, resource: string, subresource: string): FieldFilter | undefined {
  const rule = rules[`${group}/${resource}`]?.[subresource];
  return rule === undefined ? undefined : filterOf(rule);
}

/** What callers of a custom resource's endpoint may own. `hasStatus`: the version has the subresource `status`. */
export function customFieldFilter(hasStatus: boolean, subresource: string): FieldFilter | undefined {
  if (subresource === 'status') return filterOf(spec);
  return subresource === '' && hasStatus ? filterOf(status) : undefined;
}

function filterOf(rule: Rule): FieldFilter {
  if ('within' in rule) return (fields) => fields.within(rule.within);
  const without = PathSet.of(...rule.without.map((names) => pathOf(...names)));
  return (fields) => fields.recursiveDifference(without);
}
