import { type Logger, silentLogger, systemClock } from '@bowline/apimachinery';
import {
  checkOptions,
  checkValue,
  listOf,
  type OptionRules,
  oneOf,
  rules,
  type ValueRule,
  valueRule,
  withMethods,
} from '@bowline/apimachinery/arguments';
import type { KubeConfigLike } from '@bowline/client';

/** What serves the API. */
export type ControlPlaneKind = 'embedded' | 'binaries' | 'existing';

/** What runs beside the test: a `Manager`, or anything that runs until its signal aborts. */
export interface Operator {
  run(signal: AbortSignal): Promise<void>;
  /** Who still has work to do, one line each. Without it the environment cannot know when the operator has come to rest. */
  busy?(): readonly string[];
}

/**
 * Makes an operator for a cluster: the function that production code calls too.
 *
 * Not asynchronous: on virtual time nobody can tell how long to wait for it, and whatever else waits would run ahead meanwhile. What takes
 * time belongs in the operator's `run`, or before `startEnv`.
 */
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
  /** Of the server, of the processes that make it, of the client, and of each manager that takes the environment's `kubeConfig`. @default silent */
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
  readonly logger: Logger;
}

const action = 'start environment';
const controlPlane: ValueRule = oneOf('embedded', 'binaries', 'existing');
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isObject = (value: unknown): value is object => rules.object.problem(value) === undefined;

const manifest: ValueRule = valueRule(
  'a CustomResourceDefinition with a name',
  (value): value is object =>
    isObject(value) &&
    Reflect.get(value, 'kind') === 'CustomResourceDefinition' &&
    isNamed(Reflect.get(value, 'metadata')),
);
/** By form: kinds of a second installed copy of the package are kinds too. */
const crd: ValueRule = valueRule(
  'a custom resource (made by defineCrd) or a CustomResourceDefinition with a name',
  (value): value is object => (isObject(value) && hasManifest(value)) || manifest.problem(value) === undefined,
);
const operator: ValueRule = withMethods('an operator', 'run');
const promise: ValueRule = withMethods('a promise', 'then');

const known: OptionRules<EnvOptions> = {
  controlPlane,
  crds: listOf(crd),
  run: listOf(rules.function),
  clock: oneOf('virtual', 'real'),
  seed: valueRule('a whole number', isNumber, Number.isSafeInteger),
  controllers: rules.boolean,
  assets: rules.nonEmptyString,
  kubeconfigPath: rules.nonEmptyString,
  context: rules.nonEmptyString,
  startMs: valueRule('a finite number', isNumber, Number.isFinite),
  logger: rules.logger,
};

/** Fills in the defaults. @throws {TypeError} {RangeError} for values that no environment can have. */
export function resolveEnvOptions(options: EnvOptions, env: NodeJS.ProcessEnv = process.env): ResolvedEnvOptions {
  checkOptions<EnvOptions>(action, options, known);
  const controlPlane = options.controlPlane ?? controlPlaneOf(env);
  const embedded = controlPlane === 'embedded';
  const {
    crds = [],
    run = [],
    clock = embedded ? 'virtual' : 'real',
    seed = 1,
    controllers = embedded,
    startMs = Date.UTC(2026, 0, 1),
    logger = silentLogger,
  } = options;
  if (clock === 'virtual' && !embedded) {
    throw new TypeError(`Cannot ${action}: clock must be "real" with controlPlane "${controlPlane}", got "virtual"`);
  }
  return { controlPlane, crds, run, clock, seed, controllers, startMs, logger };
}

/** The manifests of `crds`. @throws {TypeError} when a `manifest()` gives something else. */
export async function manifestsOf(crds: readonly CrdSource[]): Promise<object[]> {
  const manifests: object[] = [];
  for (const [index, source] of crds.entries()) {
    const made: unknown = 'manifest' in source ? source.manifest() : source;
    await checkMade(`what crds[${index}].manifest() returns`, made, manifest);
    manifests.push(made as object);
  }
  return manifests;
}

/** Makes the operator `run[index]`. @throws {TypeError} when the function returns none. */
export async function makeOperator(
  make: OperatorFactory,
  index: number,
  kubeConfig: KubeConfigLike,
): Promise<Operator> {
  const made: unknown = make(kubeConfig);
  await checkMade(`what run[${index}] returns`, made, operator);
  const { busy } = made as Operator;
  if (busy !== undefined) checkValue(action, `busy of what run[${index}] returns`, busy, rules.function);
  return made as Operator;
}

/** Starts the operator `run[index]`. @throws {TypeError} when its `run` gives no promise: nobody could tell when it ends. */
export function runOperator(operator: Operator, index: number, signal: AbortSignal): Promise<void> {
  const running: unknown = operator.run(signal);
  checkValue(action, `what run() of run[${index}] returns`, running, promise);
  return running as Promise<void>;
}

/** @throws {TypeError} when it is something else; of a promise, which nobody else looks at, it says why it rejected if it did so at once. */
async function checkMade(field: string, made: unknown, rule: ValueRule): Promise<void> {
  try {
    checkValue(action, field, made, rule);
  } catch (error) {
    const rejection = promise.problem(made) === undefined ? await rejectionOf(made as PromiseLike<unknown>) : undefined;
    if (rejection === undefined || !(error instanceof Error)) throw error;
    const { reason } = rejection;
    const why = reason instanceof Error ? reason.message : String(reason);
    throw new TypeError(`${error.message} that rejected: ${why}`, { cause: reason });
  }
}

/** How `given` rejected; undefined when it has not by the next turn. It may do so later: nobody has to handle that. */
async function rejectionOf(given: PromiseLike<unknown>): Promise<{ readonly reason: unknown } | undefined> {
  const rejected = Promise.resolve(given).then(
    () => undefined,
    (reason: unknown) => ({ reason }),
  );
  return Promise.race([rejected, systemClock.turn().then(() => undefined)]);
}

function controlPlaneOf(env: NodeJS.ProcessEnv): ControlPlaneKind {
  const named = env.BOWLINE_CONTROL_PLANE;
  if (named === undefined) return env.USE_EXISTING_CLUSTER === 'true' ? 'existing' : 'embedded';
  checkValue(action, 'BOWLINE_CONTROL_PLANE', named, controlPlane);
  return named as ControlPlaneKind;
}

function isNamed(metadata: unknown): boolean {
  return isObject(metadata) && rules.nonEmptyString.problem(Reflect.get(metadata, 'name')) === undefined;
}

function hasManifest(value: object): boolean {
  return typeof Reflect.get(value, 'manifest') === 'function';
}
