import { duplicate, type FieldError, forbidden, invalid, notSupported, required, tooLong } from '../field-error.ts';
import { byteLength } from '../go-format.ts';
import { dns1123SubdomainErrors } from '../meta/formats.ts';
import { type JsonObject, listAt, numberAt, stringAt, valueAt } from '../object.ts';
import { invalidInternal } from './internal-form.ts';
import { each, has, objectAt, oneOf, type Report, requiredText, says } from './validate-fields.ts';
import { descendingPathErrors, idErrors } from './validate-formats.ts';

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function checkIds(owner: JsonObject, names: readonly string[], field: string, report: Report): void {
  for (const name of names) {
    const id = numberAt(owner, name);
    if (id !== undefined) says(idErrors(id), `${field}.${name}`, id, report);
  }
}

function checkSeccomp(profile: JsonObject | undefined, field: string, report: Report): void {
  if (profile === undefined) return;
  const type = stringAt(profile, 'type');
  if (type === '') report(required(`${field}.type`, 'type is required when seccompProfile is set'));
  else if (!profileTypes.includes(type)) report(notSupported(`${field}.type`, type, profileTypes));
  const path = `${field}.localhostProfile`;
  if (type === 'Localhost') {
    const file = stringAt(profile, 'localhostProfile');
    if (!has(profile, 'localhostProfile')) report(required(path, 'must be set when seccomp type is Localhost'));
    else says(descendingPathErrors(file), path, file, report);
  } else if (has(profile, 'localhostProfile')) {
    report(invalidInternal(path, 'core.SeccompProfile', profile, 'can only be set when seccomp type is Localhost'));
  }
}

function checkAppArmor(profile: JsonObject | undefined, field: string, report: Report): void {
  if (profile === undefined) return;
  const [type, file, path] = [
    stringAt(profile, 'type'),
    stringAt(profile, 'localhostProfile'),
    `${field}.localhostProfile`,
  ];
  if (type === 'Localhost') {
    const why = 'must be set when AppArmor type is Localhost';
    if (!has(profile, 'localhostProfile')) report(required(path, why));
    else {
      if (file.trim() !== file) report(invalid(path, file, 'must not be padded with whitespace'));
      else if (file === '') report(required(path, why));
      if (byteLength(file) > 4_095) report(tooLong(path, 4_095));
    }
  } else if (type === '') report(required(`${field}.type`, 'type is required when appArmorProfile is set'));
  else if (!profileTypes.includes(type)) report(notSupported(`${field}.type`, type, profileTypes));
  else if (has(profile, 'localhostProfile')) {
    report(invalid(path, file, 'can only be set when AppArmor type is Localhost'));
  }
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateSecurityContext` */
export function checkSecurityContext(
  context: JsonObject | undefined,
  field: string,
  hostUsers: boolean,
  report: Report,
): void {
  if (context === undefined) return;
  checkIds(context, ['runAsUser', 'runAsGroup'], field, report);
  if (has(context, 'procMount')) {
    oneOf(context, 'procMount', field, ['Default', 'Unmasked'], report, 'unsupported');
    if (hostUsers && context.procMount === 'Unmasked') {
      report(invalid(`${field}.procMount`, 'Unmasked', '`hostUsers` must be false to use `Unmasked`'));
    }
  }
  checkSeccomp(objectAt(context, 'seccompProfile'), `${field}.seccompProfile`, report);
  if (context.allowPrivilegeEscalation === false) {
    const cannot = (what: string): FieldError =>
      invalidInternal(
        field,
        'core.SecurityContext',
        context,
        `cannot set \`allowPrivilegeEscalation\` to false and ${what}`,
      );
    if (context.privileged === true) report(cannot('`privileged` to true'));
    for (const capability of listAt(context, 'capabilities', 'add')) {
      if (capability === 'CAP_SYS_ADMIN') report(cannot('`capabilities.Add` CAP_SYS_ADMIN'));
    }
  }
  checkWindowsOptions(objectAt(context, 'windowsOptions'), `${field}.windowsOptions`, report);
  checkAppArmor(objectAt(context, 'appArmorProfile'), `${field}.appArmorProfile`, report);
}

function checkWindowsOptions(options: JsonObject | undefined, field: string, report: Report): void {
  if (options === undefined) return;
  const name = options.gmsaCredentialSpecName;
  if (typeof name === 'string') says(dns1123SubdomainErrors(name), `${field}.gmsaCredentialSpecName`, name, report);
  const spec = options.gmsaCredentialSpec;
  const path = `${field}.gmsaCredentialSpec`;
  if (spec === '') report(invalid(path, spec, 'gmsaCredentialSpec cannot be an empty string'));
  else if (typeof spec === 'string' && byteLength(spec) > 64 * 1024) {
    report(invalid(path, spec, 'gmsaCredentialSpec size must be under 64 KiB'));
  }
  const user = options.runAsUserName;
  if (typeof user !== 'string') return;
  for (const why of windowsUserErrors(user)) report(invalid(`${field}.runAsUserName`, user, `runAsUserName${why}`));
}

const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const windowsDomain =
  /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

function windowsUserErrors(name: string): string[] {
  if (name === '') return [' cannot be an empty string'];
  if (/\p{Cc}/u.test(name)) return [' cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return [' cannot contain more than one backslash'];
  const [domain, user = ''] = parts.length === 1 ? [undefined, name] : parts;
  const errors: string[] = [];
  if (domain !== undefined) {
    if (byteLength(domain) >= 256) errors.push("'s Domain length must be under 256 characters");
    if (!netBios.test(domain) && !windowsDomain.test(domain)) {
      errors.push("'s Domain doesn't match the NetBios nor the DNS format");
    }
  }
  if (user === '') errors.push("'s User cannot be empty");
  else if (byteLength(user) > 104) errors.push("'s User length must not be longer than 104 characters");
  if (/^[. ]+$/.test(user)) errors.push("'s User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    errors.push('\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]');
  }
  return errors;
}

const sysctlFormat = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const sysctlPattern = new RegExp(`^${sysctlFormat}$`);
/** System controls that each IPC namespace has of its own. */
const ipcSysctl = /^(kernel\.(sem|shm(all|max|mni|_rmid_forced)?|msg(max|mnb|mni)?)$|fs\.mqueue\.)/;

function checkSysctls(context: JsonObject, spec: JsonObject, field: string, report: Report): void {
  const names = new Set<string>();
  each(context, 'sysctls', field, (sysctl, path) => {
    const name = stringAt(sysctl, 'name');
    const at = `${path}.name`;
    if (name === '') report(required(at));
    else if (byteLength(name) > 253 || !sysctlPattern.test(name)) {
      report(invalid(at, name, `must have at most 253 characters and match regex ^${sysctlFormat}$`));
    } else if (names.has(name)) report(duplicate(at, name));
    names.add(name);
    const dotted = dottedSysctl(name);
    if (spec.hostNetwork === true && dotted.startsWith('net.')) {
      report(invalid(at, name, "may not be specified when 'hostNetwork' is true"));
    } else if (spec.hostIPC === true && ipcSysctl.test(dotted)) {
      report(invalid(at, name, "may not be specified when 'hostIPC' is true"));
    }
  });
}

/** The name with dots between its parts; whichever of dot and slash comes first parts it. */
function dottedSysctl(name: string): string {
  const slash = name.indexOf('/');
  const dot = name.indexOf('.');
  if (slash < 0 || (dot >= 0 && dot < slash)) return name;
  return name.replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/'));
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `validatePodSpecSecurityContext` */
export function checkPodSecurityContext(spec: JsonObject, field: string, report: Report): void {
  const context = objectAt(spec, 'securityContext') ?? {};
  const path = `${field}.securityContext`;
  checkIds(context, ['fsGroup', 'runAsUser', 'runAsGroup'], path, report);
  listAt(context, 'supplementalGroups').forEach((id, index) => {
    says(idErrors(Number(id)), `${path}.supplementalGroups[${index}]`, id, report);
  });
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    const why = 'ShareProcessNamespace and HostPID cannot both be enabled';
    report(invalid(`${path}.shareProcessNamespace`, true, why));
  }
  checkSysctls(context, spec, path, report);
  const words = (name: string, allowed: readonly string[]): void => {
    if (has(context, name)) oneOf(context, name, path, allowed, report, 'unsupported');
  };
  words('fsGroupChangePolicy', ['Always', 'OnRootMismatch']);
  checkSeccomp(objectAt(context, 'seccompProfile'), `${path}.seccompProfile`, report);
  checkWindowsOptions(objectAt(context, 'windowsOptions'), `${path}.windowsOptions`, report);
  checkAppArmor(objectAt(context, 'appArmorProfile'), `${path}.appArmorProfile`, report);
  words('supplementalGroupsPolicy', ['Merge', 'Strict']);
  words('seLinuxChangePolicy', ['Recursive']);
}

/** Containers of all kinds with their paths, in the order in which the real server visits them. */
export function eachContainer(
  spec: JsonObject,
  field: string,
  visit: (container: JsonObject, field: string) => void,
): void {
  for (const list of ['initContainers', 'containers', 'ephemeralContainers']) each(spec, list, field, visit);
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateWindowsHostProcessPod` */
export function checkHostProcess(spec: JsonObject, field: string, report: Report): void {
  const ofPod = valueAt(spec, 'securityContext', 'windowsOptions', 'hostProcess');
  let [all, privileged] = [0, 0];
  eachContainer(spec, field, (container, path) => {
    const own = valueAt(container, 'securityContext', 'windowsOptions', 'hostProcess');
    all++;
    if ((own ?? ofPod) === true) privileged++;
    if (typeof ofPod === 'boolean' && typeof own === 'boolean' && ofPod !== own) {
      const why = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      report(invalid(`${path}.securityContext.windowsOptions.hostProcess`, own, why));
    }
  });
  if (privileged === 0) return;
  if (privileged !== all) {
    const why = 'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    report(invalid(field, '', why));
  }
  if (spec.hostNetwork !== true) {
    const why = 'hostNetwork must be true if pod contains any hostProcess containers';
    report(invalid(`${field}.hostNetwork`, false, why));
  }
}

const notOnWindows = {
  pod: [
    ['securityContext.appArmorProfile', 'securityContext.seLinuxOptions', 'hostUsers', 'hostPID', 'hostIPC'],
    ['securityContext.seccompProfile', 'securityContext.fsGroup', 'securityContext.fsGroupChangePolicy'],
    ['securityContext.sysctls', 'shareProcessNamespace', 'securityContext.runAsUser', 'securityContext.runAsGroup'],
    ['securityContext.supplementalGroups', 'securityContext.supplementalGroupsPolicy'],
    ['securityContext.seLinuxChangePolicy'],
  ].flat(),
  container: [
    ['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged'],
    ['allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup'],
  ].flat(),
};

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateOS` and what it leads to */
export function checkOs(spec: JsonObject, field: string, report: Report): void {
  const os = objectAt(spec, 'os');
  if (os === undefined) return;
  const name = requiredText(os, 'name', `${field}.os`, report);
  if (name === '') return;
  if (name === 'linux') {
    const why = 'windows options cannot be set for a linux pod';
    if (has(spec, 'securityContext', 'windowsOptions')) {
      report(forbidden(`${field}.securityContext.windowsOptions`, why));
    }
    eachContainer(spec, field, (container, path) => {
      if (!has(container, 'securityContext', 'windowsOptions')) return;
      report(forbidden(`${path}.securityContext.windowsOptions`, why));
    });
  } else if (name === 'windows') {
    const why = 'cannot be set for a windows pod';
    for (const path of notOnWindows.pod) {
      const value = valueAt(spec, ...path.split('.'));
      const flag = path === 'hostPID' || path === 'hostIPC';
      if (flag ? value === true : value !== undefined && value !== null) report(forbidden(`${field}.${path}`, why));
    }
    eachContainer(spec, field, (container, path) => {
      for (const member of notOnWindows.container) {
        if (has(container, 'securityContext', member)) report(forbidden(`${path}.securityContext.${member}`, why));
      }
    });
  } else report(notSupported(`${field}.os`, name, ['linux', 'windows']));
}
