import { forbidden, invalid } from '../field-error.ts';
import { quote } from '../go-format.ts';
import { type JsonObject, stringAt } from '../object.ts';
import { objectAt, type Report, says } from './validate-fields.ts';
import { descendingPathErrors } from './validate-formats.ts';
import { checkTolerations } from './validate-scheduling.ts';
import { eachContainer } from './validate-security.ts';

type Annotations = Readonly<Record<string, string>>;

const mirror = 'kubernetes.io/config.mirror';
const tolerations = 'scheduler.alpha.kubernetes.io/tolerations';
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';
const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainer = 'container.seccomp.security.alpha.kubernetes.io/';
const appArmor = 'container.apparmor.security.beta.kubernetes.io/';

/** Annotations that mean something for pods. @see k8s.io/kubernetes pkg/apis/core/validation `ValidatePodSpecificAnnotations` */
export function checkPodAnnotations(annotations: Annotations, spec: JsonObject, field: string, report: Report): void {
  const mirrored = annotations[mirror];
  if (mirrored !== undefined && stringAt(spec, 'nodeName') === '') {
    report(invalid(`${field}[${mirror}]`, mirrored, 'must set spec.nodeName if mirror pod annotation is set'));
  }
  if ((annotations[tolerations] ?? '') !== '')
    checkTolerationsAnnotation(annotations[tolerations] ?? '', field, report);
  const cost = annotations[deletionCost];
  if (cost !== undefined && !isCost(cost)) {
    report(invalid(`${field}[${deletionCost}]`, cost, 'must be a 32bit integer'));
  }
  checkSeccompAnnotations(annotations, field, report);
  checkAppArmorAnnotations(annotations, spec, field, report);
}

function checkTolerationsAnnotation(text: string, field: string, report: Report): void {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    report(invalid(field, tolerations, error instanceof Error ? error.message : String(error)));
    return;
  }
  checkTolerations({ tolerations: list }, field, (error) => {
    // In messages the list stands under the name of the annotation.
    report({ ...error, field: error.field.replace(`${field}.tolerations`, `${field}.${tolerations}`) });
  });
}

/** An integer as Go writes it, within 32 bits: no plus sign, no leading zeros. */
function isCost(text: string): boolean {
  return /^(0|-?[1-9]\d*)$/.test(text) && Math.abs(Number(text) + 0.5) <= 2 ** 31;
}

function checkSeccompAnnotations(annotations: Annotations, field: string, report: Report): void {
  const check = (name: string): void => {
    const profile = annotations[name] ?? '';
    if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return;
    const path = `${field}.${name}`;
    if (profile.startsWith('localhost/')) {
      const file = profile.slice('localhost/'.length);
      says(descendingPathErrors(file), path, file, report);
    } else report(invalid(path, profile, 'must be a valid seccomp profile'));
  };
  if (annotations[seccompPod] !== undefined) check(seccompPod);
  for (const name of Object.keys(annotations)) if (name.startsWith(seccompContainer)) check(name);
}

function checkAppArmorAnnotations(annotations: Annotations, spec: JsonObject, field: string, report: Report): void {
  for (const [name, profile] of Object.entries(annotations)) {
    if (!name.startsWith(appArmor)) continue;
    const container = name.slice(appArmor.length);
    let found = false;
    eachContainer(spec, 'spec', (one) => {
      found ||= stringAt(one, 'name') === container;
    });
    const path = `${field}[${name}]`;
    if (!found) report(invalid(path, container, 'container not found'));
    if (['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith('localhost/')) continue;
    report(invalid(path, profile, `invalid AppArmor profile name: ${quote(profile)}`));
  }
}

/** A profile that an annotation and a field give must be one. */
function checkAgreement(
  annotation: string | undefined,
  profile: JsonObject | undefined,
  field: string,
  [what, runtimeDefaults]: readonly [what: string, runtimeDefaults: readonly string[]],
  report: Report,
): void {
  if (annotation === undefined || profile === undefined) return;
  const mismatch = (member: 'type' | 'localhostProfile', word: string): void =>
    report(forbidden(`${field}.${member}`, `${what} ${word} in annotation and field must match`));
  switch (stringAt(profile, 'type')) {
    case 'Unconfined':
      if (annotation !== 'unconfined') mismatch('type', 'type');
      break;
    case 'RuntimeDefault':
      if (!runtimeDefaults.includes(annotation)) mismatch('type', 'type');
      break;
    case 'Localhost':
      if (!annotation.startsWith('localhost/')) mismatch('type', 'type');
      else if (annotation.slice('localhost/'.length) !== profile.localhostProfile) {
        mismatch('localhostProfile', 'profile');
      }
  }
}

/** Profiles given twice must agree. @see k8s.io/kubernetes pkg/apis/core/validation `validateSeccompAnnotationsAndFields` */
export function checkProfilesAgree(annotations: Annotations, spec: JsonObject, field: string, report: Report): void {
  const seccomp = ['seccomp', ['runtime/default', 'docker/default']] as const;
  const ofPod = objectAt(spec, 'securityContext', 'seccompProfile');
  checkAgreement(annotations[seccompPod], ofPod, `${field}.securityContext.seccompProfile`, seccomp, report);
  eachContainer(spec, field, (container, path) => {
    const annotation = annotations[seccompContainer + stringAt(container, 'name')];
    const profile = objectAt(container, 'securityContext', 'seccompProfile');
    checkAgreement(annotation, profile, `${path}.securityContext.seccompProfile`, seccomp, report);
  });
  if (stringAt(spec, 'os', 'name') === 'windows') return;
  eachContainer(spec, field, (container, path) => {
    const profile =
      objectAt(container, 'securityContext', 'appArmorProfile') ?? objectAt(spec, 'securityContext', 'appArmorProfile');
    const annotation = annotations[appArmor + stringAt(container, 'name')];
    const words = ['apparmor', ['runtime/default']] as const;
    checkAgreement(annotation, profile, `${path}.securityContext.appArmorProfile`, words, report);
  });
}

/** Some annotations cannot be changed. @see k8s.io/kubernetes pkg/apis/core/validation `ValidatePodSpecificAnnotationUpdates` */
export function checkAnnotationChanges(now: Annotations, old: Annotations, field: string, report: Report): void {
  for (const [name, value] of Object.entries(old)) {
    if (now[name] === value) continue;
    if (name.startsWith(appArmor))
      report(forbidden(`${field}[${name}]`, 'may not remove or update AppArmor annotations'));
    if (name === mirror) report(forbidden(`${field}[${name}]`, 'may not remove or update mirror pod annotation'));
  }
  for (const name of Object.keys(now)) {
    if (old[name] !== undefined) continue;
    if (name.startsWith(appArmor)) report(forbidden(`${field}[${name}]`, 'may not add AppArmor annotations'));
    if (name === mirror) report(forbidden(`${field}[${name}]`, 'may not add mirror pod annotation'));
  }
}
