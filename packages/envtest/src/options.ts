import type { Logger } from '@bowline/apimachinery';
import type { KubeConfigLike } from '@bowline/client';

/** What serves the API. */
export type ControlPlaneKind = 'embedded' | 'binaries' | 'existing';

/** What runs beside the test: a `Manager`, or anything that runs until its signal aborts. */
export interface Operator {
  run(signal: AbortSignal): Promise<void>;
  /** Who still has work to do, one line each. Without it the environment cannot know when the operator has come to rest. */
  busy?(): readonly string[];
}

/** Makes an operator for a cluster: the function that production code calls too. */
export type OperatorFactory = (kubeConfig: KubeConfigLike) => Operator;

/** A CustomResourceDefinition: what `defineCrd` gives, or a manifest. */
export type CrdSource =
  | { manifest(): object }
  | { readonly kind: 'CustomResourceDefinition'; readonly metadata: { readonly name: string } };

/** Settings of `startEnv`. */
export interface EnvOptions {
  /**
   * `embedded`: the API server in this process. `binaries`: real etcd and kube-apiserver, from `assets`. `existing`: the cluster of the
   * kubeconfig. @default `BOWLINE_CONTROL_PLANE`; without it `existing` when `USE_EXISTING_CLUSTER` is `true`, else `embedded`
   */
  readonly controlPlane?: ControlPlaneKind | undefined;
  /** Installed and established before the operators start. */
  readonly crds?: readonly CrdSource[] | undefined;
  /** Started in this order, stopped in reverse. */
  readonly run?: readonly OperatorFactory[] | undefined;
  /**
   * `virtual`: time stands still except in `settled` and `advance`, so that no test waits; embedded only.
   * @default 'virtual' on the embedded server, 'real' elsewhere
   */
  readonly clock?: 'virtual' | 'real' | undefined;
  /** Seed of all randomness (uids, name suffixes, jitter) on the embedded server. The same seed repeats a run exactly. @default 1 */
  readonly seed?: number | undefined;
  /** Garbage collection, namespace deletion and workloads. @default true on the embedded server, false with binaries */
  readonly controllers?: boolean | undefined;
  /** Folder with the binaries. @default `KUBEBUILDER_ASSETS` */
  readonly assets?: string | undefined;
  /** The kubeconfig file of `existing`. @default `KUBECONFIG`, then `~/.kube/config` */
  readonly kubeconfigPath?: string | undefined;
  /** The context of that file. @default its current context */
  readonly context?: string | undefined;
  /** Wall time at the start on virtual time, in milliseconds since the epoch. @default 2026-01-01T00:00:00Z */
  readonly startMs?: number | undefined;
  /** @default silent */
  readonly logger?: Logger | undefined;
}

/** `EnvOptions` with every default filled in. */
export interface ResolvedEnvOptions {
  readonly controlPlane: ControlPlaneKind;
  readonly crds: readonly CrdSource[];
  readonly run: readonly OperatorFactory[];
  readonly clock: 'virtual' | 'real';
  readonly seed: number;
  readonly controllers: boolean;
  readonly startMs: number;
}

const controlPlanes: readonly string[] = ['embedded', 'binaries', 'existing'] satisfies ControlPlaneKind[];

/** Fills in the defaults. @throws {TypeError} {RangeError} for values that no environment can have. */
export function resolveEnvOptions(options: EnvOptions, env: NodeJS.ProcessEnv = process.env): ResolvedEnvOptions {
  const fallback = env.BOWLINE_CONTROL_PLANE ?? (env.USE_EXISTING_CLUSTER === 'true' ? 'existing' : 'embedded');
  const controlPlane: string = options.controlPlane ?? fallback;
  if (!isControlPlane(controlPlane)) {
    throw new TypeError(
      `Cannot start environment: controlPlane must be one of ${controlPlanes.join(', ')}, got "${controlPlane}"`,
    );
  }
  const embedded = controlPlane === 'embedded';
  const {
    crds = [],
    run = [],
    clock = embedded ? 'virtual' : 'real',
    seed = 1,
    controllers = embedded,
    startMs = Date.UTC(2026, 0, 1),
  } = options;
  if (clock !== 'virtual' && clock !== 'real')
    throw new TypeError(`Cannot start environment: clock must be "virtual" or "real", got "${String(clock)}"`);
  if (clock === 'virtual' && !embedded) {
    throw new TypeError(
      `Cannot start environment: clock must be "real" with controlPlane "${controlPlane}", got "virtual"`,
    );
  }
  if (!Number.isInteger(seed)) throw new RangeError(`Cannot start environment: seed must be an integer, got ${seed}`);
  if (!Number.isFinite(startMs))
    throw new RangeError(`Cannot start environment: startMs must be finite, got ${startMs}`);
  return { controlPlane, crds, run, clock, seed, controllers, startMs };
}

function isControlPlane(text: string): text is ControlPlaneKind {
  return controlPlanes.includes(text);
}
