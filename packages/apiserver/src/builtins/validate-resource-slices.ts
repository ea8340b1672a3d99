import { duplicate, invalid, required, tooLong, tooMany } from '../field-error.ts';
import { byteLength } from '../go-format.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../meta/formats.ts';
import { type JsonObject, listAt, numberAt, stringAt } from '../object.ts';
import { invalidInternal } from './internal-form.ts';
import type { Validator } from './registry.ts';
import { checkAttributeName } from './validate-devices.ts';
import { type Check, each, gather, has, immutable, objectAt, type Report, says, textMapAt } from './validate-fields.ts';
import { checkNodeSelector } from './validate-selectors.ts';
import { checkDriverName } from './validate-volume-sources.ts';

const maxDevices = 128;
const maxAttributes = 32;
const maxValueBytes = 64;
const maxPoolBytes = 253;
/** A key that is longer than any good one is shown without its middle. */
const maxKeyBytes = 63 + 1 + 32;
const number = '(0|[1-9]\\d*)';
const before = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const build = '[0-9a-zA-Z-]+';
/** @see https://semver.org */
const version = new RegExp(
  `^${number}\\.${number}\\.${number}(-${before}(\\.${before})*)?(\\+${build}(\\.${build})*)?$`,
);
const nodeWays = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

function checkPool(pool: JsonObject, report: Report): void {
  const name = stringAt(pool, 'name');
  if (name === '') report(required('spec.pool.name'));
  else {
    if (byteLength(name) > maxPoolBytes) report(tooLong('spec.pool.name', maxPoolBytes));
    for (const part of name.split('/')) says(dns1123SubdomainErrors(part), 'spec.pool.name', part, report);
  }
  const [slices, generation] = [numberAt(pool, 'resourceSliceCount') ?? 0, numberAt(pool, 'generation') ?? 0];
  if (slices <= 0) report(invalid('spec.pool.resourceSliceCount', slices, 'must be greater than zero'));
  if (generation < 0) {
    report(invalid('spec.pool.generation', generation, 'must be greater than or equal to zero'));
  }
}

/** Which nodes have the devices: one, some, or all. */
function checkNodes(spec: JsonObject, report: Report): void {
  const ways: string[] = [];
  const { nodeName, allNodes } = spec;
  if (nodeName === '') report(invalid('spec.nodeName', '', 'must be either unset or set to a non-empty string'));
  else if (typeof nodeName === 'string') {
    ways.push('`nodeName`');
    says(dns1123SubdomainErrors(nodeName), 'spec.nodeName', nodeName, report);
  }
  const selector = objectAt(spec, 'nodeSelector');
  if (selector !== undefined) {
    ways.push('`nodeSelector`');
    checkNodeSelector(selector, 'spec.nodeSelector', report);
    const terms = listAt(selector, 'nodeSelectorTerms');
    const path = 'spec.nodeSelector.nodeSelectorTerms';
    if (terms.length !== 1) {
      report(invalidInternal(path, '[]core.NodeSelectorTerm', terms, 'must have exactly one node selector term'));
    }
  }
  if (allNodes === true) ways.push('`allNodes`');
  else if (allNodes === false) report(invalid('spec.allNodes', false, 'must be either unset or set to true'));
  if (ways.length === 0) report(required('spec', nodeWays));
  else if (ways.length > 1) {
    report(invalid('spec', `{${ways.join(', ')}}`, `${nodeWays}, but multiple fields are set`));
  }
}

function keyPath(path: string, key: string): string {
  if (byteLength(key) <= maxKeyBytes) return `${path}[${key}]`;
  const rest = maxKeyBytes - 3;
  return `${path}[${key.slice(0, (rest + 1) >> 1)}...${key.slice(-(rest >> 1))}]`;
}

const checkAttribute: Check = (attribute, path, report) => {
  const given = ['bool', 'int', 'string', 'version'].filter((name) => has(attribute, name));
  if (given.includes('version') && !version.test(stringAt(attribute, 'version'))) {
    const why = 'must be a string compatible with semver.org spec 2.0.0';
    report(invalid(`${path}.version`, stringAt(attribute, 'version'), why));
  }
  for (const name of ['string', 'version']) {
    if (byteLength(stringAt(attribute, name)) > maxValueBytes) report(tooLong(`${path}.${name}`, maxValueBytes));
  }
  const why = 'exactly one value must be specified';
  if (given.length === 0) report(invalid(path, '', why));
  else if (given.length > 1) report(invalidInternal(path, 'resource.DeviceAttribute', attribute, why));
};

const checkDevice: Check = (device, path, report) => {
  const name = stringAt(device, 'name');
  says(dns1123LabelErrors(name), `${path}.name`, name, report);
  const [attributes, capacities] = ['attributes', 'capacity'].map((field) => Object.keys(textMapAt(device, field)));
  const count = (attributes?.length ?? 0) + (capacities?.length ?? 0);
  if (count > maxAttributes) {
    report(invalid(path, count, `the total number of attributes and capacities must not exceed ${maxAttributes}`));
  }
  for (const key of attributes ?? []) {
    const at = keyPath(`${path}.attributes`, key);
    checkAttributeName(key, at, report);
    checkAttribute(objectAt(device, 'attributes', key) ?? {}, at, report);
  }
  for (const key of capacities ?? []) checkAttributeName(key, keyPath(`${path}.capacity`, key), report);
};

/** @see k8s.io/kubernetes pkg/apis/resource/validation `ValidateResourceSlice` */
export const validateResourceSlice: Validator = (slice, old) =>
  gather((report) => {
    const spec = objectAt(slice, 'spec') ?? {};
    checkDriverName(stringAt(spec, 'driver'), 'spec.driver', report);
    checkPool(objectAt(spec, 'pool') ?? {}, report);
    if (old !== undefined) {
      const was = objectAt(old, 'spec') ?? {};
      immutable(stringAt(spec, 'pool', 'name'), stringAt(was, 'pool', 'name'), 'spec.pool.name', report);
      for (const name of ['driver', 'nodeName']) immutable(spec[name], was[name], `spec.${name}`, report);
    }
    checkNodes(spec, report);
    const devices = listAt(spec, 'devices').map((device) => stringAt(device, 'name'));
    if (devices.length > maxDevices) {
      report(tooMany('spec.devices', devices.length, maxDevices));
      return;
    }
    each(spec, 'devices', 'spec', (device, path) => checkDevice(device, path, report));
    devices.forEach((name, index) => {
      if (devices.indexOf(name) < index) report(duplicate(`spec.devices[${index}]`, name));
    });
  });
