import { badRequest } from '../errors.ts';
import { JsonSyntaxError, parseJson } from '../http/json-text.ts';
import { isObject } from '../object.ts';

/** Where a list goes on. */
export interface ContinueToken {
  /** The revision that the pages show; negative: whatever is current. */
  readonly revision: number;
  /** The first key that may follow, without the prefix of the list. */
  readonly start: string;
}

const tokenVersion = 'meta.k8s.io/v1';

/** @see k8s.io/apiserver storage/continue.go `EncodeContinue` */
export function encodeContinue({ revision, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: tokenVersion, rv: revision, start })).toString('base64url');
}

/**
 * Reads what `encodeContinue` wrote.
 *
 * @throws {Refusal} 400 in the real server's words when it is not such a token.
 * @see k8s.io/apiserver storage/continue.go `DecodeContinue`
 */
export function decodeContinue(text: string): ContinueToken {
  const invalid = (why: string): Error => badRequest(`invalid continue token: ${why}`);
  const wrong = /[^A-Za-z0-9_-]/.exec(text);
  if (wrong !== null || text.length % 4 === 1) {
    throw invalid(`continue key is not valid: illegal base64 data at input byte ${wrong?.index ?? text.length - 1}`);
  }
  let token: unknown;
  try {
    token = parseJson(Buffer.from(text, 'base64url').toString()).value;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw invalid(`continue key is not valid: ${error.message}`);
  }
  const { v = '', rv = 0, start = '' } = isObject(token) ? token : {};
  if (v !== tokenVersion) {
    throw invalid(`continue key is not valid: server does not recognize this encoded version ${String(v)}`);
  }
  if (typeof rv !== 'number' || rv === 0) {
    throw invalid('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  if (typeof start !== 'string' || start === '') {
    throw invalid('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)');
  }
  const path = start.startsWith('/') ? start : `/${start}`;
  if (
    path
      .split('/')
      .some((part, index, all) => part === '.' || part === '..' || (part === '' && index > 0 && index < all.length))
  )
    throw invalid(`continue key is not valid: ${start}`);
  return { revision: rv, start: path.slice(1) };
}
