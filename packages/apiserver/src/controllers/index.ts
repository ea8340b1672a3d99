import { DeploymentController } from './deployments.ts';
import { GarbageCollector } from './garbage-collector.ts';
import { SimulatedKubelet } from './kubelet.ts';
import { NamespaceController } from './namespaces.ts';
import type { ControlledChange, ControllerPorts } from './ports.ts';
import { ReplicaSetController } from './replica-sets.ts';

export type { ControllerPorts } from './ports.ts';

/** Which controllers run beside the server. */
export interface ControllerSwitches {
  /** Deletes what has lost its owners. @default true */
  readonly garbageCollection?: boolean | undefined;
  /** Empties namespaces that are being deleted; without it they stay. @default true */
  readonly namespaces?: boolean | undefined;
  /** Deployments make ReplicaSets, those make Pods, and the pods run on a simulated node. @default true */
  readonly workloads?: boolean | undefined;
}

/** One controller. */
interface Controller {
  observe(change: ControlledChange): void;
  busy(): readonly string[];
  stop(): Promise<void>;
}

/** Controllers that run. */
export interface RunningControllers {
  /** Who still has work to do, one line each. */
  busy(): readonly string[];
  stop(): Promise<void>;
}

/** Starts the controllers that are switched on. */
export function startControllers(ports: ControllerPorts, switches: ControllerSwitches): RunningControllers {
  const { garbageCollection = true, namespaces = true, workloads = true } = switches;
  const kubelet = new SimulatedKubelet(ports);
  if (workloads) kubelet.register();
  const controllers: readonly Controller[] = [
    ...(workloads ? [new DeploymentController(ports), new ReplicaSetController(ports), kubelet] : []),
    ...(garbageCollection ? [new GarbageCollector(ports)] : []),
    ...(namespaces ? [new NamespaceController(ports)] : []),
  ];
  const unwatch = ports.watch((change) => {
    for (const controller of controllers) controller.observe(change);
  });
  return {
    busy: () => controllers.flatMap((controller) => controller.busy()),
    async stop() {
      unwatch();
      for (const controller of controllers) await controller.stop();
    },
  };
}
