import type { HttpResponse } from '@bowline/apimachinery';
import { type Frame, type Headers, textResponse } from '../http/respond.ts';

/** Which question about the server's health is asked. */
export type Health = 'healthz' | 'livez' | 'readyz';

const hooks = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
];

const openApiHooks = ['apiservice-openapi-controller', 'apiservice-openapiv3-controller'];

/** The single checks behind a question, in the order in which they are told. */
export function checkNames(health: Health): string[] {
  const ready = health === 'readyz';
  return [
    'ping',
    'log',
    'etcd',
    ...(ready ? ['etcd-readiness', 'informer-sync'] : []),
    ...hooks.map((hook) => `poststarthook/${hook}`),
    'autoregister-completion',
    ...openApiHooks.map((hook) => `poststarthook/${hook}`),
    ...(ready ? ['shutdown'] : []),
  ];
}

/** The server answers, so it is well. Undefined for a check that does not exist. */
export function healthDocument(
  health: Health,
  check: readonly string[],
  query: URLSearchParams,
  frame: Frame,
): HttpResponse | undefined {
  const headers: Headers = {
    ...frame.headers,
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  };
  const names = checkNames(health);
  if (check.length > 0) return names.includes(check.join('/')) ? textResponse(200, 'ok', headers) : undefined;
  if (!query.has('verbose')) return textResponse(200, 'ok', headers);
  const excluded = new Set(query.getAll('exclude'));
  const lines = names.map((name) => (excluded.has(name) ? `[+]${name} excluded: ok` : `[+]${name} ok`));
  return textResponse(200, `${lines.join('\n')}\n${health} check passed\n`, headers);
}
