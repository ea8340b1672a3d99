import { labelKeyProblems } from '@bowline/apimachinery';
import { duplicate, forbidden, invalid, notFoundValue, required, tooLong } from '../field-error.ts';
import { byteLength } from '../go-format.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../meta/formats.ts';
import { annotationErrors, labelErrors } from '../meta/validation.ts';
import { type JsonObject, listAt, type Metadata, numberAt, stringAt } from '../object.ts';
import { invalidInternal } from './internal-form.ts';
import {
  type ContainerPlace,
  checkContainers,
  checkEphemeralContainers,
  checkInitContainers,
} from './validate-container.ts';
import {
  each,
  eachText,
  has,
  objectAt,
  oneOf,
  optionalFormat,
  type Report,
  says,
  textMapAt,
  textsAt,
  within,
} from './validate-fields.ts';
import { ipErrors, searchDomainErrors } from './validate-formats.ts';
import { checkPodAnnotations, checkProfilesAgree } from './validate-pod-annotations.ts';
import { checkPodResources, checkResources } from './validate-resources.ts';
import { checkAffinity, checkSchedulingGates, checkTolerations, checkTopologySpread } from './validate-scheduling.ts';
import { checkHostProcess, checkOs, checkPodSecurityContext, eachContainer } from './validate-security.ts';
import { checkVolumes, type PodPlace } from './validate-volumes.ts';

const restartPolicies = ['Always', 'OnFailure', 'Never'];
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const preemptionPolicies = ['PreemptLowerPriority', 'Never'];
const maxInt32 = 2_147_483_647;

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidatePodSpec` */
export function checkPodSpec(spec: JsonObject, field: string, place: PodPlace, report: Report): void {
  const graceSeconds = numberAt(spec, 'terminationGracePeriodSeconds');
  if (graceSeconds === undefined) report(required(`${field}.terminationGracePeriodSeconds`));
  const volumes = checkVolumes(spec, field, place, report);
  const claims = checkResourceClaims(spec, field, place.metadata, report);
  const hostUsers = spec.hostUsers !== false;
  const containers: ContainerPlace = { spec, field, volumes, claims, graceSeconds, hostUsers };
  checkContainers(containers, report);
  checkInitContainers(containers, report);
  checkEphemeralContainers(containers, report);
  checkPodResources(spec, field, claims, report);
  checkHostNetworkPorts(spec, field, place, report);
  oneOf(spec, 'restartPolicy', field, restartPolicies, report);
  oneOf(spec, 'dnsPolicy', field, dnsPolicies, report);
  labelErrors(textMapAt(spec, 'nodeSelector'), `${field}.nodeSelector`).forEach(report);
  checkPodSecurityContext(spec, field, report);
  checkAffinity(objectAt(spec, 'affinity'), `${field}.affinity`, report);
  checkDns(spec, field, report);
  each(spec, 'readinessGates', field, (gate, path) => {
    const type = stringAt(gate, 'conditionType');
    says(labelKeyProblems(type), `${path}.conditionType`, type, report);
  });
  checkSchedulingGates(spec, field, report);
  checkTopologySpread(spec, field, report);
  checkHostProcess(spec, field, report);
  if (!hostUsers) checkWithoutHostUsers(spec, field, report);
  checkHostname(spec, field, report);
  for (const name of ['serviceAccountName', 'nodeName']) {
    optionalFormat(spec, name, field, dns1123SubdomainErrors, report);
  }
  within(spec, 'activeDeadlineSeconds', field, [1, maxInt32], report);
  for (const name of ['hostname', 'subdomain']) optionalFormat(spec, name, field, dns1123LabelErrors, report);
  checkTolerations(spec, field, report);
  each(spec, 'hostAliases', field, (alias, path) => {
    says(ipErrors(stringAt(alias, 'ip')), `${path}.ip`, stringAt(alias, 'ip'), report);
    eachText(alias, 'hostnames', path, (name, at) => says(dns1123SubdomainErrors(name), at, name, report));
  });
  optionalFormat(spec, 'priorityClassName', field, dns1123SubdomainErrors, report);
  if (has(spec, 'runtimeClassName')) {
    const name = stringAt(spec, 'runtimeClassName');
    says(dns1123SubdomainErrors(name), `${field}.runtimeClassName`, name, report);
  }
  if (has(spec, 'preemptionPolicy')) oneOf(spec, 'preemptionPolicy', field, preemptionPolicies, report);
  if (has(spec, 'overhead')) {
    // The overhead is checked as if it were the limits of a container.
    const limits = { limits: spec.overhead };
    checkResources(limits, `${field}.overhead`, { level: 'container', claims: new Set() }, report);
  }
  checkOs(spec, field, report);
  checkFileVolumes(spec, field, report);
}

function checkResourceClaims(
  spec: JsonObject,
  field: string,
  metadata: Metadata | undefined,
  report: Report,
): ReadonlySet<string> {
  const names = new Set<string>();
  const isMirror = metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined;
  each(spec, 'resourceClaims', field, (claim, path) => {
    if (isMirror) {
      report(forbidden('', 'static pods do not support resource claims'));
      return;
    }
    const name = stringAt(claim, 'name');
    if (name === '') report(required(`${path}.name`));
    else if (names.has(name)) report(duplicate(`${path}.name`, name));
    else says(dns1123LabelErrors(name), `${path}.name`, name, report);
    names.add(name);
    const [byName, byTemplate] = [has(claim, 'resourceClaimName'), has(claim, 'resourceClaimTemplateName')];
    const wrong = (why: string): void => report(invalidInternal(path, 'core.PodResourceClaim', claim, why));
    if (byName && byTemplate) {
      wrong('at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified');
    }
    if (!byName && !byTemplate) wrong('must specify one of: `resourceClaimName`, `resourceClaimTemplateName`');
    for (const member of ['resourceClaimName', 'resourceClaimTemplateName']) {
      if (!has(claim, member)) continue;
      says(dns1123SubdomainErrors(stringAt(claim, member)), `${path}.${member}`, claim[member], report);
    }
  });
  names.delete('');
  return names;
}

function checkHostNetworkPorts(spec: JsonObject, field: string, { isPod }: PodPlace, report: Report): void {
  if (spec.hostNetwork !== true) return;
  each(spec, 'containers', field, (container, path) => {
    each(container, 'ports', path, (port, at) => {
      const [inside, outside] = [numberAt(port, 'containerPort') ?? 0, numberAt(port, 'hostPort') ?? 0];
      if (inside === outside || (!isPod && outside === 0)) return;
      report(invalid(`${at}.hostPort`, outside, 'must match `containerPort` when `hostNetwork` is true'));
    });
  });
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `validatePodDNSConfig` */
function checkDns(spec: JsonObject, field: string, report: Report): void {
  const config = objectAt(spec, 'dnsConfig');
  const path = `${field}.dnsConfig`;
  const servers = textsAt(config, 'nameservers');
  if (stringAt(spec, 'dnsPolicy') === 'None') {
    if (config === undefined) {
      report(required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'));
      return;
    }
    if (servers.length === 0) {
      report(required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'));
      return;
    }
  }
  if (config === undefined) return;
  if (servers.length > 3) report(invalid(`${path}.nameservers`, servers, 'must not have more than 3 nameservers'));
  eachText(config, 'nameservers', path, (server, at) => says(ipErrors(server), at, server, report));
  const searches = textsAt(config, 'searches');
  if (searches.length > 32) report(invalid(`${path}.searches`, searches, 'must not have more than 32 search paths'));
  if (byteLength(searches.join(' ')) > 2_048) {
    const why = 'must not have more than 2048 characters (including spaces) in the search list';
    report(invalid(`${path}.searches`, searches, why));
  }
  eachText(config, 'searches', path, (search, at) => {
    const plain = search.replace(/\.$/, '');
    if (search !== '.') says(searchDomainErrors(plain), at, plain, report);
  });
  each(config, 'options', path, (option, at) => {
    if (stringAt(option, 'name') === '') report(required(at, 'must not be empty'));
  });
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateHostUsers` */
function checkWithoutHostUsers(spec: JsonObject, field: string, report: Report): void {
  const why = 'when `hostUsers` is false';
  for (const [name, path] of [
    ['hostNetwork', 'hostNetwork'],
    ['hostPID', 'HostPID'],
    ['hostIPC', 'HostIPC'],
  ] as const) {
    if (spec[name] === true) report(forbidden(`${field}.${path}`, why));
  }
  eachContainer(spec, field, (container, path) => {
    if (listAt(container, 'volumeDevices').length > 0) report(forbidden(`${path}.volumeDevices`, why));
  });
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `validatePodHostName` */
function checkHostname(spec: JsonObject, field: string, report: Report): void {
  if (!has(spec, 'hostnameOverride')) return;
  const path = `${field}.hostnameOverride`;
  const name = stringAt(spec, 'hostnameOverride');
  if (spec.setHostnameAsFQDN === true) {
    report(forbidden(path, 'may not be specified when setHostnameAsFQDN is true'));
  }
  if (spec.hostNetwork === true) report(forbidden(path, 'may not be specified when hostNetwork is true'));
  if (byteLength(name) > 64) report(tooLong(path, 64));
  says(dns1123SubdomainErrors(name), path, name, report);
}

/** Files that variables are read from are in volumes that are empty at first. */
function checkFileVolumes(spec: JsonObject, field: string, report: Report): void {
  const volumes = new Map(listAt(spec, 'volumes').map((volume) => [stringAt(volume, 'name'), volume]));
  eachContainer(spec, field, (container, path) => {
    each(container, 'env', path, (variable, at) => {
      if (!has(variable, 'valueFrom', 'fileKeyRef')) return;
      const name = stringAt(variable, 'valueFrom', 'fileKeyRef', 'volumeName');
      const where = `${at}.valueFrom.fileKeyRef.volumeName`;
      const volume = volumes.get(name);
      if (volume === undefined) report(notFoundValue(where, name));
      else if (!has(volume, 'emptyDir')) report(invalid(where, name, 'referenced volume must be of type emptyDir'));
    });
  });
}

/** A pod template wherever it stands. @see k8s.io/kubernetes pkg/apis/core/validation `ValidatePodTemplateSpec` */
export function checkPodTemplate(template: unknown, field: string, report: Report): void {
  const spec = objectAt(template, 'spec') ?? {};
  checkTemplateMetadata(template, field, report);
  checkPodSpec(spec, `${field}.spec`, { isPod: false }, report);
  checkProfilesAgree(textMapAt(template, 'metadata', 'annotations'), spec, `${field}.spec`, report);
  if (listAt(spec, 'ephemeralContainers').length > 0) {
    report(forbidden(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'));
  }
}

/** Labels and annotations of a template. */
export function checkTemplateMetadata(template: unknown, field: string, report: Report): void {
  const annotations = textMapAt(template, 'metadata', 'annotations');
  labelErrors(textMapAt(template, 'metadata', 'labels'), `${field}.labels`).forEach(report);
  annotationErrors(annotations, `${field}.annotations`).forEach(report);
  checkPodAnnotations(annotations, objectAt(template, 'spec') ?? {}, `${field}.annotations`, report);
}
