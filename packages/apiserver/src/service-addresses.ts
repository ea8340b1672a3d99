import { formatTime } from '@bowline/apimachinery';
import { parseIp } from './builtins/ip-address.ts';
import type { Services } from './call.ts';
import type { Hooks } from './endpoint.ts';
import { listAt, type ServerObject, stringAt, valueAt } from './object.ts';

const resource = 'ipaddresses.networking.k8s.io';
const labels = (family: string): Record<string, string> => ({
  'ipaddress.kubernetes.io/ip-family': family,
  'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
});
const ownedFields = {
  'f:metadata': {
    'f:labels': {
      '.': {},
      'f:ipaddress.kubernetes.io/ip-family': {},
      'f:ipaddress.kubernetes.io/managed-by': {},
    },
  },
  'f:spec': { 'f:parentRef': { '.': {}, 'f:name': {}, 'f:namespace': {}, 'f:resource': {} } },
};

/**
 * Keeps one IPAddress for each cluster IP of each service.
 *
 * @see k8s.io/kubernetes pkg/registry/core/service/ipallocator `createIPAddress`
 */
export function serviceAddresses({ clock, random, store }: Pick<Services, 'clock' | 'random' | 'store'>): Hooks {
  const addresses = store.collection(resource);
  const give = ({ metadata: { namespace = '', name = '' } }: ServerObject, address: string): void => {
    if (addresses.get(address) !== undefined) return;
    const time = formatTime(clock.now());
    const apiVersion = 'networking.k8s.io/v1';
    addresses.put(address, {
      kind: 'IPAddress',
      apiVersion,
      metadata: {
        name: address,
        uid: random.uuid(),
        resourceVersion: '',
        creationTimestamp: time,
        labels: labels(parseIp(address)?.family ?? ''),
        managedFields: [
          {
            manager: 'kube-apiserver',
            operation: 'Update',
            apiVersion,
            time,
            fieldsType: 'FieldsV1',
            fieldsV1: ownedFields,
          },
        ],
      },
      spec: { parentRef: { resource: 'services', namespace, name } },
    });
  };
  const take = ({ metadata: { namespace, name } }: ServerObject, address: string): void => {
    const parent = valueAt(addresses.get(address)?.object, 'spec', 'parentRef');
    const own = stringAt(parent, 'namespace') === namespace && stringAt(parent, 'name') === name;
    if (own && stringAt(parent, 'resource') === 'services') addresses.delete(address);
  };
  return {
    created: ({ object }) => {
      for (const address of addressesOf(object)) give(object, address);
    },
    updated: ({ object }, { object: old }) => {
      const [now, before] = [addressesOf(object), addressesOf(old)];
      for (const address of before) if (!now.includes(address)) take(old, address);
      for (const address of now) if (!before.includes(address)) give(object, address);
    },
    deleted: ({ object }) => {
      for (const address of addressesOf(object)) take(object, address);
    },
  };
}

/** The cluster IPs of a service; none of one that is headless or has another name. */
function addressesOf({ spec }: ServerObject): readonly string[] {
  return listAt(spec, 'clusterIPs').filter((one): one is string => typeof one === 'string' && one !== 'None');
}
