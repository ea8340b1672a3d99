import { clone } from '@bowline/apimachinery';
import { quote } from '../go-format.ts';
import { type JsonObject, listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { type AdmissionPlugin, type AdmissionRequest, type ClusterView, notAdmitted } from './admission-plugin.ts';
import { amountOf } from './amount.ts';
import { part } from './fill.ts';
import { has, objectAt, same, textMapAt } from './validate-fields.ts';

const pods = ['pods'];
const priorityClassResource = 'priorityclasses.scheduling.k8s.io';
const defaultTolerationSeconds = 300;

/** Lets pods stay for a while on nodes that are in trouble. @see k8s.io/kubernetes plugin/pkg/admission/defaulttolerationseconds */
export const podTolerations: AdmissionPlugin = {
  resources: pods,
  mutate({ object }) {
    const spec = part(object, 'spec');
    const tolerations = [...listAt(spec, 'tolerations')];
    const given = [...tolerations];
    for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
      const tolerates = given.some(
        (one) => [key, ''].includes(stringAt(one, 'key')) && ['NoExecute', ''].includes(stringAt(one, 'effect')),
      );
      if (tolerates) continue;
      tolerations.push({
        key,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: defaultTolerationSeconds,
      });
    }
    if (tolerations.length > 0) spec.tolerations = tolerations;
  },
};

/** The class that is the default for all; the lowest when there are several. */
function defaultPriorityClass(cluster: ClusterView): ServerObject | undefined {
  const value = (one: ServerObject): number => numberAt(one, 'value') ?? 0;
  return cluster
    .objects(priorityClassResource)
    .filter((one) => one.globalDefault === true)
    .reduce<ServerObject | undefined>(
      (low, one) => (low === undefined || value(one) < value(low) ? one : low),
      undefined,
    );
}

/** Gives pods the priority of their class. @see k8s.io/kubernetes plugin/pkg/admission/priority */
export const priority: AdmissionPlugin = {
  resources: pods,
  mutate(request, cluster) {
    const spec = part(request.object, 'spec');
    if (request.operation === 'update') {
      for (const field of ['priority', 'preemptionPolicy']) {
        if (!has(spec, field) && has(request.live, 'spec', field)) spec[field] = valueAt(request.live, 'spec', field);
      }
      return;
    }
    const name = stringAt(spec, 'priorityClassName');
    const chosen = name === '' ? defaultPriorityClass(cluster) : cluster.object(priorityClassResource, '', name);
    if (chosen === undefined && name !== '') {
      throw notAdmitted(request, `no PriorityClass with name ${name} was found`);
    }
    if (chosen !== undefined) spec.priorityClassName = chosen.metadata.name;
    const value = numberAt(chosen, 'value') ?? 0;
    const given = numberAt(spec, 'priority');
    if (given !== undefined && given !== value) {
      const why = `the integer value of priority (${given}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
      throw notAdmitted(request, why);
    }
    spec.priority = value;
    const policy = chosen === undefined ? 'PreemptLowerPriority' : stringAt(chosen, 'preemptionPolicy');
    if (policy === '') return;
    const givenPolicy = stringAt(spec, 'preemptionPolicy');
    if (givenPolicy !== '' && givenPolicy !== policy) {
      const why = `the string value of PreemptionPolicy (${givenPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`;
      throw notAdmitted(request, why);
    }
    spec.preemptionPolicy = policy;
  },
};

/** Only one priority class is the default. */
export const priorityClasses: AdmissionPlugin = {
  resources: [priorityClassResource],
  validate(request, cluster) {
    const { object, operation } = request;
    if (object.globalDefault !== true) return;
    const present = defaultPriorityClass(cluster)?.metadata.name;
    if (present === undefined || (operation === 'update' && present === object.metadata.name)) return;
    const why = `PriorityClass ${present} is already marked as default. Only one default can exist`;
    throw notAdmitted(request, why);
  },
};

function runtimeClassOf(request: AdmissionRequest, cluster: ClusterView): ServerObject | undefined {
  const name = valueAt(request.object, 'spec', 'runtimeClassName');
  if (typeof name !== 'string') return undefined;
  const found = cluster.object('runtimeclasses.node.k8s.io', '', name);
  if (found === undefined) throw notAdmitted(request, `pod rejected: RuntimeClass ${quote(name)} not found`);
  return found;
}

const otherOverhead = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

function sameAmounts(a: unknown, b: unknown): boolean {
  const [left, right] = [textMapAt({ a }, 'a'), textMapAt({ b }, 'b')];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every(
    (name) => has(left, name) && has(right, name) && amountOf(left[name]) === amountOf(right[name]),
  );
}

/** Gives pods what their runtime class costs and where it runs. @see k8s.io/kubernetes plugin/pkg/admission/runtimeclass */
export const runtimeClass: AdmissionPlugin = {
  resources: pods,
  mutate(request, cluster) {
    if (request.operation !== 'create') return;
    const chosen = runtimeClassOf(request, cluster);
    const spec = part(request.object, 'spec');
    const overhead = objectAt(chosen, 'overhead');
    if (overhead !== undefined) {
      const own = textMapAt(spec, 'overhead');
      if (Object.keys(own).length > 0 && !sameAmounts(overhead.podFixed, own))
        throw notAdmitted(request, otherOverhead);
      if (has(overhead, 'podFixed')) spec.overhead = clone(overhead.podFixed);
      else delete spec.overhead;
    }
    const scheduling = objectAt(chosen, 'scheduling');
    if (scheduling !== undefined) schedule(request, spec, scheduling);
  },
  validate(request, cluster) {
    if (request.operation !== 'create') return;
    const overhead = objectAt(runtimeClassOf(request, cluster), 'overhead');
    const own = valueAt(request.object, 'spec', 'overhead');
    if (overhead !== undefined) {
      if (!sameAmounts(overhead.podFixed, own)) throw notAdmitted(request, otherOverhead);
    } else if (own !== undefined && own !== null) {
      throw notAdmitted(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
    }
  },
};

function schedule(request: AdmissionRequest, spec: JsonObject, scheduling: JsonObject): void {
  const own = textMapAt(spec, 'nodeSelector');
  const wanted = textMapAt(scheduling, 'nodeSelector');
  for (const [key, value] of Object.entries(wanted)) {
    if (own[key] === undefined || own[key] === value) continue;
    const why = `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own[key]}`;
    throw notAdmitted(request, why);
  }
  if (Object.keys(wanted).length > 0) spec.nodeSelector = { ...own, ...wanted };
  const tolerations = [...listAt(spec, 'tolerations')];
  for (const toleration of listAt(scheduling, 'tolerations')) {
    if (!tolerations.some((one) => same(one, toleration))) tolerations.push(clone(toleration));
  }
  if (tolerations.length > 0) spec.tolerations = tolerations;
}
