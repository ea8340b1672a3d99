import { clone } from '@bowline/apimachinery';
import { type JsonObject, type ServerObject, stringAt } from '../object.ts';
import { fillPod, fillPodTemplate, fillVolumeSource } from './defaults-pod.ts';
import { fill, fillNumbers, fillPointers, part, partIfPresent, parts } from './fill.ts';
import type { BuiltinRules } from './registry.ts';

const rbacGroup = 'rbac.authorization.k8s.io';
/** What `backoffLimit` becomes when each index has a limit of its own. */
const unlimitedBackoff = 2_147_483_647;

function fillService(service: ServerObject): void {
  const spec = part(service, 'spec');
  fill(spec, { type: 'ClusterIP', sessionAffinity: 'None' });
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  else if (spec.sessionAffinity === 'ClientIP')
    fill(part(part(spec, 'sessionAffinityConfig'), 'clientIP'), { timeoutSeconds: 10_800 });
  for (const port of parts(spec, 'ports')) {
    fill(port, { protocol: 'TCP' });
    if (!port.targetPort) port.targetPort = port.port;
  }
  const type = spec.type;
  const hasExternalIps = Array.isArray(spec.externalIPs) && spec.externalIPs.length > 0;
  if (type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && hasExternalIps))
    fill(spec, { externalTrafficPolicy: 'Cluster' });
  if (type !== 'ExternalName') fillPointers(spec, { internalTrafficPolicy: 'Cluster' });
  if (type === 'LoadBalancer') {
    fill(spec, { allocateLoadBalancerNodePorts: true });
    for (const ingress of parts(partIfPresent(partIfPresent(service, 'status'), 'loadBalancer'), 'ingress')) {
      if (stringAt(ingress, 'ip') !== '') fillPointers(ingress, { ipMode: 'VIP' });
    }
  }
}

function fillClaimSpec(spec: JsonObject): void {
  fillPointers(spec, { volumeMode: 'Filesystem' });
  if (!partIfPresent(spec, 'resources')) spec.resources = {};
}

function fillLimitRange(range: ServerObject): void {
  for (const item of parts(part(range, 'spec'), 'limits')) {
    if (item.type !== 'Container') continue;
    item.default = { ...partIfPresent(item, 'max'), ...partIfPresent(item, 'default') };
    item.defaultRequest = {
      ...partIfPresent(item, 'min'),
      ...part(item, 'default'),
      ...partIfPresent(item, 'defaultRequest'),
    };
  }
}

function fillJobSpec(spec: JsonObject): void {
  const both = spec.completions ?? spec.parallelism;
  if (both === undefined || both === null) fillPointers(spec, { completions: 1 });
  fillPointers(spec, {
    parallelism: 1,
    backoffLimit: (spec.backoffLimitPerIndex ?? null) === null ? 6 : unlimitedBackoff,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: partIfPresent(spec, 'podFailurePolicy') ? 'Failed' : 'TerminatingOrFailed',
    manualSelector: false,
  });
  for (const rule of parts(partIfPresent(spec, 'podFailurePolicy'), 'rules')) {
    for (const pattern of parts(rule, 'onPodConditions')) fill(pattern, { status: 'True' });
  }
  fillPodTemplate(spec);
}

/** Labels of the template stand in for labels that the workload itself lacks. */
function labelsFromTemplate(object: ServerObject, template: JsonObject | undefined): void {
  const labels = partIfPresent(partIfPresent(template, 'metadata'), 'labels');
  if (labels && Object.keys(object.metadata.labels ?? {}).length === 0)
    object.metadata.labels = clone(labels) as Record<string, string>;
}

function fillStatefulSet(object: ServerObject): void {
  const spec = part(object, 'spec');
  const strategy = part(spec, 'updateStrategy');
  if (stringAt(strategy, 'type') === '') {
    strategy.type = 'RollingUpdate';
    part(strategy, 'rollingUpdate');
  }
  const rolling = strategy.type === 'RollingUpdate' ? partIfPresent(strategy, 'rollingUpdate') : undefined;
  if (rolling) fill(rolling, { partition: 0 });
  fill(part(spec, 'persistentVolumeClaimRetentionPolicy'), { whenDeleted: 'Retain', whenScaled: 'Retain' });
  fill(spec, { podManagementPolicy: 'OrderedReady', replicas: 1, revisionHistoryLimit: 10 });
  fillPodTemplate(spec);
  for (const claim of parts(spec, 'volumeClaimTemplates')) {
    fill(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' });
    fillClaimSpec(part(claim, 'spec'));
    fill(part(claim, 'status'), { phase: 'Pending' });
  }
}

function fillScalingRules(behavior: JsonObject, name: 'scaleUp' | 'scaleDown'): void {
  const up = name === 'scaleUp';
  const policies = up
    ? [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ]
    : [{ type: 'Percent', value: 100, periodSeconds: 15 }];
  fillPointers(part(behavior, name), {
    selectPolicy: 'Max',
    policies,
    ...(up ? { stabilizationWindowSeconds: 0 } : {}),
  });
}

function fillWebhooks(configuration: ServerObject, mutating: boolean): void {
  for (const webhook of parts(configuration, 'webhooks')) {
    fillPointers(webhook, {
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
    });
    if (mutating) fillPointers(webhook, { reinvocationPolicy: 'Never' });
    for (const rule of parts(webhook, 'rules')) fillPointers(rule, { scope: '*' });
    const service = partIfPresent(partIfPresent(webhook, 'clientConfig'), 'service');
    if (service) fill(service, { port: 443 });
  }
}

function fillMatchResources(match: JsonObject | undefined): void {
  if (!match) return;
  fillPointers(match, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} });
  for (const list of ['resourceRules', 'excludeResourceRules'])
    for (const rule of parts(match, list)) fillPointers(rule, { scope: '*' });
}

function fillBinding(binding: ServerObject): void {
  const reference = partIfPresent(binding, 'roleRef');
  if (reference) fill(reference, { apiGroup: rbacGroup });
  for (const subject of parts(binding, 'subjects')) {
    if (subject.kind === 'User' || subject.kind === 'Group') fill(subject, { apiGroup: rbacGroup });
  }
}

function fillDeviceRequests(spec: JsonObject | undefined): void {
  const fillRequest = (request: JsonObject): void => {
    fill(request, { allocationMode: 'ExactCount' });
    if (request.allocationMode === 'ExactCount') fillNumbers(request, { count: 1 });
  };
  for (const request of parts(partIfPresent(spec, 'devices'), 'requests')) {
    const exactly = partIfPresent(request, 'exactly');
    if (exactly) fillRequest(exactly);
    for (const alternative of parts(request, 'firstAvailable')) fillRequest(alternative);
  }
}

/** What the server fills in, by kind. @see k8s.io/kubernetes pkg/apis: the defaults.go of each group */
export const builtinDefaults: BuiltinRules['defaulters'] = {
  'v1 Namespace': (namespace) => {
    const { name = '' } = namespace.metadata;
    if (name !== '') namespace.metadata.labels = { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': name };
    fill(part(namespace, 'status'), { phase: 'Active' });
  },
  'v1 Pod': fillPod,
  'v1 PodTemplate': fillPodTemplate,
  'v1 Service': fillService,
  'v1 Secret': (secret) => {
    fill(secret, { type: 'Opaque' });
    const texts = partIfPresent(secret, 'stringData');
    if (!texts) return;
    // Written in the clear for convenience, stored encoded; never read back.
    const encoded = Object.entries(texts).map(([key, text]) => [key, Buffer.from(String(text)).toString('base64')]);
    secret.data = { ...partIfPresent(secret, 'data'), ...Object.fromEntries(encoded) };
    delete secret.stringData;
  },
  'v1 Endpoints': (endpoints) => {
    for (const port of parts(endpoints, 'subsets').flatMap((subset) => parts(subset, 'ports')))
      fill(port, { protocol: 'TCP' });
  },
  'v1 PersistentVolume': (volume) => {
    fill(part(volume, 'status'), { phase: 'Pending' });
    const spec = part(volume, 'spec');
    fill(spec, { persistentVolumeReclaimPolicy: 'Retain' });
    fillPointers(spec, { volumeMode: 'Filesystem' });
    fillVolumeSource(spec);
  },
  'v1 PersistentVolumeClaim': (claim) => {
    fill(part(claim, 'status'), { phase: 'Pending' });
    fillClaimSpec(part(claim, 'spec'));
  },
  'v1 Node': (node) => {
    const status = part(node, 'status');
    const capacity = partIfPresent(status, 'capacity');
    if (capacity) fill(status, { allocatable: capacity });
  },
  'v1 LimitRange': fillLimitRange,
  'v1 ReplicationController': (controller) => {
    const spec = part(controller, 'spec');
    const template = partIfPresent(spec, 'template');
    const labels = partIfPresent(partIfPresent(template, 'metadata'), 'labels');
    if (labels && Object.keys(partIfPresent(spec, 'selector') ?? {}).length === 0) spec.selector = clone(labels);
    labelsFromTemplate(controller, template);
    fill(spec, { replicas: 1 });
    fillPodTemplate(spec);
  },
  'apps/v1 Deployment': (deployment) => {
    const spec = part(deployment, 'spec');
    const strategy = part(spec, 'strategy');
    fill(strategy, { type: 'RollingUpdate' });
    if (strategy.type === 'RollingUpdate')
      fill(part(strategy, 'rollingUpdate'), { maxUnavailable: '25%', maxSurge: '25%' });
    fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    fillPodTemplate(spec);
  },
  'apps/v1 ReplicaSet': (set) => {
    const spec = part(set, 'spec');
    fill(spec, { replicas: 1 });
    fillPodTemplate(spec);
  },
  'apps/v1 DaemonSet': (set) => {
    const spec = part(set, 'spec');
    const strategy = part(spec, 'updateStrategy');
    fill(strategy, { type: 'RollingUpdate' });
    if (strategy.type === 'RollingUpdate') fill(part(strategy, 'rollingUpdate'), { maxUnavailable: 1, maxSurge: 0 });
    fill(spec, { revisionHistoryLimit: 10 });
    fillPodTemplate(spec);
  },
  'apps/v1 StatefulSet': fillStatefulSet,
  'batch/v1 Job': (job) => {
    const spec = part(job, 'spec');
    fillJobSpec(spec);
    labelsFromTemplate(job, partIfPresent(spec, 'template'));
  },
  'batch/v1 CronJob': (cronJob) => {
    const spec = part(cronJob, 'spec');
    fill(spec, {
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
    const template = partIfPresent(spec, 'jobTemplate');
    // Only the pods in the template get their defaults here; those of the job come when the job is created.
    if (template) fillPodTemplate(part(template, 'spec'));
  },
  'autoscaling/v1 HorizontalPodAutoscaler': (autoscaler) => fill(part(autoscaler, 'spec'), { minReplicas: 1 }),
  'autoscaling/v2 HorizontalPodAutoscaler': (autoscaler) => {
    const spec = part(autoscaler, 'spec');
    fill(spec, { minReplicas: 1 });
    if (parts(spec, 'metrics').length === 0) {
      spec.metrics = [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ];
    }
    const behavior = partIfPresent(spec, 'behavior');
    if (behavior) {
      fillScalingRules(behavior, 'scaleUp');
      fillScalingRules(behavior, 'scaleDown');
    }
  },
  'networking.k8s.io/v1 NetworkPolicy': (policy) => {
    const spec = part(policy, 'spec');
    if (!Array.isArray(spec.policyTypes) || spec.policyTypes.length === 0) {
      spec.policyTypes = parts(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
    }
    for (const rule of [...parts(spec, 'ingress'), ...parts(spec, 'egress')])
      for (const port of parts(rule, 'ports')) fillPointers(port, { protocol: 'TCP' });
  },
  'networking.k8s.io/v1 IngressClass': (ingressClass) => {
    const parameters = partIfPresent(partIfPresent(ingressClass, 'spec'), 'parameters');
    if (parameters) fillPointers(parameters, { scope: 'Cluster' });
  },
  'rbac.authorization.k8s.io/v1 RoleBinding': fillBinding,
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': fillBinding,
  'storage.k8s.io/v1 StorageClass': (storageClass) =>
    fillPointers(storageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  'storage.k8s.io/v1 CSIDriver': (driver) => {
    const spec = part(driver, 'spec');
    fillPointers(spec, {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      requiresRepublish: false,
      seLinuxMount: false,
    });
    if (!Array.isArray(spec.volumeLifecycleModes) || spec.volumeLifecycleModes.length === 0)
      spec.volumeLifecycleModes = ['Persistent'];
  },
  'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration': (configuration) =>
    fillWebhooks(configuration, false),
  'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration': (configuration) => fillWebhooks(configuration, true),
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy': (policy) => {
    const spec = part(policy, 'spec');
    fillPointers(spec, { failurePolicy: 'Fail' });
    fillMatchResources(partIfPresent(spec, 'matchConstraints'));
  },
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding': (binding) => {
    const spec = part(binding, 'spec');
    fillMatchResources(partIfPresent(spec, 'matchResources'));
  },
  'apiregistration.k8s.io/v1 APIService': (service) => {
    const server = partIfPresent(partIfPresent(service, 'spec'), 'service');
    if (server) fillPointers(server, { port: 443 });
  },
  'discovery.k8s.io/v1 EndpointSlice': (slice) => {
    for (const port of parts(slice, 'ports')) {
      fillPointers(port, { name: '', protocol: 'TCP' });
    }
  },
  'scheduling.k8s.io/v1 PriorityClass': (priorityClass) =>
    fillPointers(priorityClass, { preemptionPolicy: 'PreemptLowerPriority' }),
  'flowcontrol.apiserver.k8s.io/v1 FlowSchema': (schema) =>
    fillNumbers(part(schema, 'spec'), { matchingPrecedence: 1_000 }),
  'flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration': (configuration) => {
    const spec = part(configuration, 'spec');
    const exempt = partIfPresent(spec, 'exempt');
    if (exempt) fill(exempt, { nominalConcurrencyShares: 0, lendablePercent: 0 });
    const limited = partIfPresent(spec, 'limited');
    if (limited) fill(limited, { nominalConcurrencyShares: 30, lendablePercent: 0 });
    const queuing = partIfPresent(partIfPresent(limited, 'limitResponse'), 'queuing');
    if (queuing) fillNumbers(queuing, { handSize: 8, queues: 64, queueLengthLimit: 50 });
  },
  'resource.k8s.io/v1 ResourceClaim': (claim) => fillDeviceRequests(partIfPresent(claim, 'spec')),
  'resource.k8s.io/v1 ResourceClaimTemplate': (template) =>
    fillDeviceRequests(partIfPresent(partIfPresent(template, 'spec'), 'spec')),
};
