import { invalid, required } from '../field-error.ts';
import { dns1123SubdomainErrors, pathSegmentErrors } from '../meta/formats.ts';
import { type JsonObject, valueAt } from '../object.ts';
import { invalidInternal } from './internal-form.ts';
import { parseCidr } from './ip-address.ts';
import type { Validator } from './registry.ts';
import {
  gather,
  objectAt,
  optionalFormat,
  type Report,
  requiredFormat,
  same,
  says,
  textsAt,
} from './validate-fields.ts';
import { nameIsIp, strictCidrErrors } from './validate-formats.ts';
import { checkMetadataAgain } from './validate-metadata.ts';

const unchangeable = 'field is immutable';
const oneOfEachFamily = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';

/** @see k8s.io/kubernetes pkg/apis/networking/validation `ValidateIPAddress` */
export const validateIpAddress: Validator = (address, old) =>
  gather((report) => {
    const parent = objectAt(address, 'spec', 'parentRef');
    const path = 'spec.parentRef';
    if (old !== undefined) checkMetadataAgain(address, report, nameIsIp, false);
    if (parent === undefined) report(required(path));
    else {
      optionalFormat(parent, 'group', path, dns1123SubdomainErrors, report);
      for (const name of ['resource', 'name']) requiredFormat(parent, name, path, pathSegmentErrors, report);
      optionalFormat(parent, 'namespace', path, pathSegmentErrors, report);
    }
    if (old === undefined || same(parent, valueAt(old, 'spec', 'parentRef'))) return;
    report(invalidInternal(path, '*networking.ParentReference', parent, unchangeable));
  });

function familyOf(network: string): string | undefined {
  return parseCidr(network)?.address.family;
}

function checkNetworks(spec: JsonObject, report: Report): void {
  const path = 'spec.cidrs';
  const networks = textsAt(spec, 'cidrs');
  if (networks.length === 0) {
    report(required(path, 'at least one CIDR required'));
    return;
  }
  if (networks.length > 2) {
    report(invalidInternal(path, 'networking.ServiceCIDRSpec', spec, 'may only hold up to 2 values'));
    return;
  }
  networks.forEach((network, index) => {
    says(strictCidrErrors(network), `${path}[${index}]`, network, report);
  });
  const [first = '', second = ''] = networks;
  if (networks.length === 2 && familyOf(first) !== undefined && familyOf(first) === familyOf(second)) {
    report(invalid(path, networks, oneOfEachFamily));
  }
}

function checkChange(spec: JsonObject, before: readonly string[], report: Report): void {
  const path = 'spec.cidrs';
  const networks = textsAt(spec, 'cidrs');
  const extended = before.length === 1 && networks.length === 2;
  if (networks.length !== before.length && !extended) {
    report(invalid(path, networks, unchangeable));
    return;
  }
  before.forEach((network, index) => {
    if (network !== networks[index]) report(invalid(`${path}[${index}]`, networks[index], unchangeable));
  });
  if (extended) checkNetworks(spec, report);
}

/** @see k8s.io/kubernetes pkg/apis/networking/validation `ValidateServiceCIDR` */
export const validateServiceCidr: Validator = (cidr, old, subresource) =>
  gather((report) => {
    if (subresource === 'status') return;
    const spec = objectAt(cidr, 'spec') ?? {};
    if (old === undefined) checkNetworks(spec, report);
    else checkChange(spec, textsAt(old, 'spec', 'cidrs'), report);
  });
