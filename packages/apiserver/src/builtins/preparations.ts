import { clone, formatTime } from '@bowline/apimachinery';
import { isObject, type JsonObject, listAt, type ServerObject, stringAt } from '../object.ts';
import { podQosClass } from './pod-qos.ts';
import { applyLabelKeys, keepObservedGenerations } from './prepare-pod.ts';
import { allocateForCreate, allocateForUpdate } from './service-allocation.ts';
import type { WriteContext } from './strategy.ts';

/** What a resource does besides what its row says. */
export interface Preparation {
  create?(object: ServerObject, context: WriteContext): void;
  update?(object: ServerObject, old: ServerObject, context: WriteContext): void;
  readonly subresources?: Readonly<
    Record<string, (object: ServerObject, old: ServerObject, context: WriteContext) => void>
  >;
  warnings?(object: ServerObject, old: ServerObject | undefined): readonly string[];
  mayDeleteDuringUpdate?(object: ServerObject): boolean;
}

/** A part of an object that may be changed; made when it is not there. */
function part(object: JsonObject, field: string): JsonObject {
  const present = object[field];
  if (isObject(present)) return present;
  const made: JsonObject = {};
  object[field] = made;
  return made;
}

const namespaces: Preparation = {
  create(namespace) {
    const spec = part(namespace, 'spec');
    const finalizers = listAt(spec, 'finalizers');
    if (!finalizers.includes('kubernetes')) spec.finalizers = [...finalizers, 'kubernetes'];
    namespace.status = { phase: 'Active' };
  },
  update(namespace, old) {
    const spec = part(namespace, 'spec');
    const kept = listAt(old, 'spec', 'finalizers');
    if (kept.length === 0) delete spec.finalizers;
    else spec.finalizers = [...kept];
  },
  subresources: {
    finalize(namespace, old) {
      namespace.status = clone(old.status);
    },
  },
  mayDeleteDuringUpdate: (namespace) => listAt(namespace, 'spec', 'finalizers').length === 0,
};

const pods: Preparation = {
  create(pod, { nowMs }) {
    pod.status = { phase: 'Pending', qosClass: podQosClass(pod) };
    applyLabelKeys(pod);
    if (listAt(pod, 'spec', 'schedulingGates').length > 0) {
      part(pod, 'status').conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          lastProbeTime: null,
          lastTransitionTime: formatTime(nowMs),
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
        },
      ];
    }
  },
  subresources: {
    status(pod, old) {
      const status = part(pod, 'status');
      keepObservedGenerations(status, old.status);
      if (stringAt(status, 'qosClass') === '' && stringAt(old, 'status', 'qosClass') !== '') {
        status.qosClass = stringAt(old, 'status', 'qosClass');
      }
    },
    ephemeralcontainers(pod, old) {
      const added = listAt(pod, 'spec', 'ephemeralContainers');
      replaceAll(pod, old);
      if (added.length > 0) part(pod, 'spec').ephemeralContainers = [...added];
    },
    resize(pod, old) {
      const sizes = new Map(
        ['containers', 'initContainers'].flatMap((list) =>
          listAt(pod, 'spec', list).map((one) => [stringAt(one, 'name'), one] as const),
        ),
      );
      replaceAll(pod, old);
      for (const list of ['containers', 'initContainers']) {
        for (const container of listAt(pod, 'spec', list)) {
          const sized = sizes.get(stringAt(container, 'name'));
          if (!isObject(container) || !isObject(sized)) continue;
          for (const field of ['resources', 'resizePolicy']) {
            if (sized[field] !== undefined) container[field] = sized[field];
          }
        }
      }
    },
  },
};

/** Makes `object` what is stored, its resource version and managed fields excepted. */
function replaceAll(object: ServerObject, old: ServerObject): void {
  const { resourceVersion, managedFields } = object.metadata;
  for (const field of Object.keys(object)) delete object[field];
  Object.assign(object, clone(old));
  if (resourceVersion !== undefined) object.metadata.resourceVersion = resourceVersion;
  if (managedFields !== undefined) object.metadata.managedFields = managedFields;
  else delete object.metadata.managedFields;
}

const persistentVolumes: Preparation = {
  create(volume, { nowMs }) {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: formatTime(nowMs) };
  },
  subresources: {
    status(volume, old, { nowMs }) {
      const status = part(volume, 'status');
      const before = stringAt(old, 'status', 'lastPhaseTransitionTime');
      const now = stringAt(status, 'lastPhaseTransitionTime');
      const same = stringAt(status, 'phase') === stringAt(old, 'status', 'phase');
      if (same && now === '' && before !== '') status.lastPhaseTransitionTime = before;
      if (!same && (now === '' || now === before)) status.lastPhaseTransitionTime = formatTime(nowMs);
    },
  },
};

/** The two fields for what a claim starts from hold the same, and only the newer one holds everything. */
function settleDataSource(claim: ServerObject, old: ServerObject | undefined): void {
  const spec = part(claim, 'spec');
  const { dataSource } = spec;
  const [group, kind] = [stringAt(dataSource, 'apiGroup'), stringAt(dataSource, 'kind')];
  const known =
    (group === '' && kind === 'PersistentVolumeClaim') ||
    (group === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot');
  const had = isObject(old?.spec) && (isObject(old.spec.dataSource) || isObject(old.spec.dataSourceRef));
  if (!known && !had) delete spec.dataSource;
  // Sources in other namespaces are behind a feature gate that is closed by default.
  const isElsewhere = (owner: unknown): boolean => stringAt(owner, 'dataSourceRef', 'namespace') !== '';
  if (isElsewhere(spec) && !isElsewhere(old?.spec)) delete spec.dataSourceRef;
  if (isObject(spec.dataSource)) spec.dataSourceRef ??= clone(spec.dataSource);
  else if (isObject(spec.dataSourceRef) && stringAt(spec.dataSourceRef, 'namespace') === '') {
    spec.dataSource = clone(spec.dataSourceRef);
  }
}

/** @see k8s.io/kubernetes pkg/registry/core/persistentvolumeclaim `NormalizeDataSources` */
const persistentVolumeClaims: Preparation = {
  create: (claim) => settleDataSource(claim, undefined),
  update: settleDataSource,
};

const certificateSigningRequests: Preparation = {
  create(request, { user }) {
    const spec = part(request, 'spec');
    for (const field of ['username', 'uid', 'groups', 'extra']) delete spec[field];
    spec.username = user.name;
    if (user.uid !== '') spec.uid = user.uid;
    spec.groups = [...user.groups];
  },
  update(request, old) {
    request.spec = clone(old.spec);
  },
  subresources: {
    status(request, old, { nowMs }) {
      const status = part(request, 'status');
      const conditions = [...listAt(status, 'conditions')];
      for (const type of ['Approved', 'Denied']) keepConditions(conditions, listAt(old, 'status', 'conditions'), type);
      setConditions(status, conditions, listAt(old, 'status', 'conditions'), nowMs);
    },
    approval(request, old, { nowMs }) {
      const conditions = listAt(request, 'status', 'conditions');
      request.spec = clone(old.spec);
      request.status = clone(old.status ?? {});
      setConditions(part(request, 'status'), conditions, listAt(old, 'status', 'conditions'), nowMs);
    },
  },
};

/** Conditions of that type become what they were, unless there are more or fewer of them: then the update will be refused. */
function keepConditions(conditions: unknown[], before: readonly unknown[], type: string): void {
  const isOne = (one: unknown): boolean => stringAt(one, 'type') === type;
  const kept = before.filter(isOne);
  if (conditions.filter(isOne).length !== kept.length) return;
  for (const [index, one] of conditions.entries()) if (isOne(one)) conditions[index] = clone(kept.shift());
}

/** @see k8s.io/kubernetes pkg/registry/certificates/certificates/strategy.go `populateConditionTimestamps` */
function setConditions(
  status: JsonObject,
  conditions: readonly unknown[],
  before: readonly unknown[],
  nowMs: number,
): void {
  const now = formatTime(nowMs);
  const since = (one: JsonObject): unknown => {
    const same = (other: unknown): boolean => ['type', 'status'].every((name) => stringAt(other, name) === one[name]);
    return (
      stringAt(
        before.find((other) => same(other) && stringAt(other, 'lastTransitionTime') !== ''),
        'lastTransitionTime',
      ) || now
    );
  };
  if (conditions.length === 0) delete status.conditions;
  else {
    status.conditions = conditions.map((one) =>
      isObject(one)
        ? {
            ...one,
            lastUpdateTime: one.lastUpdateTime ?? now,
            lastTransitionTime: one.lastTransitionTime ?? since(one),
          }
        : one,
    );
  }
}

/** Counts the changes of a daemon set's template. */
export const templateGeneration = 'deprecated.daemonset.template.generation';

const daemonSets: Preparation = {
  create(set) {
    const given = Number(set.metadata.annotations?.[templateGeneration] ?? 0);
    set.metadata.annotations = { ...set.metadata.annotations, [templateGeneration]: String(Math.max(given, 1)) };
  },
  update(set, old) {
    const before = Number(old.metadata.annotations?.[templateGeneration] ?? 0);
    const changed = JSON.stringify(templateOf(set)) !== JSON.stringify(templateOf(old));
    const now = String(changed ? before + 1 : before);
    set.metadata.annotations = { ...set.metadata.annotations, [templateGeneration]: now };
  },
};

/** A job finds its pods by labels that it gives them, unless its creator has taken that on. */
const jobs: Preparation = {
  create(job) {
    const spec = part(job, 'spec');
    if (spec.manualSelector === true) return;
    const { name = '', uid = '' } = job.metadata;
    const metadata = part(part(spec, 'template'), 'metadata');
    const given = isObject(metadata.labels) ? metadata.labels : {};
    const names = { 'job-name': name, 'batch.kubernetes.io/job-name': name };
    const uids = { 'controller-uid': uid, 'batch.kubernetes.io/controller-uid': uid };
    metadata.labels = { ...names, ...uids, ...given };
    const selector = part(spec, 'selector');
    const matched = isObject(selector.matchLabels) ? selector.matchLabels : {};
    selector.matchLabels = { 'batch.kubernetes.io/controller-uid': uid, ...matched };
  },
};

function templateOf(set: ServerObject): unknown {
  return isObject(set.spec) ? set.spec.template : undefined;
}

const secrets: Preparation = {
  update(secret, old) {
    if (stringAt(secret, 'type') === '') secret.type = stringAt(old, 'type');
  },
};

const services: Preparation = {
  create: (service, { cluster }) => allocateForCreate(service, cluster),
  update: (service, old, { cluster }) => allocateForUpdate(service, old, cluster),
};

const limitRanges: Preparation = {
  create(range, { uuid }) {
    if ((range.metadata.name ?? '') === '') range.metadata.name = uuid();
  },
};

/** What this server serves itself is there as soon as it is registered. */
const apiServices: Preparation = {
  create(service, { nowMs }) {
    if (isObject(service.spec) && service.spec.service !== undefined) return;
    const local = { reason: 'Local', message: 'Local APIServices are always available' };
    const condition = { type: 'Available', status: 'True', lastTransitionTime: formatTime(nowMs), ...local };
    service.status = { conditions: [condition] };
  },
};

/** By qualified resource: `deployments.apps`. */
export const preparations: Readonly<Record<string, Preparation>> = {
  namespaces,
  pods,
  persistentvolumeclaims: persistentVolumeClaims,
  persistentvolumes: persistentVolumes,
  secrets,
  services,
  limitranges: limitRanges,
  'apiservices.apiregistration.k8s.io': apiServices,
  'certificatesigningrequests.certificates.k8s.io': certificateSigningRequests,
  'daemonsets.apps': daemonSets,
  'jobs.batch': jobs,
};
