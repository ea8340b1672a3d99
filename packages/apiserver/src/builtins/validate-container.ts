import { duplicate, forbidden, invalid, notFoundValue, notSupported, required, tooLong } from '../field-error.ts';
import { dns1123LabelErrors } from '../meta/formats.ts';
import { isObject, type JsonObject, listAt, numberAt, stringAt } from '../object.ts';
import { checkEnvironment, checkEnvironmentFrom } from './validate-environment.ts';
import { each, has, objectAt, oneOf, type Report, requiredText, says } from './validate-fields.ts';
import { portNameErrors, portNumberErrors } from './validate-formats.ts';
import { checkLifecycle, checkNoHandlers, checkProbes } from './validate-handlers.ts';
import { checkResources } from './validate-resources.ts';
import { checkSecurityContext } from './validate-security.ts';
import { checkDevices, checkMounts, pullPolicies, type Volumes } from './validate-volumes.ts';

/** What containers need to know of the pod around them. */
export interface ContainerPlace {
  readonly spec: JsonObject;
  /** `spec`, or where else the specification stands. */
  readonly field: string;
  readonly volumes: Volumes;
  /** Names of the pod's resource claims. */
  readonly claims: ReadonlySet<string>;
  readonly graceSeconds: number | undefined;
  readonly hostUsers: boolean;
}

const protocols = ['SCTP', 'TCP', 'UDP'];
const messagePolicies = ['File', 'FallbackToLogsOnError'];

function checkPorts(container: JsonObject, field: string, report: Report): void {
  const names = new Set<string>();
  each(container, 'ports', field, (port, path) => {
    const name = stringAt(port, 'name');
    if (name !== '') {
      const problems = portNameErrors(name);
      if (problems.length > 0) says(problems, `${path}.name`, name, report);
      else if (names.has(name)) report(duplicate(`${path}.name`, name));
      else names.add(name);
    }
    const [inside, outside] = [numberAt(port, 'containerPort') ?? 0, numberAt(port, 'hostPort') ?? 0];
    if (inside === 0) report(required(`${path}.containerPort`));
    else says(portNumberErrors(inside), `${path}.containerPort`, inside, report);
    if (outside !== 0) says(portNumberErrors(outside), `${path}.hostPort`, outside, report);
    oneOf(port, 'protocol', path, protocols, report);
  });
}

const resizePolicies = ['NotRequired', 'RestartContainer'];

function checkResizePolicy(container: JsonObject, field: string, podPolicy: string, report: Report): void {
  const seen = new Set<string>();
  const path = `${field}.resizePolicy`;
  each(container, 'resizePolicy', field, (policy, at) => {
    const [resource, restart] = [stringAt(policy, 'resourceName'), stringAt(policy, 'restartPolicy')];
    if (seen.has(resource)) report(duplicate(at, resource));
    seen.add(resource);
    if (resource === '') report(required(path));
    else if (!['cpu', 'memory'].includes(resource)) report(notSupported(path, resource, ['cpu', 'memory']));
    if (restart === '') report(required(path));
    else if (!resizePolicies.includes(restart)) report(notSupported(path, restart, resizePolicies));
    if (podPolicy === 'Never' && restart !== 'NotRequired') {
      report(invalid(path, restart, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
    }
  });
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateContainerCommon` */
function checkCommon(container: JsonObject, field: string, place: ContainerPlace, report: Report): void {
  const name = requiredText(container, 'name', field, report);
  if (name !== '') says(dns1123LabelErrors(name), `${field}.name`, name, report);
  requiredText(container, 'image', field, report);
  oneOf(container, 'terminationMessagePolicy', field, messagePolicies, report);
  checkPorts(container, field, report);
  checkEnvironment(container, field, report);
  checkEnvironmentFrom(container, field, report);
  checkMounts(container, field, place.volumes, report);
  checkDevices(container, field, place.volumes, report);
  oneOf(container, 'imagePullPolicy', field, pullPolicies, report);
  checkResources(container.resources, `${field}.resources`, { level: 'container', claims: place.claims }, report);
  checkResizePolicy(container, field, stringAt(place.spec, 'restartPolicy'), report);
  checkSecurityContext(objectAt(container, 'securityContext'), `${field}.securityContext`, place.hostUsers, report);
}

const restartPolicies = ['Always', 'Never', 'OnFailure'];

/** Whether and when a container alone restarts. @see k8s.io/kubernetes pkg/apis/core/validation `validateContainerRestartPolicy` */
function checkRestartPolicy(container: JsonObject, field: string, report: Report): void {
  const rules = listAt(container, 'restartPolicyRules');
  if (!has(container, 'restartPolicy')) {
    if (rules.length === 0) return;
    report(required(`${field}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
  } else oneOf(container, 'restartPolicy', field, restartPolicies, report, 'unsupported');
  if (rules.length > 20) report(tooLong(`${field}.restartPolicyRules`, 20));
  each(container, 'restartPolicyRules', field, (rule, path) => {
    oneOf(rule, 'action', path, ['Restart'], report, 'unsupported');
    const codes = objectAt(rule, 'exitCodes');
    if (codes === undefined) {
      report(required(`${path}.exitCodes`, 'must be specified'));
      return;
    }
    oneOf(codes, 'operator', `${path}.exitCodes`, ['In', 'NotIn'], report, 'unsupported');
    if (listAt(codes, 'values').length > 255) report(tooLong(`${path}.exitCodes.values`, 255));
  });
}

function checkHostPorts(containers: readonly unknown[], field: string, report: Report): void {
  const taken = new Set<string>();
  containers.forEach((container, index) => {
    each(container, 'ports', `${field}[${index}]`, (port, path) => {
      const number = numberAt(port, 'hostPort') ?? 0;
      if (number === 0) return;
      const key = `${stringAt(port, 'protocol')}/${stringAt(port, 'hostIP')}/${number}`;
      if (taken.has(key)) report(duplicate(`${path}.hostPort`, key));
      taken.add(key);
    });
  });
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateContainers` */
export function checkContainers(place: ContainerPlace, report: Report): void {
  const { spec, field, graceSeconds } = place;
  const containers = listAt(spec, 'containers');
  if (containers.length === 0) {
    report(required(`${field}.containers`));
    return;
  }
  const names = new Set<string>();
  each(spec, 'containers', field, (container, path) => {
    checkCommon(container, path, place, report);
    const name = stringAt(container, 'name');
    if (names.has(name)) report(duplicate(`${path}.name`, name));
    names.add(name);
    checkLifecycle(container, path, graceSeconds, report);
    checkProbes(container, path, report);
    checkRestartPolicy(container, path, report);
  });
  checkHostPorts(containers, `${field}.containers`, report);
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateInitContainers` */
export function checkInitContainers(place: ContainerPlace, report: Report): void {
  const { spec, field, graceSeconds } = place;
  const names = new Set(listAt(spec, 'containers').map((container) => stringAt(container, 'name')));
  each(spec, 'initContainers', field, (container, path) => {
    checkCommon(container, path, place, report);
    const sidecar = stringAt(container, 'restartPolicy') === 'Always';
    const rules = listAt(container, 'restartPolicyRules');
    if (sidecar && rules.length > 0) {
      const why = 'restartPolicyRules are not allowed for init containers with restart policy Always';
      report(forbidden(`${path}.restartPolicyRules`, why));
    } else if (!has(container, 'restartPolicy') && rules.length > 0) {
      report(required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
    } else if (!sidecar && has(container, 'restartPolicy')) checkRestartPolicy(container, path, report);
    const name = stringAt(container, 'name');
    if (names.has(name)) report(duplicate(`${path}.name`, name));
    else if (name !== '') names.add(name);
    // The real server checks each init container alone, so what it finds seems to be in the first.
    checkHostPorts([container], `${field}.initContainers`, report);
    if (sidecar) {
      checkLifecycle(container, path, graceSeconds, report);
      checkProbes(container, path, report);
    } else checkNoHandlers(container, path, report);
  });
}

/** In the order in which the real server visits the fields. */
const forbiddenInEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
];

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateEphemeralContainers` */
export function checkEphemeralContainers(place: ContainerPlace, report: Report): void {
  const { spec, field } = place;
  const others = ['containers', 'initContainers'].flatMap((list) =>
    listAt(spec, list).map((container) => stringAt(container, 'name')),
  );
  const names = new Set(others);
  each(spec, 'ephemeralContainers', field, (container, path) => {
    checkCommon(container, path, place, report);
    checkImageSpaces(container, path, report);
    const name = stringAt(container, 'name');
    if (names.has(name)) report(duplicate(`${path}.name`, name));
    names.add(name);
    const target = stringAt(container, 'targetContainerName');
    if (target !== '' && !others.includes(target)) report(notFoundValue(`${path}.targetContainerName`, target));
    for (const member of forbiddenInEphemeral) {
      if (isSet(container[member])) report(forbidden(`${path}.${member}`, 'cannot be set for an Ephemeral Container'));
    }
    each(container, 'volumeMounts', path, (mount, at) => {
      for (const member of ['subPath', 'subPathExpr']) {
        if (stringAt(mount, member) === '') continue;
        report(forbidden(`${at}.${member}`, 'cannot be set for an Ephemeral Container'));
      }
    });
  });
}

function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return value !== undefined && value !== null;
}

/** Pods, unlike templates, refuse images with spaces around. */
export function checkImageSpaces(container: JsonObject, field: string, report: Report): void {
  const image = stringAt(container, 'image');
  if (image.trim() !== image) report(invalid(`${field}.image`, image, 'must not have leading or trailing whitespace'));
}
