import { formatTime } from '@bowline/apimachinery';
import { type JsonObject, listAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { type ControlledChange, type ControlledResource, type ControllerPorts, pathOf, write } from './ports.ts';
import { simulatedNode, simulatedNodeIp, simulatedNodeName } from './simulated-node.ts';
import { WorkLoop } from './work-loop.ts';

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
  register(): void {
    const nodes = this.#ports.resourceOf('', 'Node');
    if (nodes === undefined || this.#ports.get(nodes, '', simulatedNodeName) !== undefined) return;
    this.#ports.store(nodes, simulatedNode(formatTime(this.#ports.clock.now())));
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
    } else if (node !== simulatedNodeName) return;
    else if (pod.metadata.deletionTimestamp !== undefined) await this.#remove(resource, pod);
    else if (stringAt(pod, 'status', 'phase') === 'Pending') await this.#run(resource, pod);
  }

  async #bind(resource: ControlledResource, pod: ServerObject): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    const target = { apiVersion: 'v1', kind: 'Node', name: simulatedNodeName };
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
      hostIP: simulatedNodeIp,
      hostIPs: [{ ip: simulatedNodeIp }],
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
