import { retryAfterMsOf, statusOf } from '@bowline/apimachinery';
import { kindByCode, kindByRoughCode, kindByStatus, type ProblemKind, type Remedy, remedies } from './problem-table.ts';

/** An error, understood. */
export interface Problem {
  readonly kind: ProblemKind;
  /** One line: what could not be done, what is wrong, what to do. Holds no credentials and no object content. */
  readonly message: string;
  /** What to do about it, for people. */
  readonly advice: string;
  /** What to do about it, for us. */
  readonly remedy: Remedy;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** What was being done when the error came. */
export interface Attempt {
  readonly verb: 'list' | 'watch';
  /** What was listed or watched. */
  readonly what: string;
}

/** Understands an error of a list, a watch or a sink. */
export function problemOf(error: unknown, { verb, what }: Attempt): Problem {
  const chain = causes(error);
  const { kind, told } = find(chain);
  const remedy = remedies[kind];
  const advice = remedy.advice(resourceOf(what));
  // A client's own errors explain themselves, and know the address and the kubeconfig.
  const reason = codesOf(chain[0]).code?.startsWith('CLIENT_')
    ? told.charAt(0).toLowerCase() + told.slice(1)
    : `${remedy.summary}${told === '' ? '' : ` (${told})`}; ${advice}`;
  const retryAfterMs = retryAfterMsOf(error);
  return {
    kind,
    message: `Cannot ${verb} ${what}: ${reason}`,
    advice,
    remedy,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** What went wrong. */
export function kindOf(error: unknown): ProblemKind {
  return find(causes(error)).kind;
}

/** The resource in the description of what is listed: `pods` of `pods in namespace "default"`. */
export function resourceOf(what: string): string {
  return what.split(' ', 1)[0] ?? what;
}

interface Finding {
  readonly kind: ProblemKind;
  /** What the error says of itself. */
  readonly told: string;
}

function find(chain: readonly unknown[]): Finding {
  const [outermost] = chain;
  const { code: outerCode = '' } = codesOf(outermost);
  const outer = oneLine(outermost);
  if (isVersionTooLarge(outermost)) return { kind: 'version-too-large', told: outer };
  for (const error of chain) {
    const { code, httpStatus } = codesOf(error);
    const kind = (code === undefined ? undefined : kindByCode[code]) ?? kindByStatusOf(httpStatus);
    if (kind !== undefined) {
      return { kind, told: outerCode.startsWith('CLIENT_') ? outer : detailOf(error, code ?? httpStatus) };
    }
    if (error instanceof SyntaxError) return { kind: 'unreadable', told: outer };
    if (isMisuse(error)) return { kind: 'misuse', told: oneLine(error) };
  }
  const isCutOff = chain.some((error) => error instanceof TypeError && error.message === 'terminated');
  return { kind: kindByRoughCode[outerCode] ?? (isCutOff ? 'broken' : 'unknown'), told: outer };
}

/** How all our packages refuse an argument. */
function isMisuse(error: unknown): error is Error {
  return (error instanceof TypeError || error instanceof RangeError) && /^Cannot .+ must .+, got /.test(error.message);
}

function kindByStatusOf(httpStatus: number | undefined): ProblemKind | undefined {
  if (httpStatus === undefined) return undefined;
  return kindByStatus[httpStatus] ?? (httpStatus > 504 ? 'unavailable' : httpStatus >= 400 ? 'rejected' : undefined);
}

/** The code of the system is short and says it; an API error's own words say more. */
function detailOf(error: unknown, code: string | number | undefined): string {
  const text = oneLine(error);
  return text === '' ? String(code) : text.includes(String(code)) ? text : `${text}, ${code}`;
}

function codesOf(error: unknown): { code: string | undefined; httpStatus: number | undefined } {
  if (typeof error !== 'object' || error === null) return { code: undefined, httpStatus: undefined };
  const code = 'code' in error ? error.code : undefined;
  const httpStatus = 'httpStatus' in error ? error.httpStatus : code;
  return {
    code: typeof code === 'string' ? code : undefined,
    httpStatus: typeof httpStatus === 'number' ? httpStatus : undefined,
  };
}

/** Three generations of servers say it in three ways. @see client-go tools/cache/reflector.go `isTooLargeResourceVersionError` */
function isVersionTooLarge(error: unknown): boolean {
  const status = statusOf(error);
  if (status === undefined) return false;
  const { message = '', details } = status;
  return (
    message.includes('Too large resource version') ||
    (details?.causes ?? []).some(
      (cause) => cause.reason === 'ResourceVersionTooLarge' || cause.message === 'Too large resource version',
    )
  );
}

/** The error and what caused it, outermost first. */
function causes(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  const add = (each: unknown): void => {
    if (each === undefined || each === null || chain.length >= 16 || chain.includes(each)) return;
    chain.push(each);
    if (typeof each !== 'object') return;
    if ('cause' in each) add(each.cause);
    if ('errors' in each && Array.isArray(each.errors)) for (const inner of each.errors) add(inner);
  };
  add(error);
  return chain;
}

/** What may be secret in a message: credentials in headers, URLs and texts. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [\s\S]*?(?:-----END [A-Z ]+-----|$)/g, '[redacted]'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{16,}/gi, '$1 [redacted]'],
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]+)?/g, '[redacted]'],
  [/\/\/[^/\s@]+@/g, '//[redacted]@'],
  [
    /\b((?:access_|id_|refresh_)?token|password|passwd|secret|api[_-]?key)(["']?\s*[=:]\s*["']?)[^\s"'&,;]+/gi,
    '$1$2[redacted]',
  ],
];

/** The message of an error for people: one line, at most 300 characters, no credentials. */
export function oneLine(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is not valid JSON'; // the engine's text quotes what it parsed
  let text =
    error instanceof Error
      ? error.message || (error.name === 'AggregateError' ? '' : error.name)
      : typeof error === 'string'
        ? error
        : '';
  for (const [pattern, replacement] of secrets) text = text.replace(pattern, replacement);
  text = text.replace(/\s+/g, ' ').trim();
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}
