import type { HttpResponse } from '@bowline/apimachinery';
import type { Answer } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Refusal, StatusBody } from '../errors.ts';
import { isObject, type ServerObject } from '../object.ts';
import { negotiate, type Representation } from './media-type.ts';
import { includeObjectOf, transformList, transformObject } from './transform.ts';
import { formatYaml } from './yaml.ts';

/** Response headers; arrays for those that stand more than once. */
export type Headers = Record<string, string | readonly string[]>;

/** What every answer says. */
export interface Frame {
  readonly headers: Headers;
  readonly pretty: boolean;
  readonly nowMs: number;
  readonly query: URLSearchParams;
}

/** A body that is there as a whole. */
class Whole implements AsyncIterable<Uint8Array> {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.#bytes.length > 0) yield this.#bytes;
  }
}

/** An answer of text. */
export function textResponse(status: number, text: string, headers: Headers): HttpResponse {
  const bytes = Buffer.from(text);
  return { status, headers: { ...headers, 'content-length': String(bytes.length) }, body: new Whole(bytes) };
}

/** An answer of compact JSON that is already written, indented for people. */
export function jsonResponse(status: number, json: string, frame: Frame): HttpResponse {
  const text = frame.pretty ? JSON.stringify(JSON.parse(json), undefined, 2) : `${json}\n`;
  return textResponse(status, text, { ...frame.headers, 'content-type': 'application/json' });
}

function formatted(status: number, json: string, format: 'json' | 'yaml', frame: Frame): HttpResponse {
  if (format === 'json') return jsonResponse(status, json, frame);
  const headers = { ...frame.headers, 'content-type': 'application/yaml' };
  return textResponse(status, formatYaml(JSON.parse(json)), headers);
}

/** A refusal, in the form that the client accepts, or else as indented JSON. */
export function refusalResponse(refusal: Refusal, accept: string | undefined, frame: Frame): HttpResponse {
  const { body, code } = refusal;
  const seconds = body.details?.retryAfterSeconds ?? 0;
  const headers = seconds > 0 ? { ...frame.headers, 'retry-after': String(seconds) } : frame.headers;
  let representation: Representation;
  try {
    representation = negotiate(accept, { transforms: false });
  } catch {
    const text = JSON.stringify(body, undefined, 2);
    return textResponse(code, text, { ...headers, 'content-type': 'application/json' });
  }
  return formatted(code, JSON.stringify(body), representation.format, { ...frame, headers });
}

/** Writes what came of a request. @throws {Refusal} 406 when it cannot take the form that was asked for. */
export function answerResponse(
  answer: Answer,
  endpoint: Endpoint,
  representation: Representation,
  frame: Frame,
): HttpResponse {
  const { format, transform } = representation;
  const table = (): { includeObject: 'None' | 'Metadata' | 'Object'; nowMs: number; withColumns: true } => ({
    includeObject: includeObjectOf(frame.query),
    nowMs: frame.nowMs,
    withColumns: true,
  });
  switch (answer.type) {
    case 'object': {
      const { view, code } = answer;
      const json =
        transform === undefined
          ? view.json
          : JSON.stringify(transformObject(endpoint, view.object, transform, table()));
      return formatted(code, json, format, frame);
    }
    case 'made': {
      const { object, code } = answer;
      const isServerObject = isObject(object.metadata);
      const shown =
        transform === undefined || !isServerObject
          ? object
          : transformObject(endpoint, object as ServerObject, transform, table());
      return formatted(code, JSON.stringify(shown), format, frame);
    }
    case 'list': {
      const { views, metadata } = answer;
      const json =
        transform === undefined
          ? listJson(endpoint, answer)
          : JSON.stringify(transformList(endpoint, views, metadata, transform, table()));
      return formatted(200, json, format, frame);
    }
    case 'status':
      return formatted(answer.code, JSON.stringify(answer.body satisfies StatusBody), format, frame);
    case 'text':
      return textResponse(answer.code, answer.text, { ...frame.headers, 'content-type': 'text/plain' });
    case 'stream':
      return {
        status: 200,
        headers: { ...frame.headers, 'content-type': answer.contentType },
        body: answer.chunks,
      };
  }
}

/** A list, put together from the JSON of its items. */
function listJson(endpoint: Endpoint, { views, metadata }: Extract<Answer, { type: 'list' }>): string {
  const items = views.map((view) => endpoint.codec.listItem(view)).join(',');
  const { listKind: kind, apiVersion } = endpoint;
  const head = endpoint.custom
    ? { apiVersion, kind, metadata: { continue: '', ...metadata } }
    : { kind, apiVersion, metadata };
  return `${JSON.stringify(head).slice(0, -1)},"items":[${items}]}`;
}
