import type { Outcome } from './exchange.ts';

/**
 * What may differ between two runs of one server, and between two servers. Each mask says why.
 * Anything that is not here must be equal.
 */
const masks: readonly { readonly what: string; readonly pattern: RegExp; readonly mask: string }[] = [
  { what: 'uids are random', pattern: /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, mask: '<uid>' },
  { what: 'times are those of the run', pattern: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, mask: '<time>' },
  { what: 'revisions count the writes of one server', pattern: /(?<=ResourceVersion in record \()\d+/g, mask: '<rv>' },
];

/** Fields whose value is masked wherever they stand. */
const fields: Readonly<Record<string, string>> = {
  resourceVersion: 'one counter per server',
  continue: 'holds a resource version',
  clusterIP: 'taken from a pool',
  clusterIPs: 'taken from a pool',
  nodePort: 'taken from a pool',
};

/** An outcome without what is random. Keys are sorted, so that order does not count. */
export function masked({ status, body, contentType, warnings }: Outcome): unknown {
  return { status, body: maskedValue(body, ''), contentType, warnings: warnings.map(maskedText) };
}

function maskedText(text: string): string {
  return masks.reduce((masked, { pattern, mask }) => masked.replaceAll(pattern, mask), text);
}

function maskedValue(value: unknown, field: string): unknown {
  if (field in fields && value !== undefined && value !== '' && value !== 'None') return `<${field}>`;
  if (typeof value === 'string') return maskedText(value);
  if (Array.isArray(value)) return value.map((each) => maskedValue(each, ''));
  if (typeof value !== 'object' || value === null) return value;
  const object = value as Record<string, unknown>;
  const entries = Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([key, each]) => [maskedText(key), key === 'name' ? maskedName(object, each) : maskedValue(each, key)]),
  );
}

/** A generated name ends in five random characters. */
function maskedName(metadata: Readonly<Record<string, unknown>>, name: unknown): unknown {
  const { generateName } = metadata;
  if (typeof name !== 'string') return name;
  return typeof generateName === 'string' && name.startsWith(generateName)
    ? `${generateName}<random>`
    : maskedText(name);
}

/** The masks, for the report. */
export function maskList(): readonly string[] {
  return [
    ...masks.map(({ what, mask }) => `${mask}: ${what}`),
    ...Object.entries(fields).map(([field, why]) => `${field}: ${why}`),
  ];
}
