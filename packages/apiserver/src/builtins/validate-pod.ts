import { type FieldError, forbidden, invalid, required } from '../field-error.ts';
import { quote } from '../go-format.ts';
import { isObject, type JsonObject, listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { asSet, cloneRead } from '../schema/index.ts';
import { forbiddenChange, invalidInternal } from './internal-form.ts';
import { podQosClass } from './pod-qos.ts';
import type { Validator } from './registry.ts';
import { checkImageSpaces } from './validate-container.ts';
import { each, gather, has, objectAt, type Report, rangeMessage, same, textMapAt } from './validate-fields.ts';
import { checkMetadataAgain } from './validate-metadata.ts';
import { checkAnnotationChanges, checkPodAnnotations, checkProfilesAgree } from './validate-pod-annotations.ts';
import { checkPodSpec } from './validate-pod-spec.ts';
import { checkPodStatus } from './validate-pod-status.ts';
import { checkGatesOnlyRemoved, checkTolerations } from './validate-scheduling.ts';

const maxInt32 = 2_147_483_647;
const annotations = 'metadata.annotations';
const changeMessage = `pod updates may not change fields other than ${[
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')}`;

function specOf(pod: ServerObject): JsonObject {
  return objectAt(pod, 'spec') ?? {};
}

/** What holds for every pod, besides its metadata. @see k8s.io/kubernetes pkg/apis/core/validation `validatePodMetadataAndSpec` */
function checkPod(pod: ServerObject, report: Report, again = false): void {
  if (again) checkMetadataAgain(pod, report);
  const spec = specOf(pod);
  checkPodAnnotations(textMapAt(pod, 'metadata', 'annotations'), spec, annotations, report);
  checkPodSpec(spec, 'spec', { isPod: true, metadata: pod.metadata }, report);
  if (stringAt(spec, 'serviceAccountName') === '') {
    each(spec, 'volumes', 'spec', (volume, path) => {
      each(volume.projected, 'sources', `${path}.projected`, (source, at) => {
        if (!has(source, 'serviceAccountToken')) return;
        report(forbidden(`${at}.serviceAccountToken`, 'must not be specified when serviceAccountName is not set'));
      });
    });
  }
  for (const list of ['containers', 'initContainers']) {
    each(spec, list, 'spec', (container, path) => checkImageSpaces(container, path, report));
  }
}

function checkCreate(pod: ServerObject, report: Report): void {
  checkPod(pod, report);
  const spec = specOf(pod);
  if (listAt(spec, 'ephemeralContainers').length > 0) {
    report(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  }
  if (stringAt(spec, 'nodeName') !== '' && listAt(spec, 'schedulingGates').length > 0) {
    report(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  }
  checkProfilesAgree(textMapAt(pod, 'metadata', 'annotations'), spec, 'spec', report);
}

/** @returns whether there are as many containers as before. */
function checkImages(now: JsonObject, old: JsonObject, list: string, report: Report): boolean {
  if (listAt(now, list).length !== listAt(old, list).length) {
    report(forbidden(`spec.${list}`, 'pod updates may not add or remove containers'));
    return false;
  }
  each(now, list, 'spec', (container, path) => {
    if (stringAt(container, 'image') === '') report(required(`${path}.image`));
    checkImageSpaces(container, path, report);
  });
  return true;
}

/** @returns whether it makes sense to look further. */
function checkDeadline(now: JsonObject, old: JsonObject, report: Report): boolean {
  const path = 'spec.activeDeadlineSeconds';
  const [after, before] = [numberAt(now, 'activeDeadlineSeconds'), numberAt(old, 'activeDeadlineSeconds')];
  if (after === undefined) {
    if (before !== undefined) {
      report(invalid(path, null, 'must not update from a positive integer to nil value'));
    }
    return true;
  }
  if (after < 0 || after > maxInt32) report(invalid(path, after, rangeMessage(0, maxInt32)));
  else if (before !== undefined && before < after) {
    report(invalid(path, after, 'must be less than or equal to previous value'));
  } else return true;
  return false;
}

function checkTolerationsKept(now: JsonObject, old: JsonObject, report: Report): void {
  const plain = (toleration: unknown): JsonObject => ({ ...(toleration as JsonObject), tolerationSeconds: null });
  const after = listAt(now, 'tolerations').map(plain);
  const kept = listAt(old, 'tolerations').every((before) => after.some((one) => same(one, plain(before))));
  if (kept) checkTolerations(now, 'spec', report);
  else report(forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'));
}

/** A pod that waits at gates may yet ask for fewer nodes. @returns the specification with what may change put back. */
function withoutGatedChanges(spec: JsonObject, old: JsonObject, report: Report): JsonObject {
  const munged = spec;
  if (!same(spec.nodeSelector, old.nodeSelector)) {
    const [after, before] = [textMapAt(spec, 'nodeSelector'), textMapAt(old, 'nodeSelector')];
    if (Object.entries(before).some(([key, value]) => after[key] !== value)) {
      const why = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
      report(invalidInternal('spec.nodeSelector', 'map:string', asSet(spec, 'nodeSelector'), why));
    }
    putBack(munged, old, 'nodeSelector');
  }
  const [after, before] = [valueAt(spec, 'affinity', 'nodeAffinity'), valueAt(old, 'affinity', 'nodeAffinity')];
  if (same(after, before)) return munged;
  checkNodeAffinityGrows(after, before, report);
  const { podAffinity, podAntiAffinity } = objectAt(spec, 'affinity') ?? {};
  const had = has(old, 'affinity');
  if (!had && !podAffinity && !podAntiAffinity) delete munged.affinity;
  else munged.affinity = { ...objectAt(munged, 'affinity'), nodeAffinity: before ?? null };
  return munged;
}

function checkNodeAffinityGrows(after: unknown, before: unknown, report: Report): void {
  const required_ = 'requiredDuringSchedulingIgnoredDuringExecution';
  if (!has(before, required_)) return;
  const [oldTerms, newTerms] = [
    listAt(before, required_, 'nodeSelectorTerms'),
    listAt(after, required_, 'nodeSelectorTerms'),
  ];
  const path = `spec.affinity.nodeAffinity.${required_}.nodeSelectorTerms`;
  if (oldTerms.length > 0 && oldTerms.length !== newTerms.length) {
    const why = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    const shown = valueAt(after, required_, 'nodeSelectorTerms');
    report(invalidInternal(path, '[]core.NodeSelectorTerm', shown, why));
    return;
  }
  oldTerms.forEach((old, index) => {
    if (onlyAdds(newTerms[index], old)) return;
    const why = 'only additions are allowed (no mutations or deletions)';
    report(invalidInternal(`${path}[${index}]`, 'core.NodeSelectorTerm', newTerms[index], why));
  });
}

function onlyAdds(now: unknown, old: unknown): boolean {
  const lists = ['matchExpressions', 'matchFields'];
  const wasEmpty = lists.every((list) => listAt(old, list).length === 0);
  if (wasEmpty) return lists.every((list) => listAt(now, list).length === 0);
  return lists.every((list) => {
    const before = listAt(old, list);
    return same(listAt(now, list).slice(0, before.length), before);
  });
}

function putBack(object: JsonObject, old: JsonObject, field: string): void {
  object[field] = old[field] ?? null;
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidatePodUpdate` */
function checkUpdate(pod: ServerObject, stored: ServerObject, report: Report): void {
  checkPod(pod, report, true);
  checkAnnotationChanges(
    textMapAt(pod, 'metadata', 'annotations'),
    textMapAt(stored, 'metadata', 'annotations'),
    annotations,
    report,
  );
  checkPodAnnotations(textMapAt(pod, 'metadata', 'annotations'), specOf(pod), annotations, report);
  const [now, old] = [specOf(pod), specOf(stored)];
  if (!checkImages(now, old, 'containers', report) || !checkImages(now, old, 'initContainers', report)) return;
  if (!checkDeadline(now, old, report)) return;
  checkTolerationsKept(now, old, report);
  if (listAt(now, 'schedulingGates').length > 0) checkGatesOnlyRemoved(now, old, 'spec', report);
  if (same(now, old)) return;
  let munged = cloneRead(now) as JsonObject;
  for (const list of ['containers', 'initContainers']) {
    listAt(munged, list).forEach((container, index) => {
      if (isObject(container)) container.image = valueAt(listAt(old, list)[index], 'image');
    });
  }
  for (const field of ['activeDeadlineSeconds', 'schedulingGates', 'tolerations']) putBack(munged, old, field);
  const grace = numberAt(old, 'terminationGracePeriodSeconds') ?? 0;
  if (grace < 0 && numberAt(munged, 'terminationGracePeriodSeconds') === 1) {
    munged.terminationGracePeriodSeconds = grace;
  }
  if (listAt(old, 'schedulingGates').length > 0) munged = withoutGatedChanges(munged, old, report);
  if (!same(munged, old)) report(forbiddenChange('spec', changeMessage, 'core.PodSpec', old, munged));
}

const mirror = 'kubernetes.io/config.mirror';

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidatePodEphemeralContainersUpdate` */
function ephemeralErrors(pod: ServerObject, stored: ServerObject): FieldError[] {
  if (stored.metadata.annotations?.[mirror] !== undefined) {
    return [forbidden('', 'static pods do not support ephemeral containers')];
  }
  return gather((report) => {
    checkPod(pod, report, true);
    checkPodAnnotations(textMapAt(pod, 'metadata', 'annotations'), specOf(pod), annotations, report);
    const path = 'spec.ephemeralContainers';
    const now = new Map(listAt(pod, 'spec', 'ephemeralContainers').map((one) => [stringAt(one, 'name'), one]));
    for (const old of listAt(stored, 'spec', 'ephemeralContainers')) {
      const name = stringAt(old, 'name');
      const what = `existing ephemeral containers ${quote(name)}`;
      const one = now.get(name);
      if (one === undefined) report(forbidden(path, `${what} may not be removed\n`));
      else if (!same(one, old)) {
        report(forbiddenChange(path, `${what} may not be changed`, 'core.EphemeralContainer', old, one));
      }
    }
  });
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidatePodResize` */
function resizeErrors(pod: ServerObject, stored: ServerObject): FieldError[] {
  if (stored.metadata.annotations?.[mirror] !== undefined) return [forbidden('', 'static pods cannot be resized')];
  if (stringAt(stored, 'spec', 'os', 'name') === 'windows') return [forbidden('', 'windows pods cannot be resized')];
  return gather((report) => {
    let _faults = 0;
    const note: Report = (error) => {
      _faults++;
      report(error);
    };
    checkPod(pod, note, true);
    const quality = stringAt(stored, 'status', 'qosClass') || podQosClass(stored);
    if (quality !== podQosClass(pod)) {
      const shown = stringAt(pod, 'status', 'qosClass');
      note(invalid('spec', shown, 'Pod QOS Class may not change as a result of resizing'));
    }
    const running = listAt(stored, 'status', 'containerStatuses').find((one) => has(one, 'state', 'running'));
    if (running !== undefined && !has(running, 'resources')) {
      note(forbidden('spec', 'Pod running on node without support for resize'));
    }
    const sized = [pod, stored].some((one) =>
      ['requests', 'limits'].some((kind) => Object.keys(textMapAt(one, 'spec', 'resources', kind)).length > 0),
    );
    if (sized) {
      const gate = 'InPlacePodLevelResourcesVerticalScalingEnabled';
      note(forbidden('', `resize of pods with pod-level resources is forbidden when ${gate} feature gate is disabled`));
      return;
    }
    for (const [list, sidecarsOnly] of [
      ['initContainers', true],
      ['containers', false],
    ] as const) {
      each(pod.spec, list, 'spec', (container, path, index) => {
        const old = listAt(stored, 'spec', list)[index];
        if (sidecarsOnly && stringAt(old, 'restartPolicy') !== 'Always') return;
        for (const kind of ['requests', 'limits']) {
          const after = textMapAt(container, 'resources', kind);
          const gone = Object.keys(textMapAt(old, 'resources', kind)).some((name) => after[name] === undefined);
          if (gone) note(forbidden(`${path}.resources.${kind}`, `resource ${kind} cannot be removed`));
        }
      });
    }
    for (const list of ['containers', 'initContainers'] as const) {
      each(pod.spec, list, 'spec', (container, _path, index) => {
        const old = listAt(stored, 'spec', list)[index] as JsonObject;
        const sidecar = stringAt(old, 'restartPolicy') === 'Always';
        const may = list === 'containers' || sidecar;
        if (same(may ? withComputeOf(container, old) : container, old)) return;
        const which = sidecar && list === 'initContainers' ? ' for sidecar containers' : '';
        const why = may
          ? `only cpu and memory resources${which} are mutable`
          : 'resources for non-sidecar init containers are immutable';
        note(forbidden('spec', why));
      });
    }
  });
}

/** The container with the CPU and memory of another. */
function withComputeOf(container: JsonObject, old: JsonObject): JsonObject {
  const resources: JsonObject = { ...objectAt(container, 'resources') };
  for (const kind of ['requests', 'limits']) {
    const { cpu: _cpu, memory: _memory, ...others } = textMapAt(resources, kind);
    const { cpu, memory } = textMapAt(old, 'resources', kind);
    resources[kind] = { ...others, ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
  }
  return { ...container, resources };
}

export const validatePod: Validator = (pod, old, subresource) => {
  if (old === undefined) return gather((report) => checkCreate(pod, report));
  switch (subresource) {
    case 'status':
      return gather((report) => {
        const [now, before] = [textMapAt(pod, 'metadata', 'annotations'), textMapAt(old, 'metadata', 'annotations')];
        checkAnnotationChanges(now, before, annotations, report);
        checkPodAnnotations(now, specOf(pod), annotations, report);
        checkPodStatus(pod, old, report);
      });
    case 'ephemeralcontainers':
      return ephemeralErrors(pod, old);
    case 'resize':
      return resizeErrors(pod, old);
    default:
      return gather((report) => checkUpdate(pod, old, report));
  }
};
