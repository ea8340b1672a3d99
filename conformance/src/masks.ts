import type { Outcome } from './exchange.ts';

/**
 * What may differ between two runs of one server, and between two servers. Each mask says why.
 * Anything that is not here must be equal.
 */
const masks: readonly { readonly what: string; readonly pattern: RegExp; readonly mask: string }[] = [
  { what: 'uids are random', pattern: /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, mask: '<uid>' },
  { what: 'times are those of the run', pattern: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, mask: '<time>' },
  { what: 'ages grow: 119s becomes 2m, then 2m1s', pattern: /^(\d+s|[2-9]m(\d+s)?)$/g, mask: '<age>' },
  { what: 'generated names end in random characters', pattern: /(?<=\bGen-|\ba{58})[a-z0-9]{5}\b/g, mask: '<random>' },
  { what: 'revisions inside quoted objects', pattern: /(?<=resourceVersion\\*":\\*")\d+/g, mask: '<rv>' },
  { what: 'revisions count the writes of one server', pattern: /(?<=ResourceVersion in record \()\d+/g, mask: '<rv>' },
];

/** Fields whose value is masked wherever they stand. */
const fields: Readonly<Record<string, string>> = {
  resourceVersion: 'one counter per server',
  continue: 'holds a resource version',
  serverAddress: 'the address of the machine',
  clusterIP: 'taken from a pool',
  clusterIPs: 'taken from a pool',
  nodePort: 'taken from a pool',
};

/** An outcome without what is random. Keys are sorted, so that order does not count. */
export function masked({ status, body, contentType, warnings }: Outcome): unknown {
  const lines = warnings.flatMap((line) => line.split(/, (?=299 )/)); // repeated headers may arrive as one
  return { status, body: maskedValue(unordered(body), ''), contentType, warnings: lines.map(maskedText) };
}

/** Faults of a custom resource and conflicts of an apply come in random order from the real server: causes are sorted, and the message that repeats them is cut. */
function unordered(body: unknown): unknown {
  const status = body as {
    reason?: string;
    message?: string;
    details?: { causes?: { field?: string; message?: string }[] };
  } | null;
  const causes = status?.details?.causes;
  if (status?.reason === undefined || causes === undefined || causes.length < 2) return body;
  const text = (cause: { field?: string; message?: string }): string => `${cause.field} ${cause.message}`;
  const sorted = causes.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
  return {
    ...status,
    message: status.message?.replace(/(\[.*\]|(?<=conflicts?): .*)$/s, '<causes>'),
    details: { ...status.details, causes: sorted },
  };
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
function _maskList(): readonly string[] {
  return [
    ...masks.map(({ what, mask }) => `${mask}: ${what}`),
    ...Object.entries(fields).map(([field, why]) => `${field}: ${why}`),
  ];
}
