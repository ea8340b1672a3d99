const LONGEST_NAME = 63;
const LONGEST_SUBDOMAIN = 253;
const nameFormat = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const subdomainFormat = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const name = new RegExp(`^${nameFormat}$`);
const value = new RegExp(`^(${nameFormat})?$`);
const subdomain = new RegExp(`^${subdomainFormat}$`);

const nameRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character" +
  ` (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${nameFormat}')`;
const valueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character" +
  ` (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${nameFormat})?')`;
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character" +
  ` (e.g. 'example.com', regex used for validation is '${subdomainFormat}')`;

/**
 * What is wrong with a label key (which is also the form of annotation keys and of other qualified names), in the server's words.
 * Empty when it is valid: an optional DNS subdomain and slash, then a name of at most 63 characters.
 *
 * @see k8s.io/apimachinery api/validate/content `IsLabelKey`
 */
export function labelKeyProblems(key: string): string[] {
  const parts = key.split('/');
  const last = parts.at(-1) ?? '';
  if (parts.length > 2) {
    return [`a valid label key ${nameRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const problems: string[] = [];
  const [prefix] = parts;
  if (parts.length === 2 && prefix !== undefined) {
    if (prefix === '') problems.push('prefix part must be non-empty');
    else problems.push(...subdomainProblems(prefix).map((problem) => `prefix part ${problem}`));
  }
  if (last === '') problems.push('name part must be non-empty');
  else if (bytes(last) > LONGEST_NAME) problems.push(`name part must be no more than ${LONGEST_NAME} bytes`);
  if (!name.test(last)) problems.push(`name part ${nameRule}`);
  return problems;
}

/**
 * What is wrong with a label value, in the server's words. Empty when it is valid: empty, or a name of at most 63 characters.
 *
 * @see k8s.io/apimachinery api/validate/content `IsLabelValue`
 */
export function labelValueProblems(text: string): string[] {
  const problems: string[] = [];
  if (bytes(text) > LONGEST_NAME) problems.push(`must be no more than ${LONGEST_NAME} bytes`);
  if (!value.test(text)) problems.push(valueRule);
  return problems;
}

function subdomainProblems(text: string): string[] {
  const problems: string[] = [];
  if (bytes(text) > LONGEST_SUBDOMAIN) problems.push(`must be no more than ${LONGEST_SUBDOMAIN} bytes`);
  if (!subdomain.test(text)) problems.push(subdomainRule);
  return problems;
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}
