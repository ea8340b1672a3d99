import { listAt, numberAt, stringAt, valueAt } from '../object.ts';
import { humanDuration, since } from './duration.ts';
import { age, type Cells, conditionStatus, containers, count, labels, name, none, selector } from './text.ts';

/** First condition that is true wins; the name shown is not always the condition's. */
const jobStates: readonly (readonly [condition: string, shown: string])[] = [
  ['Complete', 'Complete'],
  ['Failed', 'Failed'],
];
const jobStatesWhileAlive: readonly (readonly [condition: string, shown: string])[] = [
  ['Suspended', 'Suspended'],
  ['FailureTarget', 'FailureTarget'],
  ['SuccessCriteriaMet', 'SuccessCriteriaMet'],
];

const replicaSetCells: Cells = (object, nowMs) => [
  name(object),
  count(object, 'spec', 'replicas'),
  count(object, 'status', 'replicas'),
  count(object, 'status', 'readyReplicas'),
  age(object, nowMs),
  ...containers(valueAt(object, 'spec', 'template', 'spec')),
];

/** Printers of the groups `apps` and `batch`, and of what is built like them. */
export const workloadCells: Readonly<Record<string, Cells>> = {
  'apps/deployments': (object, nowMs) => [
    name(object),
    `${count(object, 'status', 'readyReplicas')}/${count(object, 'spec', 'replicas')}`,
    count(object, 'status', 'updatedReplicas'),
    count(object, 'status', 'availableReplicas'),
    age(object, nowMs),
    ...containers(valueAt(object, 'spec', 'template', 'spec')),
    selector(valueAt(object, 'spec', 'selector'), ''),
  ],
  'apps/replicasets': (object, nowMs) => [
    ...replicaSetCells(object, nowMs),
    selector(valueAt(object, 'spec', 'selector')),
  ],
  '/replicationcontrollers': (object, nowMs) => [
    ...replicaSetCells(object, nowMs),
    labels(valueAt(object, 'spec', 'selector')),
  ],
  'apps/statefulsets': (object, nowMs) => [
    name(object),
    `${count(object, 'status', 'readyReplicas')}/${count(object, 'spec', 'replicas')}`,
    age(object, nowMs),
    ...containers(valueAt(object, 'spec', 'template', 'spec')),
  ],
  'apps/daemonsets': (object, nowMs) => [
    name(object),
    count(object, 'status', 'desiredNumberScheduled'),
    count(object, 'status', 'currentNumberScheduled'),
    count(object, 'status', 'numberReady'),
    count(object, 'status', 'updatedNumberScheduled'),
    count(object, 'status', 'numberAvailable'),
    labels(valueAt(object, 'spec', 'template', 'spec', 'nodeSelector')),
    age(object, nowMs),
    ...containers(valueAt(object, 'spec', 'template', 'spec')),
    selector(valueAt(object, 'spec', 'selector')),
  ],
  'apps/controllerrevisions': (object, nowMs) => {
    const owner = listAt(object, 'metadata', 'ownerReferences').find((each) => valueAt(each, 'controller') === true);
    const [group] = stringAt(owner, 'apiVersion').split('/').slice(0, -1);
    const kind = `${stringAt(owner, 'kind').toLowerCase()}${group === undefined ? '' : `.${group}`}`;
    return [
      name(object),
      owner === undefined ? none : `${kind}/${stringAt(owner, 'name')}`,
      count(object, 'revision'),
      age(object, nowMs),
    ];
  },
  'batch/jobs': (object, nowMs) => {
    const succeeded = count(object, 'status', 'succeeded');
    const completions = numberAt(object, 'spec', 'completions');
    const parallelism = count(object, 'spec', 'parallelism');
    const started = stringAt(object, 'status', 'startTime');
    const ended = stringAt(object, 'status', 'completionTime');
    const holds = ([condition]: readonly [string, string]): boolean => conditionStatus(object, condition) === 'True';
    const state =
      jobStates.find(holds)?.[1] ??
      (object.metadata.deletionTimestamp === undefined
        ? (jobStatesWhileAlive.find(holds)?.[1] ?? 'Running')
        : 'Terminating');
    return [
      name(object),
      state,
      completions === undefined
        ? `${succeeded}/1${parallelism > 1 ? ` of ${parallelism}` : ''}`
        : `${succeeded}/${completions}`,
      started === '' ? '' : humanDuration((ended === '' ? nowMs : Date.parse(ended)) - Date.parse(started)),
      age(object, nowMs),
      ...containers(valueAt(object, 'spec', 'template', 'spec')),
      selector(valueAt(object, 'spec', 'selector')),
    ];
  },
  'batch/cronjobs': (object, nowMs) => {
    const suspend = valueAt(object, 'spec', 'suspend');
    const lastScheduled = stringAt(object, 'status', 'lastScheduleTime');
    return [
      name(object),
      stringAt(object, 'spec', 'schedule'),
      valueAt(object, 'spec', 'timeZone') ?? none,
      suspend === undefined ? '<unset>' : suspend === true ? 'True' : 'False',
      listAt(object, 'status', 'active').length,
      lastScheduled === '' ? none : since(lastScheduled, nowMs),
      age(object, nowMs),
      ...containers(valueAt(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec')),
      selector(valueAt(object, 'spec', 'jobTemplate', 'spec', 'selector')),
    ];
  },
  '/podtemplates': (object) => [
    name(object),
    ...containers(valueAt(object, 'template', 'spec')),
    labels(valueAt(object, 'template', 'metadata', 'labels')),
  ],
};
