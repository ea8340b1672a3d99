import { ConfigMap } from '@bowline/api/core/v1';
import { formatKey, type KubernetesObject, type Random } from '@bowline/apimachinery';
import { FakeClock, RecordingLogger } from '@bowline/apimachinery/testing';
import { type Client, createClient, type KubeConfigData } from '@bowline/client';
import { type Env, type EnvOptions, startEnv } from '@bowline/envtest';
import { FaultyTransport } from './faulty-transport.ts';

/** An embedded server on virtual time, and a second way to it on which things go wrong. */
export interface World extends AsyncDisposable {
  readonly env: Env;
  readonly clock: FakeClock;
  readonly transport: FaultyTransport;
  /** A configuration that goes through the faulty transport. */
  readonly kubeConfig: KubeConfigData;
  /** A client that goes through the faulty transport. */
  readonly client: Client;
  readonly logger: RecordingLogger;
  /** Ports for informers. */
  readonly ports: { readonly clock: FakeClock; readonly random: Random; readonly logger: RecordingLogger };
}

export async function startWorld(options: EnvOptions = {}): Promise<World> {
  const env = await startEnv(options);
  const { clock, kubeConfig } = env;
  if (!(clock instanceof FakeClock)) throw new Error('Cannot start world: the clock must be virtual, got a real one');
  if (!('cluster' in kubeConfig) || kubeConfig.ports?.transport === undefined || kubeConfig.ports.random === undefined)
    throw new Error('Cannot start world: the server must be embedded, got another one');
  const transport = new FaultyTransport(kubeConfig.ports.transport);
  const logger = new RecordingLogger();
  const faulty: KubeConfigData = { ...kubeConfig, ports: { ...kubeConfig.ports, transport, logger } };
  return {
    env,
    clock,
    transport,
    logger,
    kubeConfig: faulty,
    client: createClient(faulty),
    ports: { clock, random: kubeConfig.ports.random, logger },
    [Symbol.asyncDispose]: () => env[Symbol.asyncDispose](),
  };
}

/** Without managed fields, which caches do not keep. */
export const byKey = (objects: Iterable<KubernetesObject>): Record<string, unknown> =>
  Object.fromEntries(
    [...objects].map(({ metadata: { managedFields: _, ...metadata }, ...object }) => [
      formatKey(metadata),
      { ...object, metadata },
    ]),
  );

/** Writes, in the default namespace, past the faulty transport. */
export async function put(env: Env, name: string, value: string): Promise<void> {
  const key = { namespace: 'default', name };
  const present = await env.client.get(ConfigMap, key);
  if (present === undefined) await env.client.create(ConfigMap, { metadata: key, data: { value } });
  else await env.client.update(ConfigMap, { ...present, data: { value } });
}
