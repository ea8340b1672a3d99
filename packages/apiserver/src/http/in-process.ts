import type { HttpRequest } from '@bowline/apimachinery';
import { checkOptions, type OptionRules, required, rules, valueRule } from '@bowline/apimachinery/arguments';

const isString = (value: unknown): value is string => typeof value === 'string';

const requestRules: OptionRules<HttpRequest> = {
  method: required(valueRule('a method in upper case', isString, (value) => /^[A-Z]+$/.test(value))),
  path: required(valueRule('a path that begins with "/"', isString, (value) => value.startsWith('/'))),
  headers: required({
    ...valueRule(
      'an object of strings',
      (value): value is object => typeof value === 'object' && value !== null && !Array.isArray(value),
      (value) => Object.values(value).every((one) => one === undefined || isString(one)),
    ),
    // There may be a token among them.
    secret: true,
  }),
  repeatedHeaders: rules.array,
  body: {
    ...valueRule('bytes (Buffer.from(text) makes them of a text)', (value) => value instanceof Uint8Array),
    secret: true,
  },
  signal: rules.signal,
};

/**
 * Checks a request that did not come through a socket, where none of this can be wrong.
 *
 * @returns the request with the names of its headers in lower case, as a socket would give it.
 * @throws {TypeError | RangeError}
 */
export function checkedRequest(request: HttpRequest): HttpRequest {
  checkOptions<HttpRequest>('handle a request', request, requestRules, 'request');
  const { headers } = request;
  for (const name of Object.keys(headers))
    if (name !== name.toLowerCase()) return { ...request, headers: lower(headers) };
  return request;
}

function lower(headers: HttpRequest['headers']): HttpRequest['headers'] {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
