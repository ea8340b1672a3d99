import { isObject, listAt, type ServerObject, valueAt } from '../object.ts';

/**
 * The quality of service of a pod: `Guaranteed` when every container has limits for CPU and memory and requests no less,
 * `BestEffort` when none asks for any, `Burstable` otherwise.
 *
 * @see k8s.io/kubernetes pkg/apis/core/helper/qos/qos.go
 */
export function podQosClass(pod: ServerObject): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const podLevel = valueAt(pod, 'spec', 'resources');
  const holders = isObject(podLevel)
    ? [podLevel]
    : [...listAt(pod, 'spec', 'containers'), ...listAt(pod, 'spec', 'initContainers')].map((container) =>
        valueAt(container, 'resources'),
      );
  let asked = false;
  let guaranteed = holders.length > 0;
  for (const resources of holders) {
    const requests = amounts(valueAt(resources, 'requests'));
    const limits = amounts(valueAt(resources, 'limits'));
    if (requests.size > 0 || limits.size > 0) asked = true;
    for (const name of ['cpu', 'memory']) {
      const limit = limits.get(name);
      const request = requests.get(name) ?? limit;
      if (limit === undefined || request !== limit) guaranteed = false;
    }
  }
  if (!asked) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/** The amounts of CPU and memory that are not zero, in their canonical form. */
function amounts(list: unknown): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of ['cpu', 'memory']) {
    const amount = valueAt(list, name);
    if (typeof amount === 'string' && amount !== '0') found.set(name, amount);
  }
  return found;
}
