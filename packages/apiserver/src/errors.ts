import { aggregateText, type FieldError } from './field-error.ts';
import { quote } from './go-format.ts';

/** One detail of a Status. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** @see k8s.io/apimachinery meta/v1 `Status` */
export interface StatusBody {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { continue?: string };
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: readonly StatusCause[];
    retryAfterSeconds?: number;
  };
  code?: number;
}

/** Names a resource in messages: `deployments.apps`. */
export interface Named {
  readonly group: string;
  readonly resource: string;
}

/** A request that is refused. Its body is what the real server would answer. Never leaves the package. */
export class Refusal extends Error {
  readonly body: StatusBody;

  constructor(body: StatusBody) {
    super(body.message ?? '');
    this.body = body;
  }

  get code(): number {
    return this.body.code ?? 500;
  }
}

function failure(code: number, reason: string | undefined, message: string, details?: StatusBody['details']): Refusal {
  const body: StatusBody = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message };
  if (reason !== undefined) body.reason = reason;
  if (details !== undefined) body.details = details;
  body.code = code;
  return new Refusal(body);
}

function detailsOf(what: Named, name = ''): NonNullable<StatusBody['details']> {
  const details: NonNullable<StatusBody['details']> = {};
  if (name !== '') details.name = name;
  if (what.group !== '') details.group = what.group;
  if (what.resource !== '') details.kind = what.resource;
  return details;
}

/** `deployments.apps`, or `pods` in the core group. */
export function qualified(what: Named): string {
  return what.group === '' ? what.resource : `${what.resource}.${what.group}`;
}

export function notFound(what: Named, name: string): Refusal {
  return failure(404, 'NotFound', `${qualified(what)} ${quote(name)} not found`, detailsOf(what, name));
}

/** A path below a known group-version that names nothing. */
export function noSuchResource(): Refusal {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(what: Named, name: string): Refusal {
  return failure(409, 'AlreadyExists', `${qualified(what)} ${quote(name)} already exists`, detailsOf(what, name));
}

export function generatedNameTaken(what: Named, name: string): Refusal {
  const message = `${qualified(what)} ${quote(name)} already exists, the server was not able to generate a unique name for the object`;
  return failure(409, 'AlreadyExists', message, { ...detailsOf(what, name), retryAfterSeconds: 1 });
}

export function conflict(what: Named, name: string, why: string): Refusal {
  const message = `Operation cannot be fulfilled on ${qualified(what)} ${quote(name)}: ${why}`;
  return failure(409, 'Conflict', message, detailsOf(what, name));
}

/** What an update with an outdated resource version is told. @see k8s.io/apiserver registry/generic `OptimisticLockErrorMsg` */
export const optimisticLockMessage =
  'the object has been modified; please apply your changes to the latest version and try again';

export function forbiddenRequest(what: Named, name: string, why: string, causes?: readonly StatusCause[]): Refusal {
  const subject =
    what.resource === '' && what.group === ''
      ? 'forbidden'
      : name === ''
        ? `${qualified(what)} is forbidden`
        : `${qualified(what)} ${quote(name)} is forbidden`;
  const details = detailsOf(what, name);
  return failure(403, 'Forbidden', `${subject}: ${why}`, causes === undefined ? details : { ...details, causes });
}

export function unauthorized(): Refusal {
  return failure(401, 'Unauthorized', 'Unauthorized');
}

/** @param kind The kind and its group, as the real server names them: `Deployment` in `apps`. */
export function invalidObject(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): Refusal {
  const subject = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const message = `${subject} ${quote(name)} is invalid${errors.length === 0 ? '' : `: ${aggregateText(errors)}`}`;
  const details: NonNullable<StatusBody['details']> = {};
  if (name !== '') details.name = name;
  if (kind.group !== '') details.group = kind.group;
  if (kind.kind !== '') details.kind = kind.kind;
  if (errors.length > 0) {
    details.causes = errors.map(({ type, message: text, field }) => ({
      reason: type,
      message: text,
      ...(field === '' ? {} : { field }),
    }));
  }
  return failure(422, 'Invalid', message, details);
}

export function badRequest(message: string): Refusal {
  return failure(400, 'BadRequest', message);
}

export function expired(message: string, continueToken?: string): Refusal {
  const refusal = failure(410, 'Expired', message);
  if (continueToken !== undefined) refusal.body.metadata = { continue: continueToken };
  return refusal;
}

export function tooLargeResourceVersion(wanted: number, current: number, retryAfterSeconds: number): Refusal {
  return failure(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
  });
}

/** A method that no handler of the path knows. */
export function methodNotAllowed(): Refusal {
  return failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** A verb that the resource does not support. */
export function methodNotSupported(what: Named, verb: string): Refusal {
  const message = `${verb} is not supported on resources of kind ${quote(qualified(what))}`;
  return failure(405, 'MethodNotAllowed', message, detailsOf(what));
}

export function notAcceptable(accepted: readonly string[]): Refusal {
  return failure(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);
}

export function notAcceptableBecause(message: string): Refusal {
  return failure(406, 'NotAcceptable', message);
}

export function unsupportedMediaType(accepted: readonly string[]): Refusal {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return failure(415, 'UnsupportedMediaType', message);
}

export function entityTooLarge(message: string): Refusal {
  return failure(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`);
}

/** A patch that does not apply. The real server says no more than this. */
export function unprocessable(): Refusal {
  return failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

export function internalError(message: string): Refusal {
  return failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** An error that the real server has no Status for: code 500 and no reason. */
export function plainError(message: string): Refusal {
  return failure(500, undefined, message);
}

export function serviceUnavailable(message: string): Refusal {
  return failure(503, 'ServiceUnavailable', message);
}

/** The answer of a delete that left nothing behind. */
export function deletedStatus(what: Named, name: string, uid: string): StatusBody {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { ...detailsOf(what, name), uid },
  };
}
