import { labelKeyProblems } from '@bowline/apimachinery';
import { duplicate, forbidden, internalFieldError, invalid, notSupported } from '../field-error.ts';
import { dns1123SubdomainErrors } from '../meta/formats.ts';
import { isObject, type JsonObject, listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { invalidInternal } from './internal-form.ts';
import { parseIp } from './ip-address.ts';
import { each, has, immutable, objectAt, type Report, says, textMapAt } from './validate-fields.ts';
import { idErrors, ipErrors } from './validate-formats.ts';

const systemConditions = ['PodScheduled', 'Ready', 'Initialized'];

function checkConditions(status: unknown, report: Report): void {
  each(status, 'conditions', 'status', (condition, path) => {
    const generation = numberAt(condition, 'observedGeneration') ?? 0;
    if (generation < 0) {
      report(invalid(`${path}.observedGeneration`, generation, 'must be a non-negative integer'));
    }
    const type = stringAt(condition, 'type');
    if (!systemConditions.includes(type)) says(labelKeyProblems(type), `${path}.Type`, type, report);
  });
}

/** Whether a container that has ended may run again. @see k8s.io/kubernetes pkg/api/v1/pod `ContainerShouldRestart` */
function mayRestart(spec: unknown, container: JsonObject, exitCode: number): boolean {
  if (has(container, 'restartPolicy')) {
    for (const rule of listAt(container, 'restartPolicyRules')) {
      const listed = listAt(rule, 'exitCodes', 'values').includes(exitCode);
      const operator = stringAt(rule, 'exitCodes', 'operator');
      const applies = operator === 'In' ? listed : operator === 'NotIn' && !listed;
      if (!applies) continue;
      if (stringAt(rule, 'action') === 'Restart') return true;
      break;
    }
  }
  const policy = stringAt(container, 'restartPolicy') || stringAt(spec, 'restartPolicy');
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** What has ended stays ended, unless it may restart. */
function checkTransitions(now: ServerObject, old: ServerObject, report: Report): void {
  for (const [statuses, containers] of [
    ['containerStatuses', 'containers'],
    ['initContainerStatuses', 'initContainers'],
    ['ephemeralContainerStatuses', undefined],
  ] as const) {
    each(old.status, statuses, 'status', (before, path) => {
      const ended = objectAt(before, 'state', 'terminated');
      if (ended === undefined) return;
      const name = stringAt(before, 'name');
      const container =
        containers === undefined
          ? undefined
          : listAt(old, 'spec', containers).find((one) => stringAt(one, 'name') === name);
      if (isObject(container) && mayRestart(old.spec, container, numberAt(ended, 'exitCode') ?? 0)) return;
      const runs = listAt(now, 'status', statuses).some(
        (after) => stringAt(after, 'name') === name && !has(after, 'state', 'terminated'),
      );
      if (runs) report(forbidden(`${path}.state`, 'may not be transitioned to non-terminated state'));
    });
  }
}

function checkAddresses(now: ServerObject, old: ServerObject, name: 'podIPs' | 'hostIPs', report: Report): void {
  const path = `status.${name}`;
  const known = listAt(old, 'status', name).map((one) => stringAt(one, 'ip'));
  const addresses = listAt(now, 'status', name).map((one) => stringAt(one, 'ip'));
  addresses.forEach((address, index) => {
    if (!known.includes(address)) says(ipErrors(address), `${path}[${index}]`, address, report);
  });
  if (addresses.length < 2) return;
  const wrong = addresses.findIndex((address) => parseIp(address) === undefined);
  if (wrong >= 0) {
    const why = `failed to check for dual stack with error:invalid IP[${wrong}]: ${addresses[wrong]}`;
    report(internalFieldError(path, why));
  }
  const families = new Set(addresses.map((address) => parseIp(address)?.family));
  if (wrong < 0 && families.size === 2 && addresses.length === 2) return;
  const type = name === 'podIPs' ? '[]core.PodIP' : '[]core.HostIP';
  const why = 'may specify no more than one IP for each IP family';
  report(invalidInternal(path, type, valueAt(now, 'status', name), why));
}

function checkUsers(pod: ServerObject, report: Report): void {
  const os = stringAt(pod, 'spec', 'os', 'name') || 'linux';
  for (const statuses of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']) {
    each(pod.status, statuses, 'status', (status, at) => {
      const user = objectAt(status, 'user', 'linux');
      const path = `${at}.user.linux`;
      if (user === undefined) return;
      if (os === 'windows') report(forbidden(path, 'cannot be set for a windows pod'));
      if (os !== 'linux') return;
      for (const name of ['uid', 'gid']) {
        const id = numberAt(user, name) ?? 0;
        says(idErrors(id), `${path}.${name}`, id, report);
      }
      listAt(user, 'supplementalGroups').forEach((id, index) => {
        says(idErrors(Number(id)), `${path}.supplementalGroups[${index}]`, id, report);
      });
    });
  }
}

const healths = ['Healthy', 'Unhealthy', 'Unknown'];

function checkDevices(pod: ServerObject, report: Report): void {
  for (const [statuses, containers] of [
    ['containerStatuses', 'containers'],
    ['initContainerStatuses', 'initContainers'],
  ] as const) {
    each(pod.status, statuses, 'status', (status, at) => {
      const own = listAt(pod, 'spec', containers).find((one) => stringAt(one, 'name') === stringAt(status, 'name'));
      each(status, 'allocatedResourcesStatus', at, (resource, path) => {
        if (own !== undefined) checkDeviceName(stringAt(resource, 'name'), own, path, report);
        const ids = new Set<string>();
        each(resource, 'resources', path, (device, where) => {
          const [health, id] = [stringAt(device, 'health'), stringAt(device, 'resourceID')];
          if (!healths.includes(health)) report(notSupported(`${where}.health`, health, healths));
          if (ids.has(id)) report(duplicate(`${where}.resourceID`, id));
          ids.add(id);
        });
      });
    });
  }
  each(pod.status, 'ephemeralContainerStatuses', 'status', (status, path) => {
    if (listAt(status, 'allocatedResourcesStatus').length === 0) return;
    report(forbidden(`${path}.allocatedResourcesStatus`, 'must not be specified in container status'));
  });
}

function checkDeviceName(name: string, container: unknown, field: string, report: Report): void {
  if (name.startsWith('claim:')) {
    const known = listAt(container, 'resources', 'claims').map((claim) => {
      const request = stringAt(claim, 'request');
      return `claim:${stringAt(claim, 'name')}${request === '' ? '' : `/${request}`}`;
    });
    const why =
      "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty";
    if (!known.includes(name)) report(invalid(`${field}.name`, name, why));
  } else if (textMapAt(container, 'resources', 'requests')[name] === undefined) {
    report(invalid(`${field}.name`, name, "must match one of the container's resource requests"));
  }
}

function checkClaimStatuses(pod: ServerObject, report: Report): void {
  const known = listAt(pod, 'spec', 'resourceClaims').map((claim) => stringAt(claim, 'name'));
  const seen = new Set<string>();
  each(pod.status, 'resourceClaimStatuses', 'status', (status, path) => {
    const name = stringAt(status, 'name');
    if (!known.includes(name)) {
      report(invalid(`${path}.name`, name, 'must match the name of an entry in `spec.resourceClaims`'));
    }
    if (seen.has(name)) report(duplicate(`${path}.name`, name));
    seen.add(name);
    const claim = status.resourceClaimName;
    if (typeof claim === 'string') says(dns1123SubdomainErrors(claim), `${path}.name`, claim, report);
  });
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidatePodStatusUpdate` */
export function checkPodStatus(now: ServerObject, old: ServerObject, report: Report): void {
  const status = objectAt(now, 'status') ?? {};
  checkConditions(status, report);
  const nominated = stringAt(status, 'nominatedNodeName');
  if (nominated !== '' && nominated !== stringAt(old, 'status', 'nominatedNodeName')) {
    says(dns1123SubdomainErrors(nominated), 'status.nominatedNodeName', nominated, report);
    if (stringAt(old, 'spec', 'nodeName') !== '') {
      const why = 'may not be set on pods that are already bound to a node';
      report(forbidden('status.nominatedNodeName', why));
    }
  }
  const generation = numberAt(status, 'observedGeneration') ?? 0;
  if (generation < 0) {
    report(invalid('status.observedGeneration', generation, 'must be a non-negative integer'));
  }
  const quality = stringAt(status, 'qosClass');
  immutable(quality, stringAt(old, 'status', 'qosClass'), 'status.qosClass', report);
  checkTransitions(now, old, report);
  checkClaimStatuses(now, report);
  checkAddresses(now, old, 'podIPs', report);
  const hosts = listAt(status, 'hostIPs');
  if (hosts.length > 0 && stringAt(hosts[0], 'ip') !== stringAt(status, 'hostIP')) {
    report(invalid('status.hostIPs[0].ip', stringAt(hosts[0], 'ip'), 'must be equal to `hostIP`'));
  }
  checkAddresses(now, old, 'hostIPs', report);
  checkUsers(now, report);
  checkDevices(now, report);
}
