import { duplicate, internalFieldError, invalid, notSupported, required } from '../field-error.ts';
import { type JsonObject, stringAt } from '../object.ts';
import { parseIp } from './ip-address.ts';
import { eachText, has, type Report, says, textsAt } from './validate-fields.ts';
import { ipErrors } from './validate-formats.ts';

const families = ['IPv4', 'IPv6'];
const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

/** The addresses of a service. @see k8s.io/kubernetes pkg/apis/core/validation `ValidateServiceClusterIPsRelatedFields` */
export function checkClusterIps(spec: JsonObject, report: Report): void {
  if (stringAt(spec, 'type') === 'ExternalName') return;
  const path = 'spec.clusterIPs';
  const [one, all] = [stringAt(spec, 'clusterIP'), textsAt(spec, 'clusterIPs')];
  if (one !== '') {
    if (all.length === 0) report(required(path));
    else if (all[0] !== one) report(invalid(path, all, 'first value must match `clusterIP`'));
  } else if (all.length > 0) report(invalid(path, all, 'must be empty when `clusterIP` is not specified'));
  const seen = new Set<string>();
  eachText(spec, 'ipFamilies', 'spec', (family, at) => {
    if (!families.includes(family)) report(notSupported(at, family, families));
    if (seen.has(family)) report(duplicate(at, family));
    seen.add(family);
  });
  const policy = stringAt(spec, 'ipFamilyPolicy');
  if (has(spec, 'ipFamilyPolicy') && !policies.includes(policy)) {
    report(notSupported('spec.ipFamilyPolicy', policy, policies));
  }
  let good = true;
  all.forEach((address, index) => {
    if (index === 0 && address === 'None') {
      if (all.length > 1) {
        good = false;
        report(invalid(path, all, "'None' must be the first and only value"));
      }
      return;
    }
    const problems = ipErrors(address);
    if (problems.length > 0) good = false;
    says(problems, `${path}[${index}]`, address, report);
  });
  if (all.length > 2) report(invalid(path, all, 'may only hold up to 2 values'));
  if (!good) return;
  const found = all.map((address) => parseIp(address)?.family);
  if (all.length > 1) {
    const wrong = found.indexOf(undefined);
    if (wrong >= 0) {
      report(internalFieldError(path, `failed to check for dual stack with error:invalid IP[${wrong}]: ${all[wrong]}`));
    }
    if (wrong >= 0 || new Set(found).size < 2) {
      report(invalid(path, all, 'may specify no more than one IP for each IP family'));
    }
  }
  const wanted = textsAt(spec, 'ipFamilies');
  all.forEach((address, index) => {
    const family = wanted[index];
    if (address === 'None' || family === undefined || !families.includes(family) || found[index] === family) return;
    const why = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    report(invalid(`${path}[${index}]`, address, why));
  });
}

/** What of the addresses cannot change. @see k8s.io/kubernetes pkg/apis/core/validation `validateUpgradeDowngradeClusterIPs` */
export function checkClusterIpChanges(spec: JsonObject, old: JsonObject, report: Report): void {
  if (stringAt(spec, 'type') === 'ExternalName' || stringAt(old, 'type') === 'ExternalName') return;
  const [now, before] = [textsAt(spec, 'clusterIPs'), textsAt(old, 'clusterIPs')];
  const [headless, wasHeadless] = [now, before].map((list) => list.length === 1 && list[0] === 'None');
  if (!headless || !wasHeadless) checkList(spec, ['clusterIPs', 'clusterIP'], now, before, report);
  if (headless === wasHeadless && !headless) {
    checkList(spec, ['ipFamilies', 'ipFamily'], textsAt(spec, 'ipFamilies'), textsAt(old, 'ipFamilies'), report);
  }
}

function checkList(
  spec: JsonObject,
  [field, what]: readonly [field: 'clusterIPs' | 'ipFamilies', what: string],
  now: readonly string[],
  before: readonly string[],
  report: Report,
): void {
  const path = `spec.${field}[0]`;
  const fixed = 'may not change once set';
  const shown = now.length === 0 ? null : now;
  if (now.length === before.length) {
    before.forEach((value, index) => {
      const at = field === 'clusterIPs' ? `spec.${field}[${index}]` : path;
      if (value !== now[index]) report(invalid(at, shown, fixed));
    });
    return;
  }
  // The real server shows the addresses in both cases.
  const addresses = textsAt(spec, 'clusterIPs');
  const other = before.length > 0 && now.length > 0 && now[0] !== before[0];
  if (before.length > now.length && addresses.length === 0)
    report(invalid(path, shown, `primary ${what} can not be unset`));
  if (other || (before.length < now.length && before.length > 0 && now[0] !== before[0])) {
    report(invalid(path, addresses.length === 0 ? null : addresses, fixed));
  }
  if (before.length > now.length && now.length === 1 && stringAt(spec, 'ipFamilyPolicy') !== 'SingleStack') {
    const why = `must be set to 'SingleStack' when releasing the secondary ${what}`;
    report(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy ?? null, why));
  }
}
