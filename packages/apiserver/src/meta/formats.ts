import { byteLength } from '../go-format.ts';

/** Why a text is not of a format, one sentence each; empty when it is. */
export type FormatErrors = readonly string[];

function regexError(message: string, format: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${format}')`;
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${shown}regex used for validation is '${format}')`;
}

const dns1123Label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const dns1123Subdomain = `${dns1123Label}(\\.${dns1123Label})*`;
const dns1035Label = '[a-z]([-a-z0-9]*[a-z0-9])?';

const dns1123LabelPattern = new RegExp(`^${dns1123Label}$`);
const dns1123SubdomainPattern = new RegExp(`^${dns1123Subdomain}$`);
const dns1035LabelPattern = new RegExp(`^${dns1035Label}$`);

const subdomainMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const labelMessage =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const dns1035Message =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";

/** @see k8s.io/apimachinery util/validation `IsDNS1123Label` */
export function dns1123LabelErrors(value: string): FormatErrors {
  const errors: string[] = [];
  if (byteLength(value) > 63) errors.push('must be no more than 63 characters');
  if (!dns1123LabelPattern.test(value)) {
    if (dns1123SubdomainPattern.test(value)) errors.push('must not contain dots');
    else errors.push(regexError(labelMessage, dns1123Label, 'my-name', '123-abc'));
  }
  return errors;
}

/** @see k8s.io/apimachinery util/validation `IsDNS1123Subdomain` */
export function dns1123SubdomainErrors(value: string): FormatErrors {
  const errors: string[] = [];
  if (byteLength(value) > 253) errors.push('must be no more than 253 characters');
  if (!dns1123SubdomainPattern.test(value)) errors.push(regexError(subdomainMessage, dns1123Subdomain, 'example.com'));
  return errors;
}

/** @see k8s.io/apimachinery util/validation `IsDNS1035Label` */
export function dns1035LabelErrors(value: string): FormatErrors {
  const errors: string[] = [];
  if (byteLength(value) > 63) errors.push('must be no more than 63 characters');
  if (!dns1035LabelPattern.test(value)) errors.push(regexError(dns1035Message, dns1035Label, 'my-name', 'abc-123'));
  return errors;
}

/** What may stand in a URL as one segment. @see k8s.io/apimachinery api/validation/path `IsValidPathSegmentName` */
export function pathSegmentErrors(value: string, prefix = false): FormatErrors {
  if (!prefix && (value === '.' || value === '..')) return [`may not be '${value}'`];
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);
}

/** The rule for the names of a kind. `prefix`: the text is a `generateName`, to which something is added. */
export type NameRule = (name: string, prefix: boolean) => FormatErrors;

/** A final dash of a prefix is no fault. @see k8s.io/apimachinery api/validation `maskTrailingDash` */
function masked(name: string, prefix: boolean): string {
  return prefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}

export const nameIsSubdomain: NameRule = (name, prefix) => dns1123SubdomainErrors(masked(name, prefix));
export const nameIsLabel: NameRule = (name, prefix) => dns1123LabelErrors(masked(name, prefix));
export const nameIsDns1035Label: NameRule = (name, prefix) => dns1035LabelErrors(masked(name, prefix));
export const nameIsPathSegment: NameRule = (name, prefix) => pathSegmentErrors(name, prefix);
