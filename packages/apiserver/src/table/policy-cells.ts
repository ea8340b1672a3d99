import { listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { humanDuration } from './duration.ts';
import { age, type Cells, conditionStatus, count, firstOf, intOrString, name, none, selector } from './text.ts';

const unknown = '<unknown>';

/** A metric's current value and its target. */
function metric(spec: unknown, status: unknown): string {
  const type = stringAt(spec, 'type');
  const field = type.charAt(0).toLowerCase() + type.slice(1);
  const target = valueAt(spec, field, 'target');
  const current = valueAt(status, field, 'current');
  const average = valueAt(target, 'averageValue');
  switch (type) {
    case 'External':
    case 'Object':
      if (average !== undefined) return `${valueAt(current, 'averageValue') ?? unknown}/${average} (avg)`;
      return `${valueAt(current, 'value') ?? unknown}/${stringAt(target, 'value')}`;
    case 'Pods':
      return `${valueAt(current, 'averageValue') ?? unknown}/${average ?? '0'}`;
    case 'Resource':
    case 'ContainerResource': {
      const percent = (value: number | undefined, absent: string): string =>
        value === undefined ? absent : `${value}%`;
      const resource = stringAt(spec, field, 'name');
      if (average !== undefined) return `${resource}: ${valueAt(current, 'averageValue') ?? unknown}/${average}`;
      const utilization = percent(numberAt(current, 'averageUtilization'), unknown);
      return `${resource}: ${utilization}/${percent(numberAt(target, 'averageUtilization'), '<auto>')}`;
    }
    default:
      return '<unknown type>';
  }
}

/** HPA metrics of autoscaling/v2, or of v1, which knows processor utilization only. */
function metrics(object: ServerObject): string {
  const specs = listAt(object, 'spec', 'metrics');
  if (specs.length > 0) {
    const statuses = listAt(object, 'status', 'currentMetrics');
    return firstOf(
      specs.map((spec, index) => metric(spec, statuses[index])),
      2,
      ', ',
    );
  }
  const target = numberAt(object, 'spec', 'targetCPUUtilizationPercentage');
  if (target === undefined) return none;
  const current = numberAt(object, 'status', 'currentCPUUtilizationPercentage');
  return `cpu: ${current === undefined ? unknown : `${current}%`}/${target}%`;
}

const webhooks: Cells = (object, nowMs) => [name(object), listAt(object, 'webhooks').length, age(object, nowMs)];
const nameAndAge: Cells = (object, nowMs) => [name(object), age(object, nowMs)];

const binding: Cells = (object, nowMs) => {
  const subjects = (kind: string): string =>
    listAt(object, 'subjects')
      .filter((each) => stringAt(each, 'kind') === kind)
      .map((each) =>
        kind === 'ServiceAccount' ? `${stringAt(each, 'namespace')}/${stringAt(each, 'name')}` : stringAt(each, 'name'),
      )
      .join(', ');
  const role = `${stringAt(object, 'roleRef', 'kind')}/${stringAt(object, 'roleRef', 'name')}`;
  return [name(object), role, age(object, nowMs), subjects('User'), subjects('Group'), subjects('ServiceAccount')];
};

function signingState(request: ServerObject): string {
  const has = (type: string): boolean => conditionStatus(request, type) !== undefined;
  const states = [has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'];
  if (has('Failed')) states.push('Failed');
  if (stringAt(request, 'status', 'certificate') !== '') states.push('Issued');
  return states.join(',');
}

function claimState(claim: ServerObject): string {
  const deleted = claim.metadata.deletionTimestamp !== undefined;
  const states = deleted ? ['deleted'] : [];
  if (valueAt(claim, 'status', 'allocation') === undefined) {
    if (!deleted) states.push('pending');
  } else {
    states.push('allocated');
    if (listAt(claim, 'status', 'reservedFor').length > 0) states.push('reserved');
  }
  return states.join(',');
}

function apiServiceCells(object: ServerObject, nowMs: number): readonly unknown[] {
  const service = valueAt(object, 'spec', 'service');
  const available = listAt(object, 'status', 'conditions').find((each) => stringAt(each, 'type') === 'Available');
  const status = stringAt(available, 'status');
  return [
    name(object),
    service === undefined ? 'Local' : `${stringAt(service, 'namespace')}/${stringAt(service, 'name')}`,
    available === undefined ? 'Unknown' : status === 'True' ? 'True' : `${status} (${stringAt(available, 'reason')})`,
    age(object, nowMs),
  ];
}

/** Printers of the kinds that govern others: scaling, budgets, roles, admission, scheduling, flow control. */
export const policyCells: Readonly<Record<string, Cells>> = {
  'autoscaling/horizontalpodautoscalers': (object, nowMs) => [
    name(object),
    `${stringAt(object, 'spec', 'scaleTargetRef', 'kind')}/${stringAt(object, 'spec', 'scaleTargetRef', 'name')}`,
    metrics(object),
    intOrString(valueAt(object, 'spec', 'minReplicas'), '<unset>'),
    count(object, 'spec', 'maxReplicas'),
    count(object, 'status', 'currentReplicas'),
    age(object, nowMs),
  ],
  'policy/poddisruptionbudgets': (object, nowMs) => [
    name(object),
    intOrString(valueAt(object, 'spec', 'minAvailable'), 'N/A'),
    intOrString(valueAt(object, 'spec', 'maxUnavailable'), 'N/A'),
    count(object, 'status', 'disruptionsAllowed'),
    age(object, nowMs),
  ],
  'rbac.authorization.k8s.io/rolebindings': binding,
  'rbac.authorization.k8s.io/clusterrolebindings': binding,
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': webhooks,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': webhooks,
  'admissionregistration.k8s.io/validatingadmissionpolicies': (object, nowMs) => {
    const kind = valueAt(object, 'spec', 'paramKind');
    const parameters = kind === undefined ? '<unset>' : `${stringAt(kind, 'apiVersion')}/${stringAt(kind, 'kind')}`;
    return [name(object), listAt(object, 'spec', 'validations').length, parameters, age(object, nowMs)];
  },
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': (object, nowMs) => {
    const reference = valueAt(object, 'spec', 'paramRef');
    const named = stringAt(reference, 'name');
    const bySelector = selector(valueAt(reference, 'selector'), '<unset>');
    const parameters = named === '' ? bySelector : `${stringAt(reference, 'namespace') || '*'}/${named}`;
    return [name(object), stringAt(object, 'spec', 'policyName'), parameters, age(object, nowMs)];
  },
  'apiregistration.k8s.io/apiservices': apiServiceCells,
  'certificates.k8s.io/certificatesigningrequests': (object, nowMs) => {
    const seconds = numberAt(object, 'spec', 'expirationSeconds');
    return [
      name(object),
      age(object, nowMs),
      stringAt(object, 'spec', 'signerName') || none,
      stringAt(object, 'spec', 'username'),
      seconds === undefined ? none : humanDuration(seconds * 1_000),
      signingState(object),
    ];
  },
  'coordination.k8s.io/leases': (object, nowMs) => [
    name(object),
    stringAt(object, 'spec', 'holderIdentity'),
    age(object, nowMs),
  ],
  'node.k8s.io/runtimeclasses': (object, nowMs) => [name(object), stringAt(object, 'handler'), age(object, nowMs)],
  'scheduling.k8s.io/priorityclasses': (object, nowMs) => [
    name(object),
    count(object, 'value'),
    valueAt(object, 'globalDefault') ?? false,
    age(object, nowMs),
    stringAt(object, 'preemptionPolicy'),
  ],
  'resource.k8s.io/deviceclasses': nameAndAge,
  'resource.k8s.io/resourceclaimtemplates': nameAndAge,
  'resource.k8s.io/resourceclaims': (object, nowMs) => [name(object), claimState(object), age(object, nowMs)],
  'resource.k8s.io/resourceslices': (object, nowMs) => [
    name(object),
    stringAt(object, 'spec', 'nodeName'),
    stringAt(object, 'spec', 'driver'),
    stringAt(object, 'spec', 'pool', 'name'),
    age(object, nowMs),
  ],
  'flowcontrol.apiserver.k8s.io/flowschemas': (object, nowMs) => [
    name(object),
    stringAt(object, 'spec', 'priorityLevelConfiguration', 'name'),
    count(object, 'spec', 'matchingPrecedence'),
    stringAt(object, 'spec', 'distinguisherMethod', 'type') || none,
    age(object, nowMs),
    conditionStatus(object, 'Dangling') ?? '?',
  ],
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': (object, nowMs) => {
    const limited = valueAt(object, 'spec', 'limited');
    const queuing = valueAt(limited, 'limitResponse', 'queuing');
    return [
      name(object),
      stringAt(object, 'spec', 'type'),
      limited === undefined ? none : count(limited, 'nominalConcurrencyShares'),
      valueAt(queuing, 'queues') ?? none,
      valueAt(queuing, 'handSize') ?? none,
      valueAt(queuing, 'queueLengthLimit') ?? none,
      age(object, nowMs),
    ];
  },
};
