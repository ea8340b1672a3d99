import { invalid, required } from '../field-error.ts';
import { byteLength, isPrintable, quote } from '../go-format.ts';
import { dns1123SubdomainErrors, type FormatErrors, type NameRule } from '../meta/formats.ts';
import { formatIp, parseCidr, parseIp } from './ip-address.ts';
import { negativeMessage, type Report, rangeMessage, says } from './validate-fields.ts';

function matches(text: string, format: string, message: string, ...examples: readonly string[]): FormatErrors {
  if (new RegExp(`^${format}$`).test(text)) return [];
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  const why = `regex used for validation is '${format}'`;
  return [examples.length === 0 ? `${message} (${why})` : `${message} (e.g. ${shown}${why})`];
}

function noLongerThan(text: string, length: number): FormatErrors {
  return byteLength(text) > length ? [`must be no more than ${length} characters`] : [];
}

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const labelWithUnderscore = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';

/** @see k8s.io/apimachinery util/validation `IsDNS1123SubdomainWithUnderscore` */
export function searchDomainErrors(text: string): FormatErrors {
  const message =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
  const format = `${labelWithUnderscore}(\\.${labelWithUnderscore})*`;
  return [...noLongerThan(text, 253), ...matches(text, format, message, 'example.com')];
}

/** `*.example.com`. @see k8s.io/apimachinery util/validation `IsWildcardDNS1123Subdomain` */
export function wildcardSubdomainErrors(text: string): FormatErrors {
  const message =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
  const format = `\\*\\.${label}(\\.${label})*`;
  return [...noLongerThan(text, 253), ...matches(text, format, message, '*.example.com')];
}

/** @see k8s.io/apimachinery util/validation `IsValidPortName` */
export function portNameErrors(text: string): FormatErrors {
  const errors = [...noLongerThan(text, 15)];
  if (!/^[-a-z0-9]+$/.test(text)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(text)) errors.push('must contain at least one letter (a-z)');
  if (text.includes('--')) errors.push('must not contain consecutive hyphens');
  if (text.startsWith('-') || text.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

export function portNumberErrors(port: number): FormatErrors {
  return port >= 1 && port <= 65_535 ? [] : [rangeMessage(1, 65_535)];
}

/** A port given by number or by name. */
export function portErrors(port: unknown): FormatErrors {
  return typeof port === 'string' ? portNameErrors(port) : portNumberErrors(typeof port === 'number' ? port : 0);
}

/** Users and groups of Linux. */
export function idErrors(id: number): FormatErrors {
  return id >= 0 && id <= 2_147_483_647 ? [] : [rangeMessage(0, 2_147_483_647)];
}

/** @see k8s.io/apimachinery util/validation `IsRelaxedEnvVarName` */
export function environmentNameErrors(text: string): FormatErrors {
  if (text === '') return ['environment variable name must be non-empty'];
  const good = [...text].every(
    (character) => character !== '=' && (character.codePointAt(0) ?? 0) < 128 && isPrintable(character),
  );
  if (good) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** Keys of config maps and secrets. @see k8s.io/apimachinery util/validation `IsConfigMapKey` */
export function configKeyErrors(text: string): FormatErrors {
  const message = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
  const errors = [
    ...noLongerThan(text, 253),
    ...matches(text, '[-._a-zA-Z0-9]+', message, 'key.name', 'KEY_NAME', 'key-name'),
  ];
  if (text === '.' || text === '..') errors.push(`must not be '${text}'`);
  else if (text.startsWith('..')) errors.push("must not start with '..'");
  return errors;
}

export function httpHeaderNameErrors(text: string): FormatErrors {
  const message = "a valid HTTP header must consist of alphanumeric characters or '-'";
  return matches(text, '[-A-Za-z0-9]+', message, 'X-Header-Name');
}

function percentErrors(text: string): FormatErrors {
  const message = "a valid percent string must be a numeric string followed by an ending '%'";
  return matches(text, '[0-9]+%', message, '1%', '93%');
}

/** @see k8s.io/apimachinery api/validate/content `IsCIdentifier` */
export function cIdentifierErrors(text: string): FormatErrors {
  const message =
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'";
  return matches(text, '[A-Za-z_][A-Za-z0-9_]*', message, 'my_name', 'MY_NAME', 'MyName');
}

/** Addresses as old fields take them: leading zeros and IPv4 in IPv6 are no fault. */
export function ipErrors(text: string): FormatErrors {
  return parseIp(text) === undefined ? ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'] : [];
}

/** Addresses as new fields take them: as they are usually written. @see k8s.io/apimachinery util/validation `IsValidIP` */
export function strictIpErrors(text: string): FormatErrors {
  const address = parseIp(text);
  if (address === undefined) return ipErrors(text);
  const errors: string[] = [];
  if (!text.includes(':') && /(^|\.)0\d/.test(text)) errors.push('must not have leading 0s');
  if (text.includes(':') && address.family === 'IPv4') errors.push('must not be an IPv4-mapped IPv6 address');
  const usual = formatIp(address);
  if (errors.length === 0 && usual !== text) errors.push(`must be in canonical form (${quote(usual)})`);
  return errors;
}

/** Objects that are called by an address. */
export const nameIsIp: NameRule = (name) => strictIpErrors(name);

/** Networks as old fields take them. */
export function cidrErrors(text: string): FormatErrors {
  const good = parseCidr(text) !== undefined;
  return good ? [] : ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'];
}

/** Networks as new fields take them: as they are usually written. @see k8s.io/apimachinery util/validation `IsValidCIDR` */
export function strictCidrErrors(text: string): FormatErrors {
  const network = parseCidr(text);
  if (network === undefined) return cidrErrors(text);
  const [host = '', length = ''] = text.split('/');
  const leading = /^0\d/.test(length) || (!host.includes(':') && /(^|\.)0\d/.test(host));
  if (leading) return ['must not have leading 0s in IP or prefix length'];
  if (host.includes(':') && network.address.family === 'IPv4') return ['must not have an IPv4-mapped IPv6 address'];
  const address = parseIp(host);
  const base = formatIp(network.address);
  if (address !== undefined && formatIp(address) !== base) return ['must not have bits set beyond the prefix length'];
  const usual = `${base}/${network.prefixLength}`;
  return usual === text ? [] : [`must be in canonical form (${quote(usual)})`];
}

/** A path that does not climb. */
export function climbErrors(path: string): FormatErrors {
  return path.split('/').includes('..') ? ["must not contain '..'"] : [];
}

/** A path within something. */
export function descendingPathErrors(path: string): FormatErrors {
  return [...(path.startsWith('/') ? ['must be a relative path'] : []), ...climbErrors(path)];
}

/** A path within a volume, whose names that start with two dots are taken. */
export function volumePathErrors(path: string): FormatErrors {
  const reserved = path.startsWith('..') && !path.startsWith('../');
  return [...descendingPathErrors(path), ...(reserved ? ["must not start with '..'"] : [])];
}

/** Reports a number below 0, or a text that is no percentage. @see k8s.io/kubernetes pkg/apis/apps/validation `ValidatePositiveIntOrPercent` */
export function reportIntOrPercent(value: unknown, field: string, report: Report): void {
  if (typeof value === 'string') says(percentErrors(value), field, value, report);
  else if (typeof value === 'number' && value < 0) report(invalid(field, value, negativeMessage));
}

/** The number of a number or percentage; texts that are no percentages are 0. */
export function intOrPercentNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  return percentErrors(String(value ?? '')).length === 0 ? Number.parseInt(String(value), 10) : 0;
}

export function reportAbove100Percent(value: unknown, field: string, report: Report): void {
  if (typeof value === 'string' && intOrPercentNumber(value) > 100) {
    report(invalid(field, value, 'must not be greater than 100%'));
  }
}

/** `acme.io/foo`. @see k8s.io/apimachinery util/validation `IsDomainPrefixedPath` */
export function checkDomainPath(text: string, field: string, report: Report): void {
  const slash = text.indexOf('/');
  const [host, rest] = [text.slice(0, slash), text.slice(slash + 1)];
  if (text === '') report(required(field));
  else if (slash <= 0 || rest === '') {
    report(invalid(field, text, 'must be a domain-prefixed path (such as "acme.io/foo")'));
  } else {
    says(dns1123SubdomainErrors(host), field, host, report);
    says(matches(rest, "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+", 'Invalid path'), field, rest, report);
  }
}
