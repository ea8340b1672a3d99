import { formatTime } from '@bowline/apimachinery';
import { type JsonObject, listAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import {
  type ControlledChange,
  type ControlledResource,
  type ControllerPorts,
  objectPath,
  pathOf,
  write,
} from './ports.ts';
import { WorkLoop } from './work-loop.ts';

/** The one node that the simulation has. */
const simulatedNode = 'simulated-node';
const nodeIp = '192.0.2.10';

/** Scheduler and kubelet of the simulated node: pods are bound to it, run and are ready at once, and go at once when they are deleted. */
export class SimulatedKubelet {
  readonly #ports: ControllerPorts;
  readonly #loop: WorkLoop;
  #addresses = 0;

  constructor(ports: ControllerPorts) {
    this.#ports = ports;
    this.#loop = new WorkLoop('simulated kubelet', ports, (key) => this.#sync(key));
  }

  busy(): readonly string[] {
    return this.#loop.busy();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  observe({ type, resource, object }: ControlledChange): void {
    if (type === 'deleted' || resource.group !== '' || resource.resource !== 'pods') return;
    this.#loop.add(`${object.metadata.namespace}/${object.metadata.name}`);
  }

  /** Registers the node, once. */
  async register(): Promise<void> {
    const nodes = this.#ports.resourceOf('', 'Node');
    if (nodes === undefined || this.#ports.get(nodes, '', simulatedNode) !== undefined) return;
    const time = formatTime(this.#ports.clock.now());
    const condition = (type: string, status: string, reason: string, message: string): JsonObject => ({
      type,
      status,
      lastHeartbeatTime: time,
      lastTransitionTime: time,
      reason,
      message,
    });
    const capacity = { cpu: '64', memory: '256Gi', pods: '10000', 'ephemeral-storage': '1Ti' };
    const body = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: simulatedNode,
        labels: { 'kubernetes.io/hostname': simulatedNode, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
      },
      status: {
        capacity,
        allocatable: capacity,
        addresses: [
          { type: 'InternalIP', address: nodeIp },
          { type: 'Hostname', address: simulatedNode },
        ],
        conditions: [
          condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
          condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
          condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
          condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
        ],
        nodeInfo: {
          kubeletVersion: 'v1.35.4',
          kubeProxyVersion: '',
          osImage: 'simulated',
          kernelVersion: '0',
          containerRuntimeVersion: 'simulated://0',
          operatingSystem: 'linux',
          architecture: 'amd64',
          bootID: '',
          machineID: '',
          systemUUID: '',
        },
      },
    };
    await write(this.#ports, { method: 'POST', path: objectPath(nodes, '', ''), body, fieldManager: 'kubelet' });
  }

  async #sync(key: string): Promise<void> {
    const resource = this.#ports.resourceOf('', 'Pod');
    const [namespace = '', name = ''] = key.split('/');
    const pod = resource && this.#ports.get(resource, namespace, name);
    if (resource === undefined || pod === undefined) return;
    const node = stringAt(pod, 'spec', 'nodeName');
    if (node === '') {
      if (pod.metadata.deletionTimestamp === undefined && listAt(pod, 'spec', 'schedulingGates').length === 0)
        await this.#bind(resource, pod);
    } else if (node !== simulatedNode) return;
    else if (pod.metadata.deletionTimestamp !== undefined) await this.#remove(resource, pod);
    else if (stringAt(pod, 'status', 'phase') === 'Pending') await this.#run(resource, pod);
  }

  async #bind(resource: ControlledResource, pod: ServerObject): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    const target = { apiVersion: 'v1', kind: 'Node', name: simulatedNode };
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target };
    await write(this.#ports, {
      method: 'POST',
      path: pathOf(resource, pod, 'binding'),
      body,
      fieldManager: 'kube-scheduler',
    });
  }

  async #remove(resource: ControlledResource, pod: ServerObject): Promise<void> {
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      gracePeriodSeconds: 0,
      preconditions: { uid: pod.metadata.uid },
    };
    await write(this.#ports, { method: 'DELETE', path: pathOf(resource, pod), body, fieldManager: 'kubelet' });
  }

  async #run(resource: ControlledResource, pod: ServerObject): Promise<void> {
    const time = formatTime(this.#ports.clock.now());
    this.#addresses += 1;
    const podIP = `10.244.${(this.#addresses >> 8) & 255}.${this.#addresses & 255}`;
    const kept = listAt(pod, 'status', 'conditions').filter(
      (condition) => stringAt(condition, 'type') === 'PodScheduled',
    );
    const conditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady'].map((type) => ({
      type,
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: time,
    }));
    const running = (container: unknown): JsonObject => ({
      name: stringAt(container, 'name'),
      image: stringAt(container, 'image'),
      imageID: `simulated://${stringAt(container, 'image')}`,
      containerID: `simulated://${pod.metadata.uid}/${stringAt(container, 'name')}`,
      ready: true,
      started: true,
      restartCount: 0,
      lastState: {},
      state: { running: { startedAt: time } },
    });
    const finished = (container: unknown): JsonObject => ({
      ...running(container),
      started: false,
      state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: time, finishedAt: time, containerID: '' } },
    });
    const isSidecar = (container: unknown): boolean => valueAt(container, 'restartPolicy') === 'Always';
    const initContainers = listAt(pod, 'spec', 'initContainers');
    const status = {
      ...(pod.status as JsonObject),
      phase: 'Running',
      conditions: [...conditions, ...kept],
      hostIP: nodeIp,
      hostIPs: [{ ip: nodeIp }],
      podIP,
      podIPs: [{ ip: podIP }],
      startTime: time,
      ...(initContainers.length > 0
        ? { initContainerStatuses: initContainers.map((each) => (isSidecar(each) ? running(each) : finished(each))) }
        : {}),
      containerStatuses: listAt(pod, 'spec', 'containers').map(running),
    };
    await write(this.#ports, {
      method: 'PUT',
      path: pathOf(resource, pod, 'status'),
      body: { ...pod, status },
      fieldManager: 'kubelet',
    });
  }
}
