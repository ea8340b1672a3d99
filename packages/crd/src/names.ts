import { byteLength } from './go-text.ts';

const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain1123 = `${label1123}(\\.${label1123})*`;
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';

const isLabel1123 = new RegExp(`^${label1123}$`);
const isSubdomain1123 = new RegExp(`^${subdomain1123}$`);
const isLabel1035 = new RegExp(`^${label1035}$`);

/** What is wrong with a DNS label that may begin with a digit. @see k8s.io/apimachinery util/validation `IsDNS1123Label` */
export function dnsLabelProblems(text: string): string[] {
  const problems = tooLong(text, 63);
  if (isLabel1123.test(text)) return problems;
  if (isSubdomain1123.test(text)) return [...problems, 'must not contain dots'];
  return [
    ...problems,
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character" +
      examples(label1123, 'my-name', '123-abc'),
  ];
}

/** What is wrong with a dotted DNS name. @see k8s.io/apimachinery util/validation `IsDNS1123Subdomain` */
export function dnsSubdomainProblems(text: string): string[] {
  const problems = tooLong(text, 253);
  if (isSubdomain1123.test(text)) return problems;
  return [
    ...problems,
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character" +
      examples(subdomain1123, 'example.com'),
  ];
}

/** What is wrong with a DNS label that begins with a letter. @see k8s.io/apimachinery util/validation `IsDNS1035Label` */
export function dnsLetterLabelProblems(text: string): string[] {
  const problems = tooLong(text, 63);
  if (isLabel1035.test(text)) return problems;
  return [
    ...problems,
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character" +
      examples(label1035, 'my-name', 'abc-123'),
  ];
}

/** What is wrong with a name that becomes one segment of a URL. @see k8s.io/apimachinery api/validation/path `IsValidPathSegmentName` */
export function pathSegmentProblems(text: string, isPrefix: boolean): string[] {
  if (!isPrefix && (text === '.' || text === '..')) return [`may not be '${text}'`];
  return ['/', '%'].filter((part) => text.includes(part)).map((part) => `may not contain '${part}'`);
}

/** A generated name gets more characters: a dash at its end is no end. @see k8s.io/apimachinery api/validation `maskTrailingDash` */
export function maskTrailingDash(text: string): string {
  return text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text;
}

function tooLong(text: string, max: number): string[] {
  return byteLength(text) > max ? [`must be no more than ${max} bytes`] : [];
}

function examples(pattern: string, ...names: readonly string[]): string {
  return ` (e.g. ${names.map((name) => `'${name}', `).join(' or ')}regex used for validation is '${pattern}')`;
}
