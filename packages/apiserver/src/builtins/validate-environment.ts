import { labelKeyProblems } from '@bowline/apimachinery';
import { invalid, notSupported, required } from '../field-error.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, nameIsSubdomain } from '../meta/formats.ts';
import { type JsonObject, stringAt } from '../object.ts';
import { each, has, objectAt, optionalFormat, type Report, requiredFormat, says } from './validate-fields.ts';
import { climbErrors, configKeyErrors, environmentNameErrors } from './validate-formats.ts';

/** Fields of a pod that containers may ask for. */
const environmentFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const volumeFields = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];
/** Fields that have a name, whether or not they may be asked for. */
const namedFields = new Set([
  ...environmentFields,
  ...volumeFields,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateObjectFieldSelector` */
export function checkFieldRef(
  reference: JsonObject,
  field: string,
  use: 'environment' | 'volume',
  report: Report,
): void {
  const [version, path] = [stringAt(reference, 'apiVersion'), stringAt(reference, 'fieldPath')];
  if (version === '') report(required(`${field}.apiVersion`));
  else if (path === '') report(required(`${field}.fieldPath`));
  else {
    const unknown = (why: string): void =>
      report(invalid(`${field}.fieldPath`, path, `error converting fieldPath: ${why}`));
    const [, owner, key] = /^(.+?)\['(.*)'\]$/.exec(path) ?? [];
    const known = path === 'spec.host' ? 'spec.nodeName' : path;
    const fields = use === 'volume' ? volumeFields : environmentFields;
    if (version !== 'v1') unknown(`unsupported pod version: ${version}`);
    else if (owner === 'metadata.annotations')
      says(labelKeyProblems((key ?? '').toLowerCase()), field, (key ?? '').toLowerCase(), report);
    else if (owner === 'metadata.labels') says(labelKeyProblems(key ?? ''), field, key, report);
    else if (owner !== undefined) unknown(`field label does not support subscript: ${path}`);
    else if (!namedFields.has(known)) unknown(`field label not supported: ${path}`);
    else if (!fields.includes(known)) report(notSupported(`${field}.fieldPath`, known, fields));
  }
}

const resourceFields = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const sizeDivisors = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

/** What a resource is divided by: which divisors, and how messages call the resource. */
function divisorsOf(resource: string): readonly [readonly string[], string] | undefined {
  if (/^(limits|requests)\.cpu$/.test(resource)) return [['1m', '1'], 'cpu'];
  if (/^(limits|requests)\.memory$/.test(resource)) return [sizeDivisors, 'memory'];
  if (/^(limits|requests)\.ephemeral-storage$/.test(resource)) return [sizeDivisors, 'local ephemeral storage'];
  if (/^(limits|requests)\.hugepages-/.test(resource)) return [sizeDivisors, 'hugepages'];
  return undefined;
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateContainerResourceFieldSelector` */
export function checkResourceFieldRef(reference: JsonObject, field: string, volume: boolean, report: Report): void {
  const resource = stringAt(reference, 'resource');
  if (volume && stringAt(reference, 'containerName') === '') report(required(`${field}.containerName`));
  else if (resource === '') report(required(`${field}.resource`));
  else if (divisorsOf(resource) === undefined) report(notSupported(`${field}.resource`, resource, resourceFields));
  const divisor = stringAt(reference, 'divisor');
  const [allowed, name] = divisorsOf(resource) ?? [];
  if (divisor === '' || divisor === '0' || allowed === undefined || allowed.includes(divisor)) return;
  const why = `only divisor's values ${allowed.join(name === 'cpu' ? ' and ' : ', ')} are supported with the ${name} resource`;
  report(invalid(`${field}.divisor`, resource, why));
}

function checkKeyRef(reference: JsonObject, field: string, report: Report): void {
  const name = stringAt(reference, 'name');
  says(nameIsSubdomain(name, false), `${field}.name`, name, report);
  requiredFormat(reference, 'key', field, configKeyErrors, report);
}

function checkFileKeyRef(reference: JsonObject, field: string, report: Report): void {
  requiredFormat(reference, 'key', field, environmentNameErrors, report);
  requiredFormat(reference, 'volumeName', field, dns1123LabelErrors, report);
  requiredFormat(reference, 'path', field, climbErrors, report);
}

const sources: readonly (readonly [
  name: string,
  check: (reference: JsonObject, field: string, report: Report) => void,
])[] = [
  ['fieldRef', (reference, field, report) => checkFieldRef(reference, field, 'environment', report)],
  ['resourceFieldRef', (reference, field, report) => checkResourceFieldRef(reference, field, false, report)],
  ['configMapKeyRef', checkKeyRef],
  ['secretKeyRef', checkKeyRef],
  ['fileKeyRef', checkFileKeyRef],
];

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateEnv` */
export function checkEnvironment(container: JsonObject, field: string, report: Report): void {
  each(container, 'env', field, (variable, path) => {
    requiredFormat(variable, 'name', path, environmentNameErrors, report);
    const from = objectAt(variable, 'valueFrom');
    if (from === undefined) return;
    const at = `${path}.valueFrom`;
    let count = 0;
    for (const [name, check] of sources) {
      const reference = objectAt(from, name);
      if (reference === undefined) continue;
      count++;
      check(reference, `${at}.${name}`, report);
    }
    if (count === 0) {
      const why =
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
      report(invalid(at, '', why));
    } else if (stringAt(variable, 'value') !== '') {
      report(invalid(at, '', 'may not be specified when `value` is not empty'));
    } else if (count > 1) report(invalid(at, '', 'may not have more than one field specified at a time'));
  });
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateEnvFrom` */
export function checkEnvironmentFrom(container: JsonObject, field: string, report: Report): void {
  each(container, 'envFrom', field, (source, path) => {
    optionalFormat(source, 'prefix', path, environmentNameErrors, report);
    const present = ['configMapRef', 'secretRef'].filter((name) => has(source, name));
    for (const name of present) {
      // These names may end in a dash: the real server takes them for prefixes.
      requiredFormat(source[name], 'name', `${path}.${name}`, (text) => prefixErrors(text), report);
    }
    if (present.length === 0)
      report(invalid(`${field}.envFrom`, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (present.length > 1) {
      report(invalid(`${field}.envFrom`, '', 'may not have more than one field specified at a time'));
    }
  });
}

function prefixErrors(text: string): readonly string[] {
  return text.endsWith('-') ? nameIsSubdomain(text, true) : dns1123SubdomainErrors(text);
}
