import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import { type JsonObject, listAt, numberAt, stringAt } from '../object.ts';
import { type Check, each, has, nonNegative, objectAt, type Report, requiredText, says } from './validate-fields.ts';
import { httpHeaderNameErrors, portErrors, portNumberErrors } from './validate-formats.ts';

const schemes = ['HTTP', 'HTTPS'];

const httpGet: Check = (action, field, report) => {
  requiredText(action, 'path', field, report);
  says(portErrors(action.port), `${field}.port`, action.port, report);
  const scheme = stringAt(action, 'scheme');
  if (!schemes.includes(scheme)) report(notSupported(`${field}.scheme`, scheme, schemes));
  each(action, 'httpHeaders', field, (header) => {
    says(httpHeaderNameErrors(stringAt(header, 'name')), `${field}.httpHeaders`, stringAt(header, 'name'), report);
  });
};

function sleep(graceSeconds: number | undefined): Check {
  return (action, field, report) => {
    const seconds = numberAt(action, 'seconds') ?? 0;
    if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return;
    const why = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
    report(invalid(field, seconds, why));
  };
}

const checks: Readonly<Record<string, Check>> = {
  exec: (action, field, report) => {
    if (listAt(action, 'command').length === 0) report(required(`${field}.command`));
  },
  httpGet,
  tcpSocket: (action, field, report) => says(portErrors(action.port), `${field}.port`, action.port, report),
  grpc: (action, field, report) => {
    const port = numberAt(action, 'port') ?? 0;
    says(portNumberErrors(port), `${field}.port`, port, report);
  },
};

/** Exactly one way to ask a container something. @see k8s.io/kubernetes pkg/apis/core/validation `validateHandler` */
function checkHandler(
  handler: JsonObject,
  field: string,
  last: 'grpc' | 'sleep',
  graceSeconds: number | undefined,
  report: Report,
): void {
  let count = 0;
  for (const name of ['exec', 'httpGet', 'tcpSocket', last]) {
    const action = objectAt(handler, name);
    if (action === undefined) continue;
    if (count > 0) report(forbidden(`${field}.${name}`, 'may not specify more than 1 handler type'));
    else (name === 'sleep' ? sleep(graceSeconds) : checks[name])?.(action, `${field}.${name}`, report);
    count++;
  }
  if (count === 0) report(required(field, 'must specify a handler type'));
}

const counts = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'];

/** The probes of a container. @see k8s.io/kubernetes pkg/apis/core/validation `validateProbe` */
export function checkProbes(container: JsonObject, field: string, report: Report): void {
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = objectAt(container, name);
    if (probe === undefined) continue;
    const path = `${field}.${name}`;
    checkHandler(probe, path, 'grpc', undefined, report);
    nonNegative(probe, counts, path, report);
    const grace = numberAt(probe, 'terminationGracePeriodSeconds');
    const gracePath = `${path}.terminationGracePeriodSeconds`;
    if (grace !== undefined && grace <= 0) report(invalid(gracePath, grace, 'must be greater than 0'));
    const successes = numberAt(probe, 'successThreshold') ?? 0;
    if (name === 'readinessProbe') {
      if (grace !== undefined) report(invalid(gracePath, grace, 'must not be set for readinessProbes'));
    } else if (successes !== 1) report(invalid(`${path}.successThreshold`, successes, 'must be 1'));
  }
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateLifecycle` */
export function checkLifecycle(
  container: JsonObject,
  field: string,
  graceSeconds: number | undefined,
  report: Report,
): void {
  const lifecycle = objectAt(container, 'lifecycle');
  for (const name of ['postStart', 'preStop']) {
    const handler = objectAt(lifecycle, name);
    if (handler !== undefined) checkHandler(handler, `${field}.lifecycle.${name}`, 'sleep', graceSeconds, report);
  }
}

/** What init containers that end may not have. */
export function checkNoHandlers(container: JsonObject, field: string, report: Report): void {
  for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (!has(container, name)) continue;
    report(forbidden(`${field}.${name}`, 'may not be set for init containers without restartPolicy=Always'));
  }
}
