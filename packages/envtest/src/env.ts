import { type Clock, type Random, systemClock, systemRandom } from '@bowline/apimachinery';
import { FakeClock, seededRandom } from '@bowline/apimachinery/testing';
import { ApiServer } from '@bowline/apiserver';
import { type Client, createClient, type KubeConfigLike, loadKubeConfig } from '@bowline/client';
import { establish } from './crds.ts';
import { EnvError } from './errors.ts';
import {
  type EnvOptions,
  makeOperator,
  manifestsOf,
  type Operator,
  type ResolvedEnvOptions,
  resolveEnvOptions,
  runOperator,
} from './options.ts';
import { startRealControlPlane } from './real-control-plane.ts';
import { RunawayGuard } from './runaway.ts';
import { realTime, type SettleOptions, type TimeKeeper, virtualTime } from './time.ts';

/** A control plane with the operators of a test. Disposing it stops the operators, then the control plane. */
export interface Env extends AsyncDisposable {
  readonly client: Client;
  /** For whatever else takes a configuration. */
  readonly kubeConfig: KubeConfigLike;
  /** The clock of everything in the environment. */
  readonly clock: Clock;
  /** The embedded server; undefined with the other control planes. */
  readonly server: ApiServer | undefined;
  /**
   * Resolves once nobody has work to do. On the embedded server no real time passes.
   *
   * @throws {EnvError} `ENVTEST_NOT_SETTLED`, which names who is still busy; `ENVTEST_OPERATOR_FAILED` when an operator has ended.
   */
  settled(options?: SettleOptions): Promise<void>;
  /** Lets `ms` milliseconds pass: virtual ones on the embedded server, real ones elsewhere. */
  advance(ms: number): Promise<void>;
}

/** The server that a test talks to, however it is made. */
interface ControlPlane extends AsyncDisposable {
  readonly kubeConfig: KubeConfigLike;
  readonly server: ApiServer | undefined;
  readonly guard?: RunawayGuard | undefined;
}

/**
 * Gives a test a control plane, its CRDs and its operators.
 *
 * @throws {EnvError} `ENVTEST_ASSETS_MISSING`, `ENVTEST_START_FAILED`, `ENVTEST_CRD_NOT_ESTABLISHED`
 * @throws {TypeError} {RangeError} for options that no environment can have.
 */
export async function startEnv(options: EnvOptions = {}): Promise<Env> {
  const resolved = resolveEnvOptions(options);
  const definitions = await manifestsOf(resolved.crds);
  const virtual = resolved.clock === 'virtual' ? new FakeClock(resolved.startMs) : undefined;
  const clock = virtual ?? systemClock;
  const controlPlane = await startControlPlane(
    resolved,
    options,
    clock,
    virtual ? seededRandom(resolved.seed) : systemRandom,
  );
  const operators: RunningOperator[] = [];
  const drive = <T>(work: Promise<T>): Promise<T> => (virtual ? driven(virtual, work) : work);
  const busy = (): readonly string[] => [
    ...operators.flatMap((each) => each.busy()),
    ...(controlPlane.server?.busy() ?? []),
  ];
  const time: TimeKeeper = virtual ? virtualTime(virtual, busy, controlPlane.guard) : realTime(clock, busy);
  let client: Client | undefined;
  const end = async (): Promise<void> => {
    try {
      await drive(stopAll(operators));
    } finally {
      await client?.close();
      await controlPlane[Symbol.asyncDispose]();
    }
  };
  let ending: Promise<void> | undefined;
  const dispose = (): Promise<void> => {
    ending ??= end();
    return ending;
  };
  try {
    client = createClient(controlPlane.kubeConfig);
    await drive(establish(client, clock, definitions));
    for (const [index, make] of resolved.run.entries()) {
      operators.push(new RunningOperator(await makeOperator(make, index, controlPlane.kubeConfig), index));
    }
    return {
      client,
      kubeConfig: controlPlane.kubeConfig,
      clock,
      server: controlPlane.server,
      settled: (settle) => time.settled(settle),
      advance: (ms) => time.advance(ms),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function startControlPlane(
  resolved: ResolvedEnvOptions,
  options: EnvOptions,
  clock: Clock,
  random: Random,
): Promise<ControlPlane> {
  const { logger } = resolved;
  switch (resolved.controlPlane) {
    case 'embedded': {
      const { controllers } = resolved;
      const server = new ApiServer(
        { clock, random, logger },
        { controllers: { garbageCollection: controllers, namespaces: controllers, workloads: controllers } },
      );
      await server.start();
      const handled = { request: server.handle.bind(server) };
      const guard = resolved.clock === 'virtual' ? new RunawayGuard(handled, clock) : undefined;
      const transport = guard ? { request: guard.request.bind(guard) } : handled;
      const kubeConfig: KubeConfigLike = {
        cluster: { server: 'http://embedded.invalid' },
        namespace: 'default',
        ports: { transport, clock, random, logger },
      };
      return { kubeConfig, server, guard, [Symbol.asyncDispose]: () => server.close() };
    }
    case 'binaries': {
      const real = await startRealControlPlane(clock, {
        assets: options.assets,
        controllers: resolved.controllers,
        logger,
      });
      const kubeConfig = await loadKubeConfig({ path: real.kubeconfigPath, ports: { logger } });
      return { kubeConfig, server: undefined, [Symbol.asyncDispose]: () => real[Symbol.asyncDispose]() };
    }
    case 'existing': {
      const kubeConfig = await loadKubeConfig({
        path: options.kubeconfigPath,
        context: options.context,
        ports: { logger },
      });
      return { kubeConfig, server: undefined, [Symbol.asyncDispose]: async () => {} };
    }
  }
}

/** An operator that has been started. */
class RunningOperator {
  readonly #operator: Operator;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #outcome: { readonly error: unknown } | undefined;
  /** Whether `busy` has said how it ended. */
  #isTold = false;

  constructor(operator: Operator, index: number) {
    this.#operator = operator;
    this.#ended = runOperator(operator, index, this.#stop.signal).then(
      () => {
        this.#outcome = { error: undefined };
      },
      (error: unknown) => {
        this.#outcome = { error };
      },
    );
  }

  busy(): readonly string[] {
    if (this.#outcome !== undefined) {
      this.#isTold = true;
      const { error } = this.#outcome;
      const reason = error === undefined ? 'its run ended' : error instanceof Error ? error.message : String(error);
      throw new EnvError('ENVTEST_OPERATOR_FAILED', `An operator stopped before the test did: ${reason}`, error);
    }
    return this.#operator.busy?.() ?? [];
  }

  /** Ends the operator; a failure that `busy` has not told comes out here. */
  async stop(): Promise<void> {
    const when = this.#outcome ? 'before the test ended' : 'while it stopped';
    this.#stop.abort();
    await this.#ended;
    const error = this.#outcome?.error;
    if (this.#isTold || error === undefined) return;
    const reason = error instanceof Error ? error.message : String(error);
    throw new EnvError('ENVTEST_OPERATOR_FAILED', `An operator failed ${when}: ${reason}`, error);
  }
}

/** One after the other, the last one first; all of them, also when some fail. */
async function stopAll(operators: readonly RunningOperator[]): Promise<void> {
  const failures: unknown[] = [];
  for (const operator of operators.toReversed()) {
    await operator.stop().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 1) {
    const told = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join('; ');
    throw new EnvError('ENVTEST_OPERATOR_FAILED', told, new AggregateError(failures, told));
  }
  if (failures.length > 0) throw failures[0];
}

/** Waits for `work` while virtual time moves as far as the work needs it. */
async function driven<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  let done = false;
  const watched = work.finally(() => {
    done = true;
  });
  watched.catch(() => {}); // handed out below; this keeps a rejection from counting as unhandled while time is moved
  await clock.settle();
  while (!done) {
    const next = clock.nextDeadline();
    if (next === undefined) break;
    await clock.advance(Math.max(0, next - clock.monotonic()));
  }
  return watched;
}
