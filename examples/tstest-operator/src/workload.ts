import { Deployment } from '@bowline/api/apps/v1';
import { Namespace } from '@bowline/api/core/v1';
import type { Client } from '@bowline/client';
import pLimit from 'p-limit';
import { TsTest } from './tstest.ts';

/** What the demo wants to see in the end: replicas by `namespace/name` of the TsTest. */
export type Expected = Map<string, number>;

const namespaces: readonly string[] = ['north', 'east', 'south', 'west', 'centre'].map((name) => `demo-${name}`);
const perNamespace = 10;

/** Requests that are under way at the same time. */
const limit = pLimit(8);
const all = <T>(items: readonly T[], act: (item: T) => Promise<unknown>): Promise<unknown> =>
  Promise.all(items.map((item) => limit(() => act(item))));
const split = (key: string): { namespace: string; name: string } => {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
};

/** 50 objects in 5 namespaces. */
export async function createObjects(client: Client, expected: Expected): Promise<number> {
  await all(namespaces, (name) => client.create(Namespace, { metadata: { name } }));
  const keys = namespaces.flatMap((namespace) =>
    Array.from({ length: perNamespace }, (_, index) => `${namespace}/test-${index}`),
  );
  await all(keys, async (key) => {
    const { namespace, name } = split(key);
    const replicas = (keys.indexOf(key) % 3) + 1;
    await client.create(TsTest, { metadata: { namespace, name }, spec: { deploymentName: `web-${name}`, replicas } });
    expected.set(key, replicas);
  });
  return keys.length;
}

/** Every third one wants another number of replicas. */
export async function changeObjects(client: Client, expected: Expected): Promise<number> {
  const keys = [...expected.keys()].filter((_, index) => index % 3 === 0);
  await all(keys, async (key) => {
    const replicas = (expected.get(key) ?? 0) + 2;
    await client.patch(TsTest, split(key), { type: 'merge', body: { spec: { replicas } } });
    expected.set(key, replicas);
  });
  return keys.length;
}

/** Every fifth one goes. */
export async function deleteObjects(client: Client, expected: Expected): Promise<number> {
  const keys = [...expected.keys()].filter((_, index) => index % 5 === 0);
  await all(keys, async (key) => {
    await client.delete(TsTest, split(key));
    expected.delete(key);
  });
  return keys.length;
}

/** Somebody scales Deployments behind the operator's back. */
export async function meddle(client: Client, expected: Expected): Promise<number> {
  const keys = [...expected.keys()].filter((_, index) => index % 4 === 0);
  await all(keys, (key) => {
    const { namespace, name } = split(key);
    return client.patchScale(
      Deployment,
      { namespace, name: `web-${name}` },
      { type: 'merge', body: { spec: { replicas: 9 } } },
    );
  });
  return keys.length;
}

/** What is not yet as expected, one line each. */
export async function differing(client: Client, expected: Expected): Promise<string[]> {
  const [tests, deployments] = await Promise.all([client.list(TsTest), client.list(Deployment)]);
  const lines = tests.items
    .filter(({ metadata }) => !expected.has(`${metadata.namespace}/${metadata.name}`))
    .map(({ metadata }) => `TsTest ${metadata.namespace}/${metadata.name} is still there`);
  for (const { metadata } of deployments.items) {
    const key = `${metadata.namespace}/${metadata.labels?.['stable.example.com/tstest']}`;
    if (metadata.namespace?.startsWith('demo-') && !expected.has(key))
      lines.push(`Deployment ${metadata.namespace}/${metadata.name} is still there`);
  }
  for (const [key, replicas] of expected) {
    const { namespace, name } = split(key);
    const test = tests.items.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    const deployment = deployments.items.find(
      ({ metadata }) => metadata.namespace === namespace && metadata.name === `web-${name}`,
    );
    const ready = deployment?.status?.readyReplicas ?? 0;
    const told = test?.status?.readyReplicas ?? 0;
    if (deployment?.spec?.replicas !== replicas || ready !== replicas || told !== replicas) {
      lines.push(
        `${key} wants ${replicas}: its Deployment asks for ${deployment?.spec?.replicas ?? 'nothing'}, ${ready} are ready, its status says ${told}`,
      );
    }
  }
  return lines;
}
