import { notAcceptable, unsupportedMediaType } from '../errors.ts';

/** What an answer is turned into, and how it is written. */
export interface Representation {
  readonly format: 'json' | 'yaml';
  /** Absent: the object itself. */
  readonly transform?: Transform | undefined;
}

/** Another form of the answer, asked for by the parameters `as`, `g` and `v`. */
export interface Transform {
  readonly kind: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** `v1` or `v1beta1` of meta.k8s.io. */
  readonly version: string;
}

interface Clause {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
  readonly parameters: ReadonlyMap<string, string>;
}

/** @see k8s.io/apimachinery runtime/serializer: the media types of built-in kinds */
const mediaTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const formats = [
  ['json', 'json'],
  ['yaml', 'yaml'],
] as const;

/** The clauses of an Accept header, best first. */
export function parseAccept(header: string): Clause[] {
  const clauses: Clause[] = [];
  for (const text of header.split(',')) {
    const [range = '', ...rest] = text.split(';').map((part) => part.trim());
    const [type = '', subtype = ''] = range === '*' ? ['*', '*'] : range.split('/').map((part) => part.trim());
    if (type === '' || subtype === '') continue;
    const parameters = new Map<string, string>();
    let quality = 1;
    for (const parameter of rest) {
      const equals = parameter.indexOf('=');
      if (equals < 0) continue;
      const name = parameter.slice(0, equals).trim();
      const value = parameter
        .slice(equals + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1');
      if (name === 'q') quality = Number(value) || 0;
      else parameters.set(name, value);
    }
    clauses.push({ type, subtype, quality, parameters });
  }
  const specificity = (clause: Clause): number => (clause.type === '*' ? 0 : clause.subtype === '*' ? 1 : 2);
  return clauses
    .map((clause, index) => ({ clause, index }))
    .sort(
      (a, b) =>
        b.clause.quality - a.clause.quality || specificity(b.clause) - specificity(a.clause) || a.index - b.index,
    )
    .map(({ clause }) => clause);
}

function transformOf(parameters: ReadonlyMap<string, string>): Transform | undefined | 'unknown' {
  const kind = parameters.get('as');
  const group = parameters.get('g');
  const version = parameters.get('v');
  if (kind === undefined && group === undefined && version === undefined) return undefined;
  if (group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return 'unknown';
  if (kind !== 'Table' && kind !== 'PartialObjectMetadata' && kind !== 'PartialObjectMetadataList') return 'unknown';
  return { kind, version };
}

/**
 * Chooses how to answer. Protobuf answers are not given: every client that accepts them accepts JSON too.
 *
 * @param options `transforms`: whether the endpoint can answer in another form; `stream`: whether this is a watch.
 * @throws {Refusal} 406 when nothing that is accepted can be given.
 * @see k8s.io/apiserver endpoints/handlers/negotiation/negotiate.go
 */
export function negotiate(
  accept: string | undefined,
  options: { readonly transforms: boolean; readonly stream?: boolean | undefined },
): Representation {
  if (accept === undefined || accept === '') return { format: 'json' };
  for (const { type, subtype, parameters } of parseAccept(accept)) {
    for (const [format, name] of formats) {
      if (!(type === '*' && subtype === '*') && !(type === 'application' && (subtype === '*' || subtype === name)))
        continue;
      const transform = transformOf(parameters);
      if (transform === 'unknown' || (transform !== undefined && !options.transforms)) continue;
      const stream = parameters.get('stream');
      if (stream !== undefined && stream !== '' && (stream !== 'watch' || format === 'yaml')) continue;
      if ((parameters.get('sv') ?? '') !== '' && parameters.get('sv') !== 'v1') continue;
      if (options.stream && format === 'yaml') throw notAcceptable(streamTypes);
      return { format, transform };
    }
  }
  throw notAcceptable(options.stream ? streamTypes : mediaTypes);
}

const streamTypes = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

/** What a body is written in. */
export type BodyFormat = 'json' | 'yaml' | 'protobuf';

const protobufType = 'application/vnd.kubernetes.protobuf';

function nameIn(contentType: string): string {
  const [name = ''] = contentType.split(';');
  return name.trim().toLowerCase();
}

/** Whether a body is in protobuf. */
export function isProtobuf(contentType: string | undefined): boolean {
  return contentType !== undefined && nameIn(contentType) === protobufType;
}

/** @throws {Refusal} 415 for a content type that no endpoint reads. */
export function bodyFormat(contentType: string | undefined): BodyFormat {
  if (contentType === undefined || contentType === '') return 'json';
  switch (nameIn(contentType)) {
    case 'application/json':
      return 'json';
    case 'application/yaml':
      return 'yaml';
    case protobufType:
      return 'protobuf';
    default:
      throw unsupportedMediaType(mediaTypes);
  }
}

/** Whether a person reads the answer, so that it is indented. */
export function wantsPretty(query: URLSearchParams, userAgent: string | undefined): boolean {
  const pretty = query.get('pretty');
  if (pretty !== null && pretty !== '') return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(pretty);
  return userAgent !== undefined && /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent);
}
