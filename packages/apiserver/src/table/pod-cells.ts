import { listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { humanDuration } from './duration.ts';
import type { RowCondition } from './table.ts';
import { age, type Cells, conditionStatus, count, name, none } from './text.ts';

/** How far the containers of a pod have come, as the columns Ready, Status and Restarts tell it. */
interface Progress {
  readonly ready: number;
  readonly total: number;
  readonly reason: string;
  readonly restarts: number;
  /** Milliseconds since the epoch; 0: never. */
  readonly lastRestartMs: number;
}

const succeeded: RowCondition = {
  type: 'Completed',
  status: 'True',
  reason: 'Succeeded',
  message: 'The pod has completed successfully.',
};
const failed: RowCondition = { type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' };

/** Finished pods are marked, so that clients can grey them out. */
export function podConditions(pod: ServerObject): readonly RowCondition[] {
  const phase = stringAt(pod, 'status', 'phase');
  return phase === 'Succeeded' ? [succeeded] : phase === 'Failed' ? [failed] : [];
}

/** Printer of pods. */
export const podCells: Cells = (pod, nowMs) => {
  const { ready, total, reason, restarts, lastRestartMs } = progress(pod);
  const gates = listAt(pod, 'spec', 'readinessGates');
  const open = gates.filter((gate) => conditionStatus(pod, stringAt(gate, 'conditionType')) === 'True').length;
  return [
    name(pod),
    `${ready}/${total}`,
    shownReason(pod, reason),
    restarts !== 0 && lastRestartMs !== 0
      ? `${restarts} (${humanDuration(nowMs - lastRestartMs)} ago)`
      : String(restarts),
    age(pod, nowMs),
    stringAt(pod, 'status', 'podIP') || none,
    stringAt(pod, 'spec', 'nodeName') || none,
    stringAt(pod, 'status', 'nominatedNodeName') || none,
    gates.length === 0 ? none : `${open}/${gates.length}`,
  ];
};

function shownReason(pod: ServerObject, reason: string): string {
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  if (stringAt(pod, 'status', 'reason') === 'NodeLost') return 'Unknown';
  return ['Succeeded', 'Failed'].includes(stringAt(pod, 'status', 'phase')) ? reason : 'Terminating';
}

function progress(pod: ServerObject): Progress {
  const sidecars = new Set(
    listAt(pod, 'spec', 'initContainers')
      .filter((each) => stringAt(each, 'restartPolicy') === 'Always')
      .map((each) => stringAt(each, 'name')),
  );
  const gated = listAt(pod, 'status', 'conditions').some(
    (each) => stringAt(each, 'type') === 'PodScheduled' && stringAt(each, 'reason') === 'SchedulingGated',
  );
  const total = listAt(pod, 'spec', 'containers').length + sidecars.size;
  const reason = gated ? 'SchedulingGated' : stringAt(pod, 'status', 'reason') || stringAt(pod, 'status', 'phase');
  const init = initProgress(pod, sidecars);
  if (init.reason !== undefined && conditionStatus(pod, 'Initialized') !== 'True')
    return { ...init, total, reason: init.reason };
  return mainProgress(pod, { ...init.sidecars, ready: init.ready, total, reason });
}

/** Init containers run one after another: the first that is not done is what the pod waits for. Sidecars run on and count as ready. */
function initProgress(
  pod: ServerObject,
  sidecars: ReadonlySet<string>,
): {
  ready: number;
  reason: string | undefined;
  restarts: number;
  lastRestartMs: number;
  sidecars: { restarts: number; lastRestartMs: number };
} {
  const statuses = listAt(pod, 'status', 'initContainerStatuses');
  const found = { ready: 0, restarts: 0, lastRestartMs: 0, sidecars: { restarts: 0, lastRestartMs: 0 } };
  for (const [index, status] of statuses.entries()) {
    addRestarts(found, status);
    const isSidecar = sidecars.has(stringAt(status, 'name'));
    if (isSidecar) addRestarts(found.sidecars, status);
    const terminated = valueAt(status, 'state', 'terminated');
    if (terminated !== undefined && count(terminated, 'exitCode') === 0) continue;
    if (isSidecar && valueAt(status, 'started') === true) {
      if (valueAt(status, 'ready') === true) found.ready += 1;
      continue;
    }
    const waiting = stringAt(status, 'state', 'waiting', 'reason');
    if (terminated !== undefined) return { ...found, reason: `Init:${exitReason(terminated)}` };
    if (waiting !== '' && waiting !== 'PodInitializing') return { ...found, reason: `Init:${waiting}` };
    return { ...found, reason: `Init:${index}/${listAt(pod, 'spec', 'initContainers').length}` };
  }
  return { ...found, reason: undefined };
}

function mainProgress(pod: ServerObject, start: Progress): Progress {
  const result = { ...start };
  let running = false;
  for (const status of listAt(pod, 'status', 'containerStatuses').toReversed()) {
    addRestarts(result, status);
    const waiting = stringAt(status, 'state', 'waiting', 'reason');
    const terminated = valueAt(status, 'state', 'terminated');
    if (waiting !== '') result.reason = waiting;
    else if (terminated !== undefined) result.reason = exitReason(terminated);
    else if (valueAt(status, 'ready') === true && valueAt(status, 'state', 'running') !== undefined) {
      running = true;
      result.ready += 1;
    }
  }
  if (result.reason === 'Completed' && running)
    result.reason = conditionStatus(pod, 'Ready') === 'True' ? 'Running' : 'NotReady';
  return result;
}

function exitReason(terminated: unknown): string {
  const reason = stringAt(terminated, 'reason');
  if (reason !== '') return reason;
  const signal = numberAt(terminated, 'signal') ?? 0;
  return signal === 0 ? `ExitCode:${count(terminated, 'exitCode')}` : `Signal:${signal}`;
}

function addRestarts(sum: { restarts: number; lastRestartMs: number }, status: unknown): void {
  sum.restarts += count(status, 'restartCount');
  const finished = stringAt(status, 'lastState', 'terminated', 'finishedAt');
  if (finished !== '') sum.lastRestartMs = Math.max(sum.lastRestartMs, Date.parse(finished));
}
