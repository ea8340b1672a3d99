import type { ServerObject } from '../object.ts';

/** The one node that the simulation has. */
export const simulatedNodeName = 'simulated-node';
export const simulatedNodeIp = '192.0.2.10';

/**
 * The node as it is stored once its kubelet has registered it and the node controller, as it is ready, has taken away the taint of new
 * nodes. Registering it by a request would cost the start of every server what the first
 * write of a kind costs.
 */
export function simulatedNode(time: string): ServerObject {
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    lastHeartbeatTime: time,
    lastTransitionTime: time,
    reason,
    message,
  });
  const capacity = { cpu: '64', 'ephemeral-storage': '1Ti', memory: '256Gi', pods: '10k' };
  const labels = {
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': simulatedNodeName,
    'kubernetes.io/os': 'linux',
  };
  const ownedLabels = Object.keys(labels).map((label) => [`f:${label}`, {}]);
  return {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: {
      name: simulatedNodeName,
      uid: '',
      resourceVersion: '',
      creationTimestamp: time,
      labels,
      managedFields: [
        {
          manager: 'kubelet',
          operation: 'Update',
          apiVersion: 'v1',
          time,
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, ...Object.fromEntries(ownedLabels) } } },
        },
      ],
    },
    spec: {},
    status: {
      capacity,
      allocatable: { ...capacity },
      conditions: [
        condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
        condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
        condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
        condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
      ],
      addresses: [
        { type: 'InternalIP', address: simulatedNodeIp },
        { type: 'Hostname', address: simulatedNodeName },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
      nodeInfo: {
        machineID: '',
        systemUUID: '',
        bootID: '',
        kernelVersion: '0',
        osImage: 'simulated',
        containerRuntimeVersion: 'simulated://0',
        kubeletVersion: 'v1.35.4',
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
    },
  };
}
