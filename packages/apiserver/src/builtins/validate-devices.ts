import { duplicate, invalid, notSupported, required, tooLong, tooMany } from '../field-error.ts';
import { byteLength } from '../go-format.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../meta/formats.ts';
import { isObject, type JsonObject, listAt, numberAt, stringAt, valueAt } from '../object.ts';
import { invalidInternal } from './internal-form.ts';
import type { Validator } from './registry.ts';
import { checkTemplateMetadata } from './validate-claims.ts';
import {
  type Check,
  each,
  eachText,
  gather,
  objectAt,
  type Report,
  requiredFormat,
  same,
  says,
  textsAt,
} from './validate-fields.ts';
import { cIdentifierErrors } from './validate-formats.ts';
import { checkMetadataAgain } from './validate-metadata.ts';
import { checkDriverName } from './validate-volume-sources.ts';

const maxItems = 32;
const maxAlternatives = 8;
const maxIdBytes = 32;
const maxExpressionBytes = 10 * 1024;
const maxParameterBytes = 10 * 1024;
const modes = ['All', 'ExactCount'];
const oneKind = 'exactly one of `exactly` or `firstAvailable` is required';
const noSuchRequest =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

/** Visits the objects of a list, unless there are too many of them. */
function eachUpTo(owner: unknown, name: string, path: string, max: number, report: Report, check: Check): void {
  const { length } = listAt(owner, name);
  if (length > max) report(tooMany(`${path}.${name}`, length, max));
  else each(owner, name, path, (item, at) => check(item, at, report));
}

/** Reports the items whose keys came before. */
function checkUnique(keys: readonly string[], path: string, report: Report): void {
  if (keys.length > maxItems) return;
  keys.forEach((key, index) => {
    if (keys.indexOf(key) < index) report(duplicate(`${path}[${index}]`, key));
  });
}

const namesIn = (owner: unknown, list: string): string[] => listAt(owner, list).map((item) => stringAt(item, 'name'));

function checkName(name: string, path: string, report: Report): void {
  says(dns1123LabelErrors(name), path, name, report);
}

/** Whether its expression is valid is not checked: nothing here compiles it. */
const checkSelector: Check = (selector, path, report) => {
  const cel = objectAt(selector, 'cel');
  if (cel === undefined) report(required(`${path}.cel`));
  else if (byteLength(stringAt(cel, 'expression')) > maxExpressionBytes) {
    report(tooLong(`${path}.cel.expression`, maxExpressionBytes));
  }
};

/** What is asked for: devices of a class, so many of them. */
const checkDevices: Check = (request, path, report) => {
  requiredFormat(request, 'deviceClassName', path, dns1123SubdomainErrors, report);
  eachUpTo(request, 'selectors', path, maxItems, report, checkSelector);
  const [mode, count] = [stringAt(request, 'allocationMode'), numberAt(request, 'count') ?? 0];
  if (!modes.includes(mode)) report(notSupported(`${path}.allocationMode`, mode, modes));
  else if (mode === 'ExactCount' && count <= 0) report(invalid(`${path}.count`, count, 'must be greater than zero'));
  else if (mode === 'All' && count !== 0) {
    report(invalid(`${path}.count`, count, "must not be specified when allocationMode is 'All'"));
  }
};

const checkAlternative: Check = (request, path, report) => {
  checkName(stringAt(request, 'name'), `${path}.name`, report);
  checkDevices(request, path, report);
};

const checkRequest: Check = (request, path, report) => {
  checkName(stringAt(request, 'name'), `${path}.name`, report);
  const exactly = objectAt(request, 'exactly');
  const alternatives = listAt(request, 'firstAvailable').length;
  if (exactly === undefined && alternatives === 0) report(required(path, oneKind));
  else if (exactly !== undefined && alternatives > 0) {
    report(invalid(path, null, `${oneKind}, but multiple fields are set`));
  } else if (exactly !== undefined) checkDevices(exactly, `${path}.exactly`, report);
  else {
    eachUpTo(request, 'firstAvailable', path, maxAlternatives, report, checkAlternative);
    if (alternatives <= maxAlternatives) {
      checkUnique(namesIn(request, 'firstAvailable'), `${path}.firstAvailable`, report);
    }
  }
};

/** The names by which constraints and configurations may refer to requests. */
function referencesOf(devices: JsonObject): ReadonlySet<string> {
  return new Set(
    listAt(devices, 'requests').flatMap((request) => {
      const name = stringAt(request, 'name');
      return [name, ...namesIn(request, 'firstAvailable').map((one) => `${name}/${one}`)];
    }),
  );
}

function checkReferences(owner: JsonObject, path: string, known: ReadonlySet<string>, report: Report): void {
  const names = textsAt(owner, 'requests');
  if (names.length > maxItems) {
    report(tooMany(`${path}.requests`, names.length, maxItems));
    return;
  }
  eachText(owner, 'requests', path, (name, at) => {
    const segments = name.split('/');
    if (segments.length <= 2) for (const segment of segments) checkName(segment, at, report);
    if (!known.has(name)) report(invalid(at, name, noSuchRequest));
  });
  checkUnique(names, `${path}.requests`, report);
}

/** `gpu.example.com/model` */
function checkAttribute(name: string, path: string, report: Report): void {
  checkAttributeName(name, path, report);
  if (!name.includes('/')) {
    report(invalid(path, name, 'a fully qualified name must be a domain and a name separated by a slash'));
  }
}

/** `model`, or with the domain of who gave it that name. @see k8s.io/kubernetes pkg/apis/resource/validation `validateQualifiedName` */
export function checkAttributeName(name: string, path: string, report: Report): void {
  const [first = '', second, ...more] = name.split('/');
  if (second === undefined) checkId(first, path, report);
  else if (more.length === 0) {
    if (first === '') report(invalid(path, '', 'the domain must not be empty'));
    else checkDriverName(first, path, report);
    if (second === '') report(invalid(path, '', 'the name must not be empty'));
    else checkId(second, path, report);
  }
}

function checkId(id: string, path: string, report: Report): void {
  if (byteLength(id) > maxIdBytes) report(tooLong(path, maxIdBytes));
  says(cIdentifierErrors(id), path, id, report);
}

/** What a driver is told, in its own words. */
const checkConfiguration: Check = (configuration, path, report) => {
  const opaque = objectAt(configuration, 'opaque');
  if (opaque === undefined) {
    report(required(`${path}.opaque`));
    return;
  }
  checkDriverName(stringAt(opaque, 'driver'), `${path}.opaque.driver`, report);
  const { parameters } = opaque;
  const at = `${path}.opaque.parameters`;
  if (parameters === undefined || parameters === null) report(required(at));
  else if (byteLength(JSON.stringify(parameters)) > maxParameterBytes) report(tooLong(at, maxParameterBytes));
  else if (!isObject(parameters)) report(invalid(at, '<value omitted>', 'must be a valid JSON object'));
};

/** @see k8s.io/kubernetes pkg/apis/resource/validation `validateDeviceClaim` */
function checkClaim(devices: JsonObject, path: string, report: Report): void {
  const known = referencesOf(devices);
  eachUpTo(devices, 'requests', path, maxItems, report, checkRequest);
  checkUnique(namesIn(devices, 'requests'), `${path}.requests`, report);
  eachUpTo(devices, 'constraints', path, maxItems, report, (constraint, at) => {
    checkReferences(constraint, at, known, report);
    const attribute = constraint.matchAttribute;
    if (typeof attribute === 'string') checkAttribute(attribute, `${at}.matchAttribute`, report);
    else report(required(`${at}.matchAttribute`));
  });
  eachUpTo(devices, 'config', path, maxItems, report, (configuration, at) => {
    checkReferences(configuration, at, known, report);
    checkConfiguration(configuration, at, report);
  });
}

/** The status, which schedulers and drivers write, is not checked. */
export const validateResourceClaim: Validator = (claim, old, subresource) =>
  gather((report) => {
    if (subresource === 'status') return;
    if (old === undefined) checkClaim(objectAt(claim, 'spec', 'devices') ?? {}, 'spec.devices', report);
    else {
      checkMetadataAgain(claim, report);
      if (same(claim.spec, old.spec)) return;
      report(invalidInternal('spec', 'resource.ResourceClaimSpec', claim.spec, 'field is immutable'));
    }
  });

/** @see k8s.io/kubernetes pkg/apis/resource/validation `ValidateResourceClaimTemplate` */
export const validateClaimTemplate: Validator = (template, old) =>
  gather((report) => {
    const spec = objectAt(template, 'spec') ?? {};
    if (old !== undefined) checkMetadataAgain(template, report);
    checkTemplateMetadata(spec, 'spec', report);
    checkClaim(objectAt(spec, 'spec', 'devices') ?? {}, 'spec.spec.devices', report);
    if (old !== undefined && !same(spec, valueAt(old, 'spec'))) {
      report(invalidInternal('spec', 'resource.ResourceClaimTemplateSpec', spec, 'field is immutable'));
    }
  });

/** @see k8s.io/kubernetes pkg/apis/resource/validation `ValidateDeviceClass` */
export const validateDeviceClass: Validator = (deviceClass, old) =>
  gather((report) => {
    if (old !== undefined) checkMetadataAgain(deviceClass, report, undefined, false);
    const spec = objectAt(deviceClass, 'spec') ?? {};
    eachUpTo(spec, 'selectors', 'spec', maxItems, report, checkSelector);
    eachUpTo(spec, 'config', 'spec', maxItems, report, checkConfiguration);
  });
