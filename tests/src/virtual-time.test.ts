import { createHash } from 'node:crypto';
import { Deployment } from '@bowline/api/apps/v1';
import { ConfigMap, Pod } from '@bowline/api/core/v1';
import { isNotFound, type Random, type Transport } from '@bowline/apimachinery';
import { seededRandom } from '@bowline/apimachinery/testing';
import type { KubeConfigData, KubeConfigLike } from '@bowline/client';
import { Manager } from '@bowline/controller-runtime';
import { defineCrd, s } from '@bowline/crd';
import { type Env, type Operator, startEnv } from '@bowline/envtest';
import { expect, test } from 'vitest';

const Site = defineCrd({
  group: 'tests.example.com',
  version: 'v1',
  kind: 'Site',
  spec: s.object({ replicas: s.integer({ minimum: 0 }).default(1) }),
  status: s.object({ readyReplicas: s.integer().optional() }),
});

/** Everything that passes between an operator and the server, with its time. */
class Trace {
  readonly #hash = createHash('sha256');
  events = 0;

  add(line: string): void {
    this.#hash.update(`${line}\n`);
  }

  digest(): string {
    return this.#hash.digest('hex');
  }

  /** A transport that writes down what passes. */
  over({ request }: Transport, now: () => number): Transport {
    const decoder = new TextDecoder();
    const recorded = async function* (this: Trace, path: string, body: AsyncIterable<Uint8Array>) {
      const isWatch = /[?&]watch=(true|1)/.test(path);
      for await (const chunk of body) {
        const text = decoder.decode(chunk);
        if (isWatch) this.events += text.split('\n').length - 1;
        this.add(`${now()} < ${text}`);
        yield chunk;
      }
    }.bind(this);
    return {
      request: async (call) => {
        this.add(`${now()} ${call.method} ${call.path} ${call.body ? decoder.decode(call.body) : ''}`);
        const response = await request(call);
        this.add(`${now()} ${response.status} ${call.path}`);
        return { ...response, body: recorded(call.path, response.body) };
      },
    };
  }
}

/** Keeps a Deployment for each Site, and looks at each Pod and ConfigMap. */
function siteOperator(kubeConfig: KubeConfigLike, trace: Trace): Operator {
  const manager = new Manager({ kubeConfig });
  manager
    .controller(Site)
    .owns(Deployment)
    .withOptions({ maxConcurrentReconciles: 2 })
    .reconcile(async ({ key, client, causeCount }) => {
      trace.add(`${manager.clock.monotonic()} reconcile ${key.namespace}/${key.name} for ${causeCount}`);
      const site = await client.get(Site, key);
      if (!site) return;
      if (manager.random.next() < 0.02) throw new Error('the world outside does not answer');
      const labels = { site: site.metadata.name };
      const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'nginx' }] } };
      const deployment = await client.apply(
        Deployment,
        { metadata: key, spec: { replicas: site.spec.replicas, selector: { matchLabels: labels }, template } },
        { controller: site },
      );
      const readyReplicas = deployment.status?.readyReplicas ?? 0;
      if (readyReplicas !== site.status?.readyReplicas) await client.applyStatus(Site, key, { readyReplicas });
    });
  manager.controller(Pod).reconcile(async ({ key, client }) => {
    const pod = await client.get(Pod, key);
    trace.add(`${manager.clock.monotonic()} pod ${key.name} ${pod?.status?.phase ?? 'gone'}`);
  });
  manager.controller(ConfigMap).reconcile(async ({ key, client }) => {
    const found = await client.get(ConfigMap, key);
    trace.add(`${manager.clock.monotonic()} config ${key.name} ${found?.data?.at ?? 'gone'}`);
    return manager.random.next() < 0.1 ? { requeueAfterMs: 5_000 } : undefined;
  });
  return manager;
}

/** People at work: they create, change and delete ConfigMaps and now and then Sites, and meddle with Deployments. */
async function people(env: Env, random: Random, untilMs: number): Promise<void> {
  while (env.clock.monotonic() < untilMs) {
    await (random.next() < 0.02 ? changeSite(env, random) : changeConfig(env, random));
    await env.advance(random.next() * 2_200);
  }
}

async function changeConfig({ client, clock }: Env, random: Random): Promise<void> {
  const key = { namespace: 'default', name: `config-${Math.floor(random.next() * 50)}` };
  const data = { at: String(clock.monotonic()) };
  try {
    if (random.next() < 0.1) await client.delete(ConfigMap, key);
    else await client.patch(ConfigMap, key, { type: 'merge', body: { data } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await client.create(ConfigMap, { metadata: key, data });
  }
}

async function changeSite({ client }: Env, random: Random): Promise<void> {
  const key = { namespace: 'default', name: `site-${Math.floor(random.next() * 6)}` };
  const replicas = Math.floor(random.next() * 4);
  const what = random.next();
  try {
    if ((await client.get(Site, key)) === undefined) await client.create(Site, { metadata: key, spec: { replicas } });
    else if (what < 0.55) await client.patch(Site, key, { type: 'merge', body: { spec: { replicas } } });
    else if (what < 0.85) await client.patchScale(Deployment, key, { type: 'merge', body: { spec: { replicas } } });
    else await client.delete(Site, key);
  } catch (error) {
    if (!isNotFound(error)) throw error; // the Deployment is not there yet, or not any more
  }
}

interface Outcome {
  readonly hash: string;
  readonly events: number;
  readonly virtualMs: number;
}

async function run(seed: number, untilMs: number): Promise<Outcome> {
  const trace = new Trace();
  const operator = (kubeConfig: KubeConfigLike): Operator => {
    const { ports, ...rest } = kubeConfig as KubeConfigData;
    if (ports?.transport === undefined || ports.clock === undefined) throw new Error('The server must be embedded');
    const { clock } = ports;
    return siteOperator(
      { ...rest, ports: { ...ports, transport: trace.over(ports.transport, () => clock.monotonic()) } },
      trace,
    );
  };
  await using env = await startEnv({ crds: [Site], run: [operator], seed });
  await env.settled();
  await people(env, seededRandom(seed), untilMs);
  await env.settled();
  for (const site of (await env.client.list(Site)).items) {
    const key = { namespace: 'default', name: site.metadata.name };
    const deployment = await env.client.get(Deployment, key);
    expect(deployment?.spec?.replicas).toBe(site.spec.replicas);
    expect(site.status?.readyReplicas ?? 0).toBe(site.spec.replicas);
  }
  return { hash: trace.digest(), events: trace.events, virtualMs: env.clock.monotonic() };
}

test('Manager, server and clock run 10,000 virtual seconds and 10,000 events twice in the same way, and otherwise with another seed', async () => {
  const first = await run(1, 10_000_000);
  expect(first.virtualMs).toBeGreaterThanOrEqual(10_000_000);
  expect(first.events).toBeGreaterThanOrEqual(10_000);
  expect(await run(1, 10_000_000)).toEqual(first);
  expect((await run(2, 500_000)).hash).not.toBe((await run(1, 500_000)).hash);
}, 300_000);
